import Foundation

/// A unit of measure read from VOUnits 1.1 text, as a scale and powers of base units.
///
/// `km/s`, `mas.yr**-1`, `um**-1`, `10**3 kg`, `erg.s-1` (the older style without `**` is read too).
struct Unit: Hashable {
    /// How many coherent base units one of this unit is.
    var scale: Double
    /// Base unit to power, without zeros.
    var powers: [String: Double]

    static let one = Unit(scale: 1, powers: [:])

    /// nil when the text is no unit, or has a function such as `log()`.
    init?(_ text: String) {
        var parser = UnitParser(text)
        guard let unit = parser.unit() else { return nil }
        self = unit
    }

    init(scale: Double, powers: [String: Double]) {
        self.scale = scale
        self.powers = powers.filter { $0.value != 0 }
    }

    /// What a number in this unit must be multiplied by to be one in `target`; nil when they measure different things.
    ///
    /// km in m gives 1000.
    func factor(to target: Unit) -> Double? {
        guard powers == target.powers else { return nil }
        let factor = scale / target.scale
        // Scales are rounded, so that mas in arcsec would be 0.0010000000000000002.
        guard factor.isNormal, let brief = Double(String(format: "%.14e", factor)) else { return factor }
        return abs(brief - factor) <= 4 * factor.ulp ? brief : factor
    }

    static func * (left: Unit, right: Unit) -> Unit {
        Unit(scale: left.scale * right.scale, powers: left.powers.merging(right.powers, uniquingKeysWith: +))
    }

    func raised(to power: Double) -> Unit {
        Unit(scale: power == 1 ? scale : UnitParser.power(scale, power), powers: powers.mapValues { $0 * power })
    }
}
