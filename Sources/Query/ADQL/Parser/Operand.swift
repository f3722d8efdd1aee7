/// What a piece of text turned out to be, where the grammar allows more than one kind.
enum Operand {
    case value(ValueExpression)
    case condition(SearchCondition)
    /// A query in parentheses: a scalar subquery, unless something else is made of it.
    case query(Query)
}
