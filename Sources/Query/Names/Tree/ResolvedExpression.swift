package import ADQL
package import TableModel

/// A value whose names are resolved and whose type is known.
///
/// Two expressions are equal when they say the same, wherever they stand in the text; GROUP BY and ORDER BY rely on it.
package struct ResolvedExpression: Hashable, Sendable {
    package indirect enum Node: Hashable, Sendable {
        /// `NULL`, of the type that its place asks for.
        case null
        /// `12`
        case integer(Int64)
        /// `.5`, `1e3`, and integers beyond 64 bits.
        case number(Double)
        /// `'O''Neill'`; with type timestamp, one that has been checked.
        case string(String)
        /// A truth value that a boolean column was compared with: `flag = 1`, `flag = 'true'`.
        case boolean(Bool)
        /// `ra`, `t.ra`
        case column(ColumnReference)
        /// The common column of a FULL JOIN with USING: the left one, or the right one where that is NULL.
        case merged(ResolvedExpression, ResolvedExpression)
        /// `-x`
        case negation(ResolvedExpression)
        /// `a + b - c` or `a * b / c`, applied from left to right.
        case arithmetic(ResolvedExpression, [ArithmeticStep])
        /// `a || b || c`
        case concatenation([ResolvedExpression])
        /// `SQRT(x)`, `POINT(ra, dec)`, `ivo_hasword(a, b)`
        case function(FunctionForm, [ResolvedExpression])
        /// `MAX(x)`; nil for `COUNT(*)`.
        case aggregate(AggregateFunction.Kind, distinct: Bool, ResolvedExpression?)
        /// `CAST(x AS INTEGER)`: to the type of the expression.
        case cast(ResolvedExpression)
        /// `CASE … END`
        case `case`(operand: ResolvedExpression?, [ResolvedBranch], otherwise: ResolvedExpression?)
        /// `(SELECT MAX(ra) FROM t)`
        case subquery(ResolvedSubquery)
        /// `IN_UNIT(x, 'km')`: the value times a factor.
        case scaled(ResolvedExpression, Double)
        /// What could not be resolved; never in a ``ResolvedQuery``.
        case unresolved
    }

    package var node: Node
    package var type: ValueType
    package var metadata: Metadata {
        get { known.metadata }
        set { known = Known(newValue) }
    }
    package var span: TextSpan
    /// All that refers to one column shares what is known of it, which keeps the tree of a long query small.
    private var known: Known

    package init(_ node: Node, _ type: ValueType, _ metadata: Metadata? = nil, span: TextSpan) {
        self.node = node
        self.type = type
        known = metadata.map(Known.init) ?? .nothing
        self.span = span
    }

    package static func == (left: Self, right: Self) -> Bool { left.type == right.type && left.node == right.node }
    package func hash(into hasher: inout Hasher) { hasher.combine(node) }
}

private final class Known: Sendable {
    static let nothing = Known(ResolvedExpression.Metadata())

    let metadata: ResolvedExpression.Metadata

    init(_ metadata: ResolvedExpression.Metadata) {
        self.metadata = metadata
    }
}

extension ResolvedExpression {
    /// What is known of a value beyond its type.
    package struct Metadata: Hashable, Sendable {
        /// VOUnits text; empty for a pure number, nil where it is not known.
        package var unit: String?
        package var ucd: String?
        package var utype: String?
        package var description: String?
        package var principal: Bool
        package var std: Bool
        /// The reference frame that a geometry constructor named; nil is ICRS.
        package var frame: String?
        /// How a column of an upload was declared, and of which type it is: it holds as long as the value has that type.
        package var declared: Declared?

        package struct Declared: Hashable, Sendable {
            package var type: ValueType
            package var votable: VOTableType
        }
        /// The frame comes of a conversion, so that a shape that names none may be taken to be in it.
        var isConverted = false

        package init(unit: String? = nil) {
            self.unit = unit
            principal = false
            std = false
        }

        package init(_ column: Column) {
            unit = column.unit
            ucd = column.ucd
            utype = column.utype
            description = column.description
            principal = column.principal
            std = column.std
            declared = column.declared.map { Declared(type: column.type, votable: $0) }
        }
    }

    /// `+ b`: one step of a chain, and the type of the result so far.
    package struct ArithmeticStep: Hashable, Sendable {
        package enum Operator: String, Hashable, Sendable {
            case plus = "+"
            case minus = "-"
            case times = "*"
            case dividedBy = "/"
        }

        package var `operator`: Operator
        package var operand: ResolvedExpression
        package var type: ValueType
    }
}

/// `WHEN … THEN …`
package struct ResolvedBranch: Hashable, Sendable {
    package enum Test: Hashable, Sendable {
        case condition(ResolvedCondition)
        case value(ResolvedExpression)
    }

    package var when: Test
    package var then: ResolvedExpression
}

/// A column of one entry of a FROM clause.
package struct ColumnReference: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// A column of a published table, by its name in PostgreSQL.
        case stored(String)
        /// An output column of a subquery or common table, counted from 0.
        case output(Int)
    }

    /// Counts the FROM entries of the whole query, from 0: an index into ``ResolvedQuery/sources``.
    package var source: Int
    package var place: Place
    /// The column's published name; for position indexes.
    package var name: String
    /// The subquery hands its shapes out as arrays, because it compares rows (DISTINCT, UNION).
    package var packed: Bool

    package init(source: Int, place: Place, name: String, packed: Bool = false) {
        self.source = source
        self.place = place
        self.name = name
        self.packed = packed
    }
}
