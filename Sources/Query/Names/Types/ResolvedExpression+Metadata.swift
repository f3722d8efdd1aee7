import TableModel

/// Units and UCDs of expressions, from those of their parts.
///
/// A number in the query has no unit of its own: beside a value with a unit it takes that one (`ra + 180`), as a factor it is a pure number
/// (`2 * ra`). A UCD goes on without `meta.main`, which is the column's alone.
extension ResolvedExpression {
    /// A number, string or NULL that stands in the query.
    var isLiteral: Bool {
        switch node {
        case .null, .string: true
        default: constant != nil
        }
    }

    /// The unit that the value is measured in; nil where it is not known or cannot be understood.
    var measure: Unit? { constant != nil ? .one : Unit.understood(metadata.unit) }
}

extension ResolvedExpression.Metadata {
    /// Of `-x`, `ABS(x)`, `CAST(x AS …)`: the value changes, what it measures does not.
    var ofValue: Self {
        var result = Self(unit: unit)
        result.ucd = ucd.flatMap { Self.ucd($0, with: nil) }
        result.frame = frame
        return result
    }

    /// Of `MAX(x)`: with a word added to the UCD, as UCD1+ has it for `stat.max` and its like.
    func with(ucdWord word: String) -> Self {
        var result = Self(unit: unit)
        result.ucd = ucd.flatMap { Self.ucd($0, with: word) }
        return result
    }

    /// `pos.eq.ra;meta.main` with `stat.mean` is `pos.eq.ra;stat.mean`.
    private static func ucd(_ ucd: String, with word: String?) -> String? {
        var words = ucd.split(separator: ";").map { $0.drop { $0 == " " } }.filter { $0.lowercased() != "meta.main" }.map(String.init)
        guard !words.isEmpty else { return nil }
        if let word, words.last?.lowercased() != word { words.append(word) }
        return words.joined(separator: ";")
    }

    /// Of values of which one is chosen: COALESCE, CASE, MOD.
    static func common(_ values: [ResolvedExpression]) -> Self {
        let values = values.filter { !$0.isLiteral }
        guard let first = values.first else { return Self() }
        var result = first.metadata.ofValue
        result.frame = nil
        for value in values.dropFirst() {
            if !sameUnit(value, first) { result.unit = nil }
            if value.metadata.ofValue.ucd != result.ucd { result.ucd = nil }
        }
        return result
    }

    /// Of `a + b - c`.
    static func sum(_ first: ResolvedExpression, _ steps: [ResolvedExpression.ArithmeticStep]) -> Self {
        let operands = [first] + steps.map(\.operand)
        var result = common(operands)
        guard operands.count(where: { !$0.isLiteral }) > 1 else { return result }
        let kinds = Set(steps.map(\.operator))
        let word = kinds.count == 1 ? (kinds.contains(.plus) ? "arith.sum" : "arith.diff") : nil
        result.ucd = word.flatMap { word in result.ucd.flatMap { ucd($0, with: word) } }
        return result
    }

    /// Of `a * b / c`.
    static func product(_ first: ResolvedExpression, _ steps: [ResolvedExpression.ArithmeticStep]) -> Self {
        let factors = [(first, false)] + steps.map { ($0.operand, $0.operator == .dividedBy) }
        let measured = factors.filter { !$0.0.isLiteral }
        if measured.count == 1, !measured[0].1 { return measured[0].0.metadata.ofValue }
        var result = Self()
        var unit: Unit? = .one
        for (factor, isDivisor) in measured {
            guard let own = factor.measure else {
                unit = nil
                break
            }
            unit = isDivisor ? unit?.dividedBy(own) : unit?.times(own)
        }
        result.unit = unit.flatMap(written)
        if measured.count == 2, !measured[0].1, measured[1].1, let ucd = measured[0].0.metadata.ofValue.ucd,
            ucd == measured[1].0.metadata.ofValue.ucd
        {
            result.ucd = Self.ucd(ucd, with: "arith.ratio")
        }
        return result
    }

    /// Of a function's value, as the list tells it.
    static func function(_ form: FunctionForm, meaning: String, _ arguments: [ResolvedExpression]) -> Self {
        var result = form.result == .common ? common(arguments) : Self()
        switch form.unit {
        case .fixed(let unit): result.unit = unit
        case .argument(let index): result.unit = arguments[index].metadata.unit
        case .root(let index): result.unit = arguments[index].measure?.raised(to: .half).flatMap(written)
        case nil: break
        }
        if meaning == "POWER", let exponent = arguments[1].constant.flatMap(Fraction.init(near:)) {
            result.unit = arguments[0].measure?.raised(to: exponent).flatMap(written)
        }
        switch form.ucd {
        case .fixed(let ucd): result.ucd = ucd
        case .argument(let index): result.ucd = arguments[index].metadata.ofValue.ucd
        case nil: break
        }
        return result
    }

    private static func sameUnit(_ a: ResolvedExpression, _ b: ResolvedExpression) -> Bool {
        if a.metadata.unit == b.metadata.unit { return true }
        guard let a = a.measure, let b = b.measure else { return false }
        return a.powers == b.powers && abs(a.scale - b.scale) <= 1e-14 * a.scale
    }

    /// A unit as text; a mere number is no VOUnit.
    private static func written(_ unit: Unit) -> String? { unit.terms.isEmpty && unit.number != 1 ? nil : unit.text }
}

extension Fraction {
    /// The fraction with a small denominator that a number stands for; nil where there is none.
    init?(near value: Double) {
        guard abs(value) <= Double(Self.limit) else { return nil }
        for denominator in 1...12 {
            let above = value * Double(denominator)
            guard abs(above - above.rounded()) <= 1e-12 * max(1, abs(above)) else { continue }
            self.init(numerator: Int(above.rounded()), denominator: denominator)
            return
        }
        return nil
    }
}
