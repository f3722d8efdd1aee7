/// Writes a tree as canonical ADQL: keywords in capitals, single blanks, parentheses only where they decide something.
///
/// Reading the text gives an equal tree, if the tree is one that a text can give.
struct Writer {
    private(set) var text = ""

    mutating func write(_ piece: String) { text += piece }

    mutating func write(_ name: Name) {
        guard name.delimited else { return write(name.text) }
        write(quoted(name.text, by: "\""))
    }

    mutating func write(_ name: QualifiedName) {
        list(name.parts, separator: ".") { $0.write($1) }
    }

    mutating func list<Element>(_ elements: [Element], separator: String = ", ", _ element: (inout Writer, Element) -> Void) {
        for (index, each) in elements.enumerated() {
            if index > 0 { write(separator) }
            element(&self, each)
        }
    }

    mutating func parenthesized(if needed: Bool = true, _ content: (inout Writer) -> Void) {
        if needed { write("(") }
        content(&self)
        if needed { write(")") }
    }

    /// Between quotes, inner ones doubled.
    func quoted(_ text: String, by quote: Character) -> String {
        guard text.contains(quote) else { return "\(quote)\(text)\(quote)" }
        return "\(quote)" + text.split(separator: quote, omittingEmptySubsequences: false).joined(separator: "\(quote)\(quote)")
            + "\(quote)"
    }
}

extension Query {
    /// The query as canonical ADQL, which ``parse(_:limits:)`` reads as an equal tree.
    ///
    /// `select  a-(b-c) from t where((x)>1)` becomes `SELECT a - (b - c) FROM t WHERE x > 1`.
    package var adql: String {
        var writer = Writer()
        writer.write(self)
        return writer.text
    }
}

extension ValueExpression {
    /// The value as canonical ADQL.
    package var adql: String {
        var writer = Writer()
        writer.write(self)
        return writer.text
    }
}

extension SearchCondition {
    /// The condition as canonical ADQL.
    package var adql: String {
        var writer = Writer()
        writer.write(self)
        return writer.text
    }
}

extension QualifiedName {
    /// The name as canonical ADQL: `gaia."Mixed Case"`.
    package var adql: String {
        var writer = Writer()
        writer.write(self)
        return writer.text
    }
}
