/// How large a query's text and how deep its nesting may be.
package struct ParserLimits: Hashable, Sendable {
    /// Bytes of text.
    package var length: Int
    /// Levels of parentheses, functions, CASE, NOT and signs inside each other, those of subqueries among them.
    ///
    /// With the limits as they are, any tree is read, written, compared and released on a stack of 1 MB.
    package var depth: Int
    /// Levels of queries inside each other. A level of these takes several times the stack of another.
    package var subqueries: Int
    /// Names of columns, tables and aliases together; each may have to be looked up among thousands.
    package var names: Int

    package init(length: Int = 4 << 20, depth: Int = 100, subqueries: Int = 32, names: Int = 100_000) {
        self.length = length
        self.depth = depth
        self.subqueries = subqueries
        self.names = names
    }
}
