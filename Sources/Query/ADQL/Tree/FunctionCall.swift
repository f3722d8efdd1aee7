/// `SQRT(x)`: any function that is called by name and takes values.
///
/// Mathematical, geometry, string and user-defined functions, COALESCE and IN_UNIT look alike here. Which exist, how many
/// arguments they take and what they return is a matter of the list of functions, not of the grammar.
package struct FunctionCall: Hashable, Sendable {
    /// As typed; never delimited, and may be a reserved word such as `CONTAINS`.
    package var name: Name
    package var arguments: [ValueExpression]
    package var span: TextSpan

    package init(name: Name, arguments: [ValueExpression], span: TextSpan = .none) {
        self.name = name
        self.arguments = arguments
        self.span = span
    }
}

/// `COUNT(*)`, `MAX(x)`, `SUM(DISTINCT x)` (ADQL 2.1 §2.2).
package struct AggregateFunction: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case count, avg, max, min, sum
    }

    package var kind: Kind
    /// `AVG(DISTINCT x)`; `AVG(ALL x)` is the same as `AVG(x)`.
    package var distinct: Bool
    /// nil only for `COUNT(*)`.
    package var argument: ValueExpression?
    package var span: TextSpan

    package init(_ kind: Kind, distinct: Bool = false, argument: ValueExpression?, span: TextSpan = .none) {
        self.kind = kind
        self.distinct = distinct
        self.argument = argument
        self.span = span
    }
}
