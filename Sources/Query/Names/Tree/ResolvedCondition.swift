package import ADQL

/// What is true, false or unknown of a row, with its names resolved.
package indirect enum ResolvedCondition: Hashable, Sendable {
    case and([ResolvedCondition])
    case or([ResolvedCondition])
    case not(ResolvedCondition)
    /// `a <= b`
    case comparison(ResolvedExpression, Comparison.Operator, ResolvedExpression)
    /// `a BETWEEN b AND c`
    case between(ResolvedExpression, negated: Bool, lower: ResolvedExpression, upper: ResolvedExpression)
    /// `a IN (1, 2)`
    case list(ResolvedExpression, negated: Bool, [ResolvedExpression])
    /// `a IN (SELECT …)`
    case membership(ResolvedExpression, negated: Bool, ResolvedSubquery)
    /// `a LIKE 'M%'`
    case like(ResolvedExpression, negated: Bool, caseInsensitive: Bool, pattern: ResolvedExpression)
    /// `a IS NULL`
    case isNull(ResolvedExpression, negated: Bool)
    /// `EXISTS (SELECT …)`
    case exists(ResolvedSubquery)
    /// What could not be resolved; never in a ``ResolvedQuery``.
    case unresolved
}
