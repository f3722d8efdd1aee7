package import ADQL
package import TableModel

/// Whatever gives rows: the whole query, or one in parentheses.
package struct ResolvedSubquery: Hashable, Sendable {
    package indirect enum Source: Hashable, Sendable {
        /// `SELECT … FROM …`
        case selection(ResolvedSelection)
        /// `… UNION … EXCEPT …`, applied from left to right.
        case operation(first: Source, [SetStep])
        /// `(SELECT …)`: what is sorted or cut inside stays inside.
        case nested(ResolvedSubquery)
    }

    /// `UNION ALL …`
    package struct SetStep: Hashable, Sendable {
        package var `operator`: SetOperation.Operator
        package var all: Bool
        package var operand: Source
    }

    /// One term of ORDER BY.
    package struct SortItem: Hashable, Sendable {
        package enum Key: Hashable, Sendable {
            /// An output column, counted from 0.
            case output(Int)
            case expression(ResolvedExpression)
        }

        package var key: Key
        package var descending: Bool
    }

    package var source: Source
    /// The output columns: names, types and what else is known.
    package var columns: [Column]
    package var order: [SortItem]
    package var offset: Int?
    /// TOP of a single selection, LIMIT, or the smaller of both; counts after `offset`.
    package var limit: Int?
}

/// `SELECT … FROM … WHERE … GROUP BY … HAVING …` with its names resolved and `*` written out.
package struct ResolvedSelection: Hashable, Sendable {
    package var distinct: Bool
    /// TOP, where the selection is an operand of a set operation; that of a selection alone is the subquery's limit.
    package var top: Int?
    package var items: [ResolvedExpression]
    package var from: [ResolvedRelation]
    package var condition: ResolvedCondition?
    package var groups: [ResolvedExpression]
    package var having: ResolvedCondition?
}

/// An entry of FROM.
package indirect enum ResolvedRelation: Hashable, Sendable {
    /// `gaia.completesource AS g`; the number is the entry's own, see ``ColumnReference/source``.
    case table(Table, source: Int)
    /// A common table, by its place in ``ResolvedQuery/commonTables``.
    case common(Int, source: Int)
    /// `(SELECT …) AS bright`
    case derived(ResolvedSubquery, source: Int)
    /// `a JOIN b ON … LEFT JOIN c USING (id)`, applied from left to right.
    case joined(ResolvedRelation, [ResolvedJoin])
}

extension ResolvedRelation {
    /// The numbers of all entries in it.
    package var sources: [Int] {
        switch self {
        case .table(_, let source), .common(_, let source), .derived(_, let source): [source]
        case .joined(let first, let joins): first.sources + joins.flatMap(\.relation.sources)
        }
    }
}

/// `LEFT JOIN b ON …`; USING and NATURAL have become a condition, which only a cross join lacks.
package struct ResolvedJoin: Hashable, Sendable {
    package var kind: Join.Kind
    package var relation: ResolvedRelation
    package var condition: ResolvedCondition?
}

extension ResolvedSubquery.Source {
    /// Whether rows are compared with each other, for which PostgreSQL knows no way with pgSphere's types.
    ///
    /// Shapes then travel as arrays of numbers.
    package var packsShapes: Bool {
        switch self {
        case .selection(let selection): selection.distinct
        case .operation(let first, let steps):
            first.packsShapes || steps.contains { $0.operator != .union || !$0.all || $0.operand.packsShapes }
        case .nested(let subquery): subquery.source.packsShapes
        }
    }
}
