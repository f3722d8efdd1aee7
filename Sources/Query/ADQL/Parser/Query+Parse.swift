extension Query {
    /// Reads a query in ADQL 2.1, 2.0 being a part of it.
    ///
    /// Takes time and memory in proportion to the text. Beyond the standard it accepts CASE, scalar subqueries, CROSS JOIN, `LIMIT n`
    /// (see ``Query/limit``), `a % b` for MOD(a, b), `*` beside other items, IN with one value, IS NULL of any value, and one semicolon
    /// at the end. Names, types and which functions exist are not its business.
    /// - Throws: the first error in the order of the text; ``ADQLError/further`` has those that do not follow from it.
    package static func parse(
        _ text: String, as version: ADQLVersion = .adql21, limits: ParserLimits = ParserLimits()
    ) throws(ADQLError) -> Query {
        guard text.utf8.count <= limits.length else { throw .textTooLong(text.utf8.count, limit: limits.length) }
        if let zero = text.utf8.firstIndex(of: 0) {
            let offset = text.utf8.distance(from: text.startIndex, to: zero)
            throw .unexpectedCharacter("\0", at: TextSpan(offset, offset + 1), in: text)
        }
        var parser = Parser(text, version: version, limits: limits)
        let query: Query
        do throws(ADQLError) { query = try parser.wholeQuery() } catch { throw error.after(parser.errors) }
        guard let first = parser.errors.first else { return query }
        throw first.after(Array(parser.errors.dropFirst()))
    }
}
