import Foundation

/// A unit of measure read from VOUnits 1.1 text: as it was written, and as a scale and powers of base units.
///
/// `km/s`, `mas.yr**-1`, `10**3kg`, `sqrt(Jy)`; also the older styles `um-1`, `m^2` and `km/s/Mpc`.
struct Unit: Sendable {
    /// One symbol and its power: `s**-1`.
    struct Term: Hashable, Sendable {
        var symbol: String
        var power: Fraction
    }

    /// The number before the symbols: 0.001 in `10**-3m`.
    private(set) var number: Double
    /// The symbols in the order of the text, each once.
    private(set) var terms: [Term]
    /// How many coherent base units one of this unit is.
    private(set) var scale: Double
    /// Base unit to power, without zeros: a radian counts as one.
    private(set) var powers: [String: Fraction]

    static let one = Unit(number: 1, terms: [], scale: 1, powers: [:])

    /// A symbol of the table.
    init(symbol: String, scale: Double, powers: [String: Fraction]) {
        self.init(number: 1, terms: [Term(symbol: symbol, power: .one)], scale: scale, powers: powers)
    }

    /// A pure number.
    init(number: Double) {
        self.init(number: number, terms: [], scale: number, powers: [:])
    }

    private init(number: Double, terms: [Term], scale: Double, powers: [String: Fraction]) {
        self.number = number
        self.terms = terms
        self.scale = scale
        self.powers = powers
    }

    /// Reads a text; the empty one is a pure number.
    init(_ text: String) throws(UnitError) {
        self = try UnitParser.read(text)
    }

    /// What a unit of a column says, nil where it is not to be understood.
    static func understood(_ text: String?) -> Unit? {
        guard let text else { return nil }
        return try? Unit(text)
    }

    /// The text in VOUnits' preferred form: `km.s**-1`; empty for the pure number 1.
    var text: String {
        let symbols = terms.map { $0.power == .one ? $0.symbol : "\($0.symbol)**\($0.power)" }.joined(separator: ".")
        guard number != 1 else { return symbols }
        let exponent = log10(number)
        guard number > 0, exponent == exponent.rounded(), abs(exponent) < 300 else { return "\(number.brief)\(symbols)" }
        return "10**\(Int(exponent))\(symbols.isEmpty ? "" : " ")\(symbols)"
    }

    /// What the unit measures, in base units: `m.s**-1`.
    var dimension: String {
        let parts = powers.sorted { $0.key < $1.key }.map { $0.value == .one ? $0.key : "\($0.key)**\($0.value)" }
        return parts.isEmpty ? "a pure number" : parts.joined(separator: ".")
    }

    /// The names of logarithmic scales in it, which no factor converts to another: `mag`, `dB`, `log(Hz)`.
    var logarithms: [String] {
        powers.keys.filter { UnitTable.logarithmic.contains($0) || $0.hasSuffix(")") }.sorted()
    }

    /// What a number in this unit must be multiplied by to be one in `target`; nil when they measure different things, or when the factor is
    /// beyond what a double holds.
    ///
    /// km in m gives 1000.
    func factor(to target: Unit) -> Double? {
        guard powers == target.powers else { return nil }
        let factor = scale / target.scale
        guard factor.isNormal else { return nil }
        // Scales are rounded, so that mas in arcsec would be 0.0010000000000000002.
        guard let brief = Double(String(format: "%.14e", factor)) else { return factor }
        return abs(brief - factor) <= 4 * factor.ulp ? brief : factor
    }

    // MARK: Arithmetic; nil where powers become too large

    func times(_ other: Unit) -> Unit? {
        var result = self
        result.number *= other.number
        result.scale *= other.scale
        for (name, power) in other.powers {
            guard let sum = (powers[name] ?? .zero).adding(power) else { return nil }
            result.powers[name] = sum == .zero ? nil : sum
        }
        for term in other.terms {
            guard let index = result.terms.firstIndex(where: { $0.symbol == term.symbol }) else {
                result.terms.append(term)
                continue
            }
            guard let sum = result.terms[index].power.adding(term.power) else { return nil }
            result.terms[index].power = sum
        }
        result.terms.removeAll { $0.power == .zero }
        return result.checked
    }

    func dividedBy(_ other: Unit) -> Unit? {
        other.raised(to: Fraction(-1)).flatMap { times($0) }
    }

    func raised(to power: Fraction) -> Unit? {
        if power == .one { return self }
        var result = Unit(number: pow(number, power.value), terms: [], scale: pow(scale, power.value), powers: [:])
        for (name, own) in powers {
            guard let product = own.times(power) else { return nil }
            result.powers[name] = product == .zero ? nil : product
        }
        for term in terms {
            guard let product = term.power.times(power) else { return nil }
            if product != .zero { result.terms.append(Term(symbol: term.symbol, power: product)) }
        }
        return result.checked
    }

    private var checked: Unit? { scale.isNormal && number.isNormal ? self : nil }
}
