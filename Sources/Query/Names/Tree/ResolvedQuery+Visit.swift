extension ResolvedQuery {
    /// Goes through every value of the query, common tables first, from the outside in.
    ///
    /// A value that stands in the text once may come twice: what GROUP BY or ORDER BY names is a value of its own here.
    package func visitValues(_ body: (ResolvedExpression) -> Void) {
        for subquery in commonTables + [root] {
            subquery.visit { value, _ in
                body(value)
                return true
            }
        }
    }
}
