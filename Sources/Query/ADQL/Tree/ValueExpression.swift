/// Whatever has a value: numbers, strings, geometries (ADQL 2.1 §2.2).
///
/// Operators of one precedence that follow each other are one flat node, to be applied from left to right, so that a sum of
/// 100,000 terms is no deeper than one of two. Parentheses leave no node of their own: they show as a sum inside a product,
/// or as a sum that is the first operand of a sum.
package indirect enum ValueExpression: Hashable, Sendable {
    /// `NULL`
    case null(TextSpan)
    /// `12`, `.5`, `1.5E-3`
    case numeric(NumericLiteral)
    /// `'O''Neill'`
    case string(StringLiteral)
    /// `ra`, `g.ra`, `gaia.completesource.ra`
    case column(QualifiedName)
    /// `-x`, `+x`; binds tighter than any operator between two operands.
    case signed(Sign, ValueExpression, TextSpan)
    /// `a * b / c`
    case product(OperatorChain<ProductOperator>)
    /// `a + b - c`
    case sum(OperatorChain<SumOperator>)
    /// `a || b || c`; two operands or more. Binds less tightly than `+`, as in PostgreSQL.
    case concatenation([ValueExpression], TextSpan)
    /// `SQRT(x)`, `POINT('ICRS', ra, dec)`, `COALESCE(a, b)`, `IN_UNIT(x, 'km')`, `ivo_healpix_index(…)`
    case function(FunctionCall)
    /// `COUNT(*)`, `AVG(DISTINCT x)`
    case aggregate(AggregateFunction)
    /// `CAST(x AS VARCHAR(10))`
    case cast(CastSpecification)
    /// `CASE WHEN a > b THEN a ELSE b END`, an extension.
    case `case`(CaseExpression)
    /// `(SELECT MAX(ra) FROM t)`: one column, at most one row. An extension.
    case subquery(Query)

    package var span: TextSpan {
        switch self {
        case .null(let span), .signed(_, _, let span), .concatenation(_, let span): span
        case .numeric(let literal): literal.span
        case .string(let literal): literal.span
        case .column(let name): name.span
        case .product(let chain): chain.span
        case .sum(let chain): chain.span
        case .function(let call): call.span
        case .aggregate(let function): function.span
        case .cast(let cast): cast.span
        case .case(let expression): expression.span
        case .subquery(let query): query.span
        }
    }
}

package enum Sign: Hashable, Sendable {
    case plus, minus
}

package enum SumOperator: Hashable, Sendable {
    case plus, minus
}

package enum ProductOperator: Hashable, Sendable {
    case times, dividedBy
}

/// Operands joined by operators of one precedence, to be applied from left to right: `a - b - c` is `(a - b) - c`.
package struct OperatorChain<Operator: Hashable & Sendable>: Hashable, Sendable {
    /// `- b`
    package struct Step: Hashable, Sendable {
        package var `operator`: Operator
        package var operand: ValueExpression
        /// The operator's own place.
        package var span: TextSpan

        package init(_ operator: Operator, _ operand: ValueExpression, span: TextSpan = .none) {
            self.operator = `operator`
            self.operand = operand
            self.span = span
        }
    }

    package var first: ValueExpression
    /// At least one.
    package var steps: [Step]
    package var span: TextSpan

    package init(first: ValueExpression, steps: [Step], span: TextSpan = .none) {
        self.first = first
        self.steps = steps
        self.span = span
    }
}
