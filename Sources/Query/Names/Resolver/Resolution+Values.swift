import ADQL
import TableModel

/// Values and their types.
extension Resolution {
    mutating func value(_ expression: ValueExpression, _ context: Context) -> ResolvedExpression {
        switch expression {
        case .null(let span): ResolvedExpression(.null, .null, span: span)
        case .numeric(let literal): number(literal)
        case .string(let literal):
            ResolvedExpression(.string(literal.text), .varchar(nil), span: literal.span)
        case .column(let name): column(name, context)
        case .signed(let sign, let operand, let span): signed(sign, operand, span, context)
        case .product(let chain):
            arithmetic(
                chain.first, chain.steps.map { ($0.operator == .times ? .times : .dividedBy, $0.operand) }, chain.span, context)
        case .sum(let chain):
            arithmetic(chain.first, chain.steps.map { ($0.operator == .plus ? .plus : .minus, $0.operand) }, chain.span, context)
        case .concatenation(let operands, let span): concatenation(operands, span, context)
        case .function(let call): function(call, context)
        case .aggregate(let function): aggregate(function, context)
        case .cast(let cast): self.cast(cast, context)
        case .case(let expression): self.case(expression, context)
        case .subquery(let query): scalar(query, context)
        }
    }

    private mutating func number(_ literal: NumericLiteral) -> ResolvedExpression {
        if literal.kind == .integer, let value = Int64(literal.text) {
            return ResolvedExpression(.integer(value), Int32(exactly: value) == nil ? .bigint : .integer, span: literal.span)
        }
        let value = Double(literal.text) ?? Double(Self.withDigits(literal.text)) ?? .infinity
        if !value.isFinite { report(.numberRange(literal.text, at: literal.span)) }
        return ResolvedExpression(.number(value), .double, span: literal.span)
    }

    /// `12.` as `12.0`, `.5` as `0.5`, `1.e3` as `1.0e3`: Swift wants digits on both sides of a point.
    private static func withDigits(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), bytes.isEmpty { bytes.append(UInt8(ascii: "0")) }
            if byte | 0x20 == UInt8(ascii: "e"), bytes.last == UInt8(ascii: ".") { bytes.append(UInt8(ascii: "0")) }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: ".") { bytes.append(UInt8(ascii: "0")) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func signed(_ sign: Sign, _ operand: ValueExpression, _ span: TextSpan, _ context: Context) -> ResolvedExpression {
        let operand = value(operand, context)
        guard operand.type.isNumeric || operand.type == .null else {
            report(.operandType(sign == .minus ? "-" : "+", operand.type, at: operand.span))
            return unresolved(span)
        }
        let type = operand.type == .null ? .double : operand.type
        return ResolvedExpression(
            sign == .minus ? .negation(operand) : operand.node, type, sign == .minus ? operand.metadata.ofValue : operand.metadata,
            span: span)
    }

    private mutating func arithmetic(
        _ first: ValueExpression, _ steps: [(ResolvedExpression.ArithmeticStep.Operator, ValueExpression)], _ span: TextSpan,
        _ context: Context
    ) -> ResolvedExpression {
        let first = value(first, context)
        var operands = [first]
        operands.reserveCapacity(steps.count + 1)
        for step in steps { operands.append(value(step.1, context)) }
        var failed = false
        for (index, operand) in operands.enumerated() where !operand.type.isNumeric && operand.type != .null {
            report(.operandType(steps[max(index - 1, 0)].0.rawValue, operand.type, at: operand.span))
            failed = true
        }
        if failed { return unresolved(span) }
        var type = first.type
        var resolved: [ResolvedExpression.ArithmeticStep] = []
        resolved.reserveCapacity(steps.count)
        for (step, operand) in zip(steps, operands.dropFirst()) {
            type = type.common(with: operand.type) ?? .double
            resolved.append(.init(operator: step.0, operand: operand, type: type == .null ? .double : type))
        }
        if type == .null { type = .double }
        let isSum = resolved.contains { $0.operator == .plus || $0.operator == .minus }
        let metadata = isSum ? ResolvedExpression.Metadata.sum(first, resolved) : .product(first, resolved)
        return ResolvedExpression(.arithmetic(first, resolved), type, metadata, span: span)
    }

    private mutating func concatenation(_ operands: [ValueExpression], _ span: TextSpan, _ context: Context) -> ResolvedExpression {
        let operands = operands.map { value($0, context) }
        for operand in operands where operand.type.isGeometry || !operand.type.canBeText {
            report(.notText("||", operand.type, at: operand.span))
        }
        return ResolvedExpression(.concatenation(operands), .varchar(nil), span: span)
    }

    private mutating func cast(_ cast: CastSpecification, _ context: Context) -> ResolvedExpression {
        let operand = value(cast.value, context)
        let target = cast.target.type
        if let length = cast.target.length, !(1...10_485_760).contains(length) {
            report(.castLength(length, at: cast.target.span))
        }
        guard operand.type.casts(to: target) else {
            report(.cast(operand.type, to: cast.target.name.rawValue, at: cast.span))
            return unresolved(cast.span)
        }
        var metadata = operand.metadata.ofValue
        // Numbers keep their unit; a text that held one had none.
        if !target.isNumeric || !operand.type.isNumeric, target != operand.type { metadata.unit = target.isGeometry ? "deg" : nil }
        return ResolvedExpression(.cast(operand), target, metadata, span: cast.span)
    }

    private mutating func `case`(_ expression: CaseExpression, _ context: Context) -> ResolvedExpression {
        var operand = expression.operand.map { value($0, context) }
        var known = operand
        var branches: [ResolvedBranch] = []
        for branch in expression.branches {
            let test: ResolvedBranch.Test
            switch branch.when {
            case .condition(let condition): test = .condition(self.condition(condition, context))
            case .value(let value):
                var right = self.value(value, context)
                if var left = known {
                    reconcile(&left, &right, ordered: false, span: right.span)
                    if expression.branches.count == 1 { operand = left }
                    if left.type == .null { known = right }
                }
                test = .value(right)
            }
            branches.append(ResolvedBranch(when: test, then: value(branch.then, context)))
        }
        let otherwise = expression.otherwise.map { value($0, context) }
        let results = branches.map(\.then) + (otherwise.map { [$0] } ?? [])
        guard let type = commonType(of: results, function: "CASE") else { return unresolved(expression.span) }
        return ResolvedExpression(
            .case(operand: operand, branches, otherwise: otherwise), type, .common(results), span: expression.span)
    }

    /// The one type of all, or nil and a report.
    mutating func commonType(of values: [ResolvedExpression], function: String) -> ValueType? {
        var type = ValueType.null
        for value in values {
            guard let common = type.common(with: value.type) else {
                report(.noCommonType(function, type, value.type, at: value.span))
                return nil
            }
            type = common
        }
        return type
    }

    private mutating func scalar(_ query: Query, _ context: Context) -> ResolvedExpression {
        let subquery = self.subquery(query, outer: context.scope)
        guard subquery.columns.count == 1 else {
            if !subquery.columns.isEmpty { report(.oneColumn(subquery.columns.count, place: "as a value", at: query.span)) }
            return unresolved(query.span)
        }
        return ResolvedExpression(
            .subquery(subquery), subquery.columns[0].type, .init(subquery.columns[0]), span: query.span)
    }

    // MARK: Aggregates

    private mutating func aggregate(_ function: AggregateFunction, _ context: Context) -> ResolvedExpression {
        let name = function.kind.rawValue.uppercased()
        checkPlace(of: name, at: function.span, context)
        guard let argument = function.argument.map({ value($0, context.nested) }) else {
            return ResolvedExpression(.aggregate(function.kind, distinct: false, nil), .bigint, .counted, span: function.span)
        }
        checkLevel(of: name, [argument], at: function.span, context)
        if function.distinct, argument.type.isGeometry {
            report(.ungroupable(argument.type, clause: "DISTINCT", at: argument.span))
        }
        let type: ValueType
        switch function.kind {
        case .count: type = .bigint
        case .avg, .sum:
            guard argument.type.isNumeric || argument.type == .null else {
                report(.aggregateType(name, argument.type, at: argument.span))
                return unresolved(function.span)
            }
            type = function.kind == .sum && argument.type.isInteger ? .bigint : .double
        case .min, .max:
            guard argument.type.isNumeric || argument.type.isText || argument.type == .timestamp || argument.type == .null else {
                report(.aggregateType(name, argument.type, at: argument.span))
                return unresolved(function.span)
            }
            type = argument.type.isRowKey ? .varchar(nil) : argument.type == .null ? .double : argument.type
        }
        return ResolvedExpression(
            .aggregate(function.kind, distinct: function.distinct, argument), type, .aggregate(function.kind, argument),
            span: function.span)
    }

    mutating func checkPlace(of function: String, at span: TextSpan, _ context: Context) {
        switch context.aggregates {
        case .allowed: break
        case .forbidden(let clause): report(.misplacedAggregate(function, clause: clause, at: span))
        case .nested: report(.nestedAggregate(function, at: span))
        }
    }

    /// SQL gives an aggregate over columns of the outer query alone to the outer query, which nobody means who writes it.
    mutating func checkLevel(of function: String, _ arguments: [ResolvedExpression], at span: TextSpan, _ context: Context) {
        let own = Set(context.scope.entries.sources.map(\.id))
        var outer = false
        var local = false
        for argument in arguments {
            argument.visitColumns { reference, _ in
                if own.contains(reference.source) { local = true } else { outer = true }
            }
        }
        if outer, !local { report(.outerAggregate(function, at: span)) }
    }
}

