/// An unsigned number as it was written: `12`, `12.`, `.5`, `1e3` (ADQL 2.1 §2.1.8).
package struct NumericLiteral: Hashable, Sendable {
    /// What kind of number the way of writing makes it.
    package enum Kind: Hashable, Sendable {
        /// `12`: digits alone.
        case integer
        /// `12.`, `.5`: with a point.
        case decimal
        /// `1e3`: with an exponent.
        case approximate
    }

    package var text: String
    package var span: TextSpan

    package init(_ text: String, span: TextSpan = .none) {
        self.text = text
        self.span = span
    }

    package var kind: Kind {
        var kind = Kind.integer
        for byte in text.utf8 {
            if byte | 0x20 == UInt8(ascii: "e") { return .approximate }
            if byte == UInt8(ascii: ".") { kind = .decimal }
        }
        return kind
    }
}

/// `'O''Neill'`: the text has the quotes removed and doubled ones made single. The empty string is not NULL.
package struct StringLiteral: Hashable, Sendable {
    package var text: String
    package var span: TextSpan

    package init(_ text: String, span: TextSpan = .none) {
        self.text = text
        self.span = span
    }
}
