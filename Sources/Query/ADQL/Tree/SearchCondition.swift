/// What is true, false or unknown of a row: the content of WHERE, HAVING and ON (ADQL 2.1 §2.2.3).
///
/// A type of its own because ADQL has no boolean values: `CONTAINS(…)` is a number, `1 = CONTAINS(…)` a condition.
package indirect enum SearchCondition: Hashable, Sendable {
    /// `a OR b OR c`; two or more, flat so that a long list is no deep tree.
    case or([SearchCondition], TextSpan)
    /// `a AND b AND c`; two or more.
    case and([SearchCondition], TextSpan)
    /// `NOT a`
    case not(SearchCondition, TextSpan)
    /// `a <= b`
    case comparison(Comparison)
    /// `a NOT BETWEEN b AND c`
    case between(BetweenPredicate)
    /// `a IN (1, 2)`, `a NOT IN (SELECT …)`
    case `in`(InPredicate)
    /// `a LIKE 'M%'`, `a NOT ILIKE 'm%'`
    case like(LikePredicate)
    /// `a IS NOT NULL`
    case isNull(NullPredicate)
    /// `EXISTS (SELECT …)`
    case exists(Query, TextSpan)

    package var span: TextSpan {
        switch self {
        case .or(_, let span), .and(_, let span), .not(_, let span), .exists(_, let span): span
        case .comparison(let predicate): predicate.span
        case .between(let predicate): predicate.span
        case .in(let predicate): predicate.span
        case .like(let predicate): predicate.span
        case .isNull(let predicate): predicate.span
        }
    }
}

/// `a <= b`
package struct Comparison: Hashable, Sendable {
    /// The raw value is how ADQL writes it; `!=` is read as `<>`.
    package enum Operator: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    package var left: ValueExpression
    package var `operator`: Operator
    package var right: ValueExpression
    package var span: TextSpan

    package init(_ left: ValueExpression, _ operator: Operator, _ right: ValueExpression, span: TextSpan = .none) {
        self.left = left
        self.operator = `operator`
        self.right = right
        self.span = span
    }
}

/// `a BETWEEN b AND c`; both ends belong to the range.
package struct BetweenPredicate: Hashable, Sendable {
    package var value: ValueExpression
    package var negated: Bool
    package var lower: ValueExpression
    package var upper: ValueExpression
    package var span: TextSpan

    package init(
        _ value: ValueExpression, negated: Bool = false, lower: ValueExpression, upper: ValueExpression, span: TextSpan = .none
    ) {
        self.value = value
        self.negated = negated
        self.lower = lower
        self.upper = upper
        self.span = span
    }
}

/// `a IN (1, 2, 3)`, `a NOT IN (SELECT …)`
package struct InPredicate: Hashable, Sendable {
    package enum Set: Hashable, Sendable {
        /// `(1, 2, 3)`; at least one.
        case list([ValueExpression])
        /// `(SELECT …)`
        case subquery(Query)
    }

    package var value: ValueExpression
    package var negated: Bool
    package var set: Set
    package var span: TextSpan

    package init(_ value: ValueExpression, negated: Bool = false, _ set: Set, span: TextSpan = .none) {
        self.value = value
        self.negated = negated
        self.set = set
        self.span = span
    }
}

/// `a LIKE 'M%'`; `%` stands for any characters, `_` for one, and nothing escapes them.
package struct LikePredicate: Hashable, Sendable {
    package var value: ValueExpression
    package var negated: Bool
    /// `ILIKE`: letter case does not count (ADQL 2.1 §4.4.4).
    package var caseInsensitive: Bool
    package var pattern: ValueExpression
    package var span: TextSpan

    package init(
        _ value: ValueExpression, negated: Bool = false, caseInsensitive: Bool = false, pattern: ValueExpression,
        span: TextSpan = .none
    ) {
        self.value = value
        self.negated = negated
        self.caseInsensitive = caseInsensitive
        self.pattern = pattern
        self.span = span
    }
}

/// `a IS NULL`, `a IS NOT NULL`; of any value, though the grammar has columns only.
package struct NullPredicate: Hashable, Sendable {
    package var value: ValueExpression
    package var negated: Bool
    package var span: TextSpan

    package init(_ value: ValueExpression, negated: Bool = false, span: TextSpan = .none) {
        self.value = value
        self.negated = negated
        self.span = span
    }
}