extension ResolvedExpression.Metadata {
    /// Of COUNT: how many there are, whatever they measure.
    fileprivate static var counted: Self {
        var metadata = Self()
        metadata.ucd = "meta.number"
        return metadata
    }

    fileprivate static func aggregate(_ kind: AggregateFunction.Kind, _ argument: ResolvedExpression) -> Self {
        switch kind {
        case .count: .counted
        case .min: argument.metadata.with(ucdWord: "stat.min")
        case .max: argument.metadata.with(ucdWord: "stat.max")
        case .avg: argument.metadata.with(ucdWord: "stat.mean")
        case .sum: argument.metadata.with(ucdWord: "arith.sum")
        }
    }
}

extension Context {
    /// Inside an aggregate.
    var nested: Context {
        var context = self
        context.aggregates = .nested
        return context
    }
}

extension CastTarget {
    var type: ValueType {
        switch name {
        case .smallint: .smallint
        case .integer: .integer
        case .bigint: .bigint
        case .real: .real
        case .doublePrecision: .double
        case .char: .char(length ?? 1)
        case .varchar: .varchar(length)
        case .timestamp: .timestamp
        case .point: .point
        case .circle: .circle
        case .polygon: .polygon
        }
    }
}

extension ValueType {
    /// Whether CAST gets from here to there (ADQL 2.1 §4.5).
    func casts(to target: ValueType) -> Bool {
        if self == .null || self == target { return true }
        switch target {
        case .smallint, .integer, .bigint: return isNumeric || isText || self == .boolean
        case .real, .double: return isNumeric || isText
        case .char, .varchar: return canBeText
        case .timestamp, .point, .circle, .polygon: return isText
        default: return false
        }
    }

    /// Whether there is a text that stands for such a value.
    var canBeText: Bool {
        switch self {
        case .blob, .array: false
        default: true
        }
    }
}
