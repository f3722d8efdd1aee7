/// What gives a query its rows, before they are sorted (ADQL 2.1 §4.6).
package indirect enum SetExpression: Hashable, Sendable {
    /// `SELECT … FROM …`
    case selection(Selection)
    /// `… UNION … EXCEPT ALL …`
    case operation(SetOperation)
    /// `(SELECT … ORDER BY …)`: parentheses as they were written. What is sorted, cut or left out inside stays inside.
    case parenthesized(Query)

    package var span: TextSpan {
        switch self {
        case .selection(let selection): selection.span
        case .operation(let operation): operation.span
        case .parenthesized(let query): query.span
        }
    }
}

/// A run of set operations of one precedence, applied from left to right.
///
/// `a UNION b EXCEPT c` has first `a` and two steps. INTERSECT binds tighter, so either all steps are INTERSECT or none is,
/// and `a UNION b INTERSECT c` is one step whose operand is an operation.
package struct SetOperation: Hashable, Sendable {
    package enum Operator: Hashable, Sendable {
        case union, except, intersect
    }

    /// `UNION ALL SELECT …`
    package struct Step: Hashable, Sendable {
        package var `operator`: Operator
        /// Duplicates are kept.
        package var all: Bool
        package var operand: SetExpression
        /// The operator's own place.
        package var span: TextSpan

        package init(_ operator: Operator, all: Bool = false, _ operand: SetExpression, span: TextSpan = .none) {
            self.operator = `operator`
            self.all = all
            self.operand = operand
            self.span = span
        }
    }

    package var first: SetExpression
    package var steps: [Step]
    package var span: TextSpan

    package init(first: SetExpression, steps: [Step], span: TextSpan = .none) {
        self.first = first
        self.steps = steps
        self.span = span
    }
}
