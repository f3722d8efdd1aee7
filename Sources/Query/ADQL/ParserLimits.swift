/// How large a query's text and how deep its nesting may be.
package struct ParserLimits: Hashable, Sendable {
    /// Bytes of text.
    package var length: Int
    /// Levels of parentheses, functions, subqueries, CASE, NOT and signs inside each other.
    package var depth: Int

    package init(length: Int = 4 << 20, depth: Int = 100) {
        self.length = length
        self.depth = depth
    }
}
