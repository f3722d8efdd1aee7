/// An identifier as the query has it (ADQL 2.1 §2.1.5, §2.1.6).
package struct Name: Hashable, Sendable {
    /// Without quotes; doubled inner quotes are single here.
    package var text: String
    /// Written in double quotes.
    package var delimited: Bool
    package var span: TextSpan

    package init(_ text: String, delimited: Bool = false, span: TextSpan = .none) {
        self.text = text
        self.delimited = delimited
        self.span = span
    }

    /// Whether this name means the stored one: a delimited name only exactly, `ra` also `RA`.
    package func matches(_ stored: String) -> Bool {
        if delimited { return text == stored }
        let left = text.utf8
        let right = stored.utf8
        return left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || ($0.isLetter && $0 ^ $1 == 0x20) }
    }

    /// Whether two names of one query mean the same thing: `a` and `A` do, `"a"` and `"A"` do not, `A` and `"a"` do.
    package func matches(_ other: Name) -> Bool {
        delimited && !other.delimited ? other.matches(text) : matches(other.text)
    }
}

extension UInt8 {
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
