/// A statement for PostgreSQL that this room has written.
///
/// There is no way from a String to here, so what a user typed cannot become SQL but through ``SQLWriter``.
package struct SQLText: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    init(_ text: String) {
        self.text = text
    }

    package var description: String { text }

    /// `COPY (…) TO STDOUT (FORMAT binary)` of the statement.
    package var copyingOut: SQLText { SQLText("COPY (\(text)) TO STDOUT (FORMAT binary)") }

    /// `EXPLAIN (FORMAT JSON) …` of the statement: what PostgreSQL expects it to cost.
    package var explaining: SQLText { SQLText("EXPLAIN (FORMAT JSON) \(text)") }

    /// `EXPLAIN …` of the statement: the same in PostgreSQL's own words, a line each.
    package var explainingInWords: SQLText { SQLText("EXPLAIN \(text)") }
}
