import ADQL
import TableModel

/// Conditions, and what may be compared with what.
extension Resolution {
    mutating func condition(_ condition: SearchCondition, _ context: Context) -> ResolvedCondition {
        switch condition {
        case .or(let conditions, _): return .or(conditions.map { self.condition($0, context) })
        case .and(let conditions, _): return .and(conditions.map { self.condition($0, context) })
        case .not(let inner, _): return .not(self.condition(inner, context))
        case .comparison(let predicate):
            return comparison(value(predicate.left, context), predicate.operator, value(predicate.right, context), span: predicate.span)
        case .between(let predicate):
            var value = value(predicate.value, context)
            var lower = self.value(predicate.lower, context)
            var upper = self.value(predicate.upper, context)
            reconcile(&value, &lower, ordered: true, span: lower.span)
            reconcile(&value, &upper, ordered: true, span: upper.span)
            // NULL fits beside anything, but the ends must fit each other too.
            if value.type == .null { reconcile(&lower, &upper, ordered: true, span: upper.span) }
            return .between(value, negated: predicate.negated, lower: lower, upper: upper)
        case .in(let predicate): return membership(predicate, context)
        case .like(let predicate):
            let value = value(predicate.value, context)
            let pattern = self.value(predicate.pattern, context)
            for operand in [value, pattern] where !operand.type.isText && operand.type != .null {
                report(.notText(predicate.caseInsensitive ? "ILIKE" : "LIKE", operand.type, at: operand.span))
            }
            return .like(value, negated: predicate.negated, caseInsensitive: predicate.caseInsensitive, pattern: pattern)
        case .isNull(let predicate): return .isNull(value(predicate.value, context), negated: predicate.negated)
        case .exists(let query, _): return .exists(subquery(query, outer: context.scope))
        }
    }

    private static let nullWarning = "a comparison with NULL is never true; IS NULL and IS NOT NULL find what is missing"

    mutating func comparison(
        _ left: ResolvedExpression, _ operator: Comparison.Operator, _ right: ResolvedExpression, span: TextSpan
    ) -> ResolvedCondition {
        var left = left
        var right = right
        reconcile(&left, &right, ordered: `operator` != .equal && `operator` != .notEqual, span: span)
        if left.node == .null || right.node == .null, !warnings.contains(Self.nullWarning) { warnings.append(Self.nullWarning) }
        warnOfLimits(left, right)
        return .comparison(left, `operator`, right)
    }

    private mutating func membership(_ predicate: InPredicate, _ context: Context) -> ResolvedCondition {
        var value = value(predicate.value, context)
        switch predicate.set {
        case .list(let list):
            var resolved: [ResolvedExpression] = []
            resolved.reserveCapacity(list.count)
            // NULL fits beside anything, but the others must fit each other too.
            var known = value
            for element in list {
                var element = self.value(element, context)
                reconcile(&value, &element, ordered: false, span: element.span)
                if value.type == .null { reconcile(&known, &element, ordered: false, span: element.span) }
                if known.type == .null { known = element }
                resolved.append(element)
            }
            return .list(value, negated: predicate.negated, resolved)
        case .subquery(let query):
            let subquery = self.subquery(query, outer: context.scope)
            if subquery.columns.count == 1 {
                var element = ResolvedExpression(.subquery(subquery), subquery.columns[0].type, span: query.span)
                if value.type.isGeometry || element.type.isGeometry {
                    report(.unordered(value.type.isGeometry ? value.type : element.type, at: value.span))
                } else {
                    reconcile(&value, &element, ordered: false, span: predicate.span)
                }
            } else if !subquery.columns.isEmpty {
                report(.oneColumn(subquery.columns.count, place: "after IN", at: query.span))
            }
            return .membership(value, negated: predicate.negated, subquery)
        }
    }

    /// Makes two values comparable, or reports that they are not.
    ///
    /// A string beside a timestamp is read as one, and `0`, `1`, `'true'` and `'false'` beside a truth value.
    mutating func reconcile(_ a: inout ResolvedExpression, _ b: inout ResolvedExpression, ordered: Bool, span: TextSpan) {
        adapt(&a, to: b.type)
        adapt(&b, to: a.type)
        guard let common = a.type.common(with: b.type) else { return report(.incomparable(a, b, at: span)) }
        switch common {
        case .blob, .array: report(.unordered(common, at: span))
        case .boolean, .point, .circle, .polygon, .moc:
            if ordered { report(.unordered(common, at: span)) }
            if common.isGeometry { _ = commonFrame([a, b].filter { $0.type != .null }, nil, span) }
        default: break
        }
    }

    private func adapt(_ value: inout ResolvedExpression, to type: ValueType) {
        switch (type, value.node) {
        case (.timestamp, .string(let text)):
            if TimestampLiteral.isValid(text) { value.type = .timestamp }
        case (.boolean, .integer(let number)) where number == 0 || number == 1:
            value.node = .boolean(number == 1)
            value.type = .boolean
        case (.boolean, .string(let text)):
            guard let truth = ["true": true, "t": true, "1": true, "false": false, "f": false, "0": false][text.lowercased()] else {
                return
            }
            value.node = .boolean(truth)
            value.type = .boolean
        default: break
        }
    }
}
