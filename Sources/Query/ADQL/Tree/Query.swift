/// A whole query, or one that stands in parentheses inside another (ADQL 2.1 §2.2).
package struct Query: Hashable, Sendable {
    /// `WITH name AS (…), …`; only ever at the start of the whole query.
    package var with: [CommonTable]
    package var body: SetExpression
    package var orderBy: [SortItem]
    package var offset: Offset?
    /// Not in ADQL; users type it. A result should carry a warning when this is set.
    package var limit: Limit?
    package var span: TextSpan

    package init(
        with: [CommonTable] = [], body: SetExpression, orderBy: [SortItem] = [], offset: Offset? = nil, limit: Limit? = nil,
        span: TextSpan = .none
    ) {
        self.with = with
        self.body = body
        self.orderBy = orderBy
        self.offset = offset
        self.limit = limit
        self.span = span
    }
}

/// `name AS (SELECT …)` after WITH (ADQL 2.1 §4.5). Later ones may use earlier ones.
package struct CommonTable: Hashable, Sendable {
    package var name: Name
    package var query: Query
    package var span: TextSpan

    package init(name: Name, query: Query, span: TextSpan = .none) {
        self.name = name
        self.query = query
        self.span = span
    }
}

/// `OFFSET 10`: how many rows to leave out (ADQL 2.1 §4.10).
package struct Offset: Hashable, Sendable {
    package var count: Int
    package var span: TextSpan

    package init(_ count: Int, span: TextSpan = .none) {
        self.count = count
        self.span = span
    }
}

/// `LIMIT 10` at the end of a query, an extension: as TOP, but after ORDER BY and OFFSET are written.
package struct Limit: Hashable, Sendable {
    package var count: Int
    package var span: TextSpan

    package init(_ count: Int, span: TextSpan = .none) {
        self.count = count
        self.span = span
    }
}

/// One term of ORDER BY: `2`, `ra DESC`, `a + b ASC`.
package struct SortItem: Hashable, Sendable {
    package enum Key: Hashable, Sendable {
        /// `ORDER BY 2`: an output column, counted from 1.
        case position(Int, TextSpan)
        /// `ORDER BY ra`, `ORDER BY DISTANCE(…)`: may be an output column's name.
        case expression(ValueExpression)
    }

    package var key: Key
    package var descending: Bool
    package var span: TextSpan

    package init(key: Key, descending: Bool = false, span: TextSpan = .none) {
        self.key = key
        self.descending = descending
        self.span = span
    }
}
