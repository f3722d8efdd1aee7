extension Query {
    /// Reads a query in ADQL 2.1, 2.0 being a part of it.
    ///
    /// Takes time and memory in proportion to the text. Beyond the standard it accepts CASE, scalar subqueries, CROSS JOIN, `LIMIT n`
    /// (see ``Query/limit``), `*` beside other items, IN with one value, IS NULL of any value, and one semicolon at the end.
    /// Names, types and which functions exist are not its business.
    /// - Throws: the first error in the order of the text.
    package static func parse(_ text: String, limits: ParserLimits = ParserLimits()) throws(ADQLError) -> Query {
        guard text.utf8.count <= limits.length else { throw .textTooLong(text.utf8.count, limit: limits.length) }
        if let zero = text.utf8.firstIndex(of: 0) {
            let offset = text.utf8.distance(from: text.startIndex, to: zero)
            throw .unexpectedCharacter("\0", at: TextSpan(offset, offset + 1), in: text)
        }
        var parser = Parser(text, limits: limits)
        return try parser.wholeQuery()
    }
}
