/// `SELECT … FROM … WHERE … GROUP BY … HAVING …` (ADQL 2.1 §2.2).
package struct Selection: Hashable, Sendable {
    /// `SELECT DISTINCT`; `SELECT ALL` is the same as neither.
    package var distinct: Bool
    package var top: Top?
    package var items: [SelectItem]
    /// What commas separate in FROM; at least one.
    package var from: [TableReference]
    package var `where`: SearchCondition?
    package var groupBy: [ValueExpression]
    package var having: SearchCondition?
    package var span: TextSpan

    package init(
        distinct: Bool = false, top: Top? = nil, items: [SelectItem], from: [TableReference], where: SearchCondition? = nil,
        groupBy: [ValueExpression] = [], having: SearchCondition? = nil, span: TextSpan = .none
    ) {
        self.distinct = distinct
        self.top = top
        self.items = items
        self.from = from
        self.where = `where`
        self.groupBy = groupBy
        self.having = having
        self.span = span
    }
}

/// `TOP 10`: how many rows at most, counted after ORDER BY and OFFSET.
package struct Top: Hashable, Sendable {
    package var count: Int
    package var span: TextSpan

    package init(_ count: Int, span: TextSpan = .none) {
        self.count = count
        self.span = span
    }
}

/// One entry between SELECT and FROM.
package enum SelectItem: Hashable, Sendable {
    /// `*`; beside other items an extension.
    case all(TextSpan)
    /// `t.*`, `gaia.completesource.*`
    case allOf(QualifiedName, TextSpan)
    /// `ra`, `a + b AS total`, `a + b total`
    case expression(ValueExpression, alias: Name?)

    package var span: TextSpan {
        switch self {
        case .all(let span), .allOf(_, let span): span
        case .expression(let expression, let alias): alias.map { expression.span.through($0.span) } ?? expression.span
        }
    }
}
