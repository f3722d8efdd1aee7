import ADQL
import Names
import TableModel

/// DISTANCE(…) or a multiple of it, as in `3600 * DISTANCE(…)` and `IN_UNIT(DISTANCE(…), 'arcsec')`.
struct Separation {
    let first: Position
    let second: Position
    let factor: Double

    init?(_ expression: ResolvedExpression) {
        switch expression.node {
        case .function(let form, let arguments) where form.function == "DISTANCE":
            guard arguments.allSatisfy(\.isSimple) else { return nil }
            if arguments.count == 4 {
                self.init(.coordinates(arguments[0], arguments[1]), .coordinates(arguments[2], arguments[3]))
            } else {
                self.init(Position(arguments[0]), Position(arguments[1]))
            }
        case .scaled(let operand, let scale): self.init(operand, scaled: scale)
        case .arithmetic(let operand, let steps):
            // `2 * 3 * DISTANCE(…) / 4`: what stands before it is a number, and what stands behind it too.
            guard steps.allSatisfy({ $0.operator == .times || $0.operator == .dividedBy }) else { return nil }
            let operands = [operand] + steps.map(\.operand)
            guard let place = operands.firstIndex(where: { $0.constant == nil }),
                place == 0 || steps[place - 1].operator == .times
            else { return nil }
            var scale = 1.0
            if place > 0 {
                let before = ResolvedExpression(
                    .arithmetic(operand, Array(steps[..<(place - 1)])), place > 1 ? steps[place - 2].type : operand.type,
                    span: expression.span)
                guard let number = before.constant else { return nil }
                scale = number
            }
            for step in steps[place...] {
                guard let number = step.operand.constant else { return nil }
                scale = step.operator == .times ? scale * number : scale / number
            }
            self.init(operands[place], scaled: scale)
        default: return nil
        }
    }

    private init?(_ expression: ResolvedExpression, scaled scale: Double) {
        guard let inner = Separation(expression) else { return nil }
        let factor = inner.factor * scale
        guard factor > 0, factor.isNormal, (1 / factor).isNormal else { return nil }
        self.init(inner.first, inner.second, factor: factor)
    }

    private init(_ first: Position, _ second: Position, factor: Double = 1) {
        self.first = first
        self.second = second
        self.factor = factor
    }
}

extension Translation {
    /// `DISTANCE(POINT(…), POINT(…))`: of the numbers as they are, since points would round them. False for other points.
    mutating func distance(_ arguments: [ResolvedExpression]) -> Bool {
        guard arguments.count == 2 else { return false }
        let positions = arguments.map(Position.init)
        guard positions.allSatisfy({ $0.isMadeOfNumbers && $0.isSimple }) else { return false }
        out += "almagest.distance("
        degrees(positions[0])
        out += ", "
        degrees(positions[1])
        out += ")"
        return true
    }
}

/// Limits on distances: a circle finds candidates by the index, the comparison decides.
///
/// pgSphere's circles are some 0.2 mas wider than their radius, so the comparison is needed for `<=` as well.
extension Translation {
    /// `DISTANCE(a, b) < r`; false when the comparison is something else.
    mutating func distance(_ value: ResolvedExpression, _ op: Comparison.Operator, _ limit: ResolvedExpression) -> Bool {
        guard op == .less || op == .lessOrEqual, limit.isSimple, let separation = Separation(value),
            let radius = radius(limit, of: separation)
        else { return false }
        guard max(rank(separation.first), rank(separation.second)) > .constant else { return false }
        out += "("
        cone(separation.first, separation.second, radius: radius, isLimit: true)
        out += " AND "
        self.value(value)
        out += " \(op.rawValue) "
        self.value(limit, as: limit.type == .null ? .double : limit.type)
        out += ")"
        return true
    }

    /// The limit in degrees; nil for a number that no circle has: it goes up to 90, and beyond, and below 0, there is nothing for an
    /// index to find.
    private func radius(_ limit: ResolvedExpression, of separation: Separation) -> ResolvedExpression? {
        guard let constant = limit.constant else {
            guard separation.factor != 1 else { return limit }
            return ResolvedExpression(.scaled(limit, 1 / separation.factor), .double, span: limit.span)
        }
        guard (0...90).contains(constant / separation.factor) else { return nil }
        guard separation.factor != 1 else { return limit }
        return ResolvedExpression(.number(constant / separation.factor), .double, span: limit.span)
    }

    // MARK: Distances that a subquery has worked out

    /// `… FROM (SELECT *, DISTANCE(…) AS d FROM t) AS q WHERE q.d < 1`: what the condition asks of the columns of subqueries, by FROM entry.
    ///
    /// Asked of columns of this selection's own FROM, so that rows which fail are not wanted by anything else.
    mutating func pass(_ selection: ResolvedSelection) {
        guard !query.derived.isEmpty, let condition = selection.condition else { return }
        pass(condition, to: selection.from.flatMap(\.sources))
    }

    private mutating func pass(_ condition: ResolvedCondition, to sources: [Int]) {
        switch condition {
        case .and(let conditions):
            for condition in conditions { pass(condition, to: sources) }
        case .comparison(let left, let op, let right):
            pass(left, op, right, to: sources)
            pass(right, op.mirrored, left, to: sources)
        case .between(let value, negated: false, _, let upper): pass(value, .lessOrEqual, upper, to: sources)
        default: break
        }
    }

    private mutating func pass(
        _ value: ResolvedExpression, _ op: Comparison.Operator, _ limit: ResolvedExpression, to sources: [Int]
    ) {
        guard op == .less || op == .lessOrEqual, limit.constant != nil, case .column(let reference) = value.node,
            sources.contains(reference.source), case .output(let index) = reference.place,
            let derived = query.derived[reference.source], derived.subquery.limit == nil, derived.subquery.offset == nil,
            case .selection(let inner) = derived.subquery.source, inner.groups.isEmpty, inner.having == nil,
            inner.items.indices.contains(index), Separation(inner.items[index]) != nil, !inner.items.contains(where: \.hasAggregate)
        else { return }
        let asked = Limit(value: inner.items[index], limit: limit)
        guard let common = derived.common else {
            if passed[reference.source]?.contains(asked) != true { passed[reference.source, default: []].append(asked) }
            return
        }
        // Another place may want all of the common table.
        guard query.derived.values.count(where: { $0.common == common }) == 1 else { return }
        if passedToCommon[common]?.contains(asked) != true { passedToCommon[common, default: []].append(asked) }
    }

    /// Circles for what was asked of a subquery from outside; its own condition stands before them.
    mutating func cones(_ limits: [Limit], isFirst: Bool) {
        var isFirst = isFirst
        for limit in limits {
            guard let separation = Separation(limit.value), let radius = radius(limit.limit, of: separation),
                max(rank(separation.first), rank(separation.second)) > .constant
            else { continue }
            out += isFirst ? " WHERE " : " AND "
            isFirst = false
            cone(separation.first, separation.second, radius: radius, isLimit: true)
        }
    }
}
