/// Where rows come from: one entry of FROM, or one side of a join.
package indirect enum TableReference: Hashable, Sendable {
    /// `gaia.completesource AS g`
    case table(NamedTable)
    /// `(SELECT …) AS bright`
    case derived(DerivedTable)
    /// `a JOIN b ON … LEFT JOIN c USING (id)`
    case joined(JoinedTable)

    package var span: TextSpan {
        switch self {
        case .table(let table): table.span
        case .derived(let table): table.span
        case .joined(let table): table.span
        }
    }
}

/// `gaia.completesource`, `gaia.completesource AS g`: a published table, an upload, or a common table of WITH.
package struct NamedTable: Hashable, Sendable {
    package var name: QualifiedName
    /// Replaces the table's own name in the whole selection.
    package var alias: Name?
    package var span: TextSpan

    package init(name: QualifiedName, alias: Name? = nil, span: TextSpan = .none) {
        self.name = name
        self.alias = alias
        self.span = span
    }
}

/// `(SELECT …) AS bright`; the alias is not optional.
package struct DerivedTable: Hashable, Sendable {
    package var query: Query
    package var alias: Name
    package var span: TextSpan

    package init(query: Query, alias: Name, span: TextSpan = .none) {
        self.query = query
        self.alias = alias
        self.span = span
    }
}

/// Tables joined from left to right: `a JOIN b ON … JOIN c ON …` has first `a` and two joins.
///
/// The condition of a join sees the tables of everything to its left, and its own. A right side that is itself joined stood in
/// parentheses, or before its own condition (`a JOIN b JOIN c ON … ON …`).
package struct JoinedTable: Hashable, Sendable {
    package var first: TableReference
    /// At least one.
    package var joins: [Join]
    package var span: TextSpan

    package init(first: TableReference, joins: [Join], span: TextSpan = .none) {
        self.first = first
        self.joins = joins
        self.span = span
    }
}

/// `LEFT OUTER JOIN b ON …`: what one join adds to the tables on its left.
package struct Join: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `JOIN`, `INNER JOIN`
        case inner
        /// `LEFT JOIN`, `LEFT OUTER JOIN`
        case left
        case right
        case full
        /// `CROSS JOIN`, an extension: what a comma in FROM does.
        case cross
    }

    package enum Specification: Hashable, Sendable {
        /// `ON a.id = b.id`
        case on(SearchCondition)
        /// `USING (id, epoch)`
        case using([Name])
        /// `NATURAL JOIN`: all columns of the same name.
        case natural
        /// Only of a cross join.
        case none
    }

    package var kind: Kind
    package var table: TableReference
    package var specification: Specification
    /// From NATURAL, LEFT or JOIN to the end of the condition.
    package var span: TextSpan

    package init(_ kind: Kind, _ table: TableReference, _ specification: Specification, span: TextSpan = .none) {
        self.kind = kind
        self.table = table
        self.specification = specification
        self.span = span
    }
}
