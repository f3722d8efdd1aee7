/// Why a text is no unit, and what would be one; part of a diagnostic, which has the place.
struct UnitError: Error, Hashable {
    let reason: String
    let hint: String

    private init(_ reason: String, _ hint: String) {
        self.reason = reason
        self.hint = hint
    }

    private static let style = "units are written as in VOUnits: 'km/s', 'mas.yr**-1', 'erg/(s.cm**2)'"

    static let unknown = Self("it says that the unit is not known", style)

    static let tooLong = Self("it is too long", style)

    static func symbol(_ symbol: String, nearest: [String]) -> Self {
        Self(
            "\"\(symbol.prefix(40))\" is no known unit",
            nearest.isEmpty ? "\(style); a unit of your own stands in quotes: km/''week''" : "nearest: \(nearest.joined(separator: ", "))")
    }

    static func prefix(on symbol: String) -> Self {
        Self("\"\(symbol)\" takes no prefix", "write the number before the unit: '10**3 \(symbol)'")
    }

    static func syntax(_ rest: String) -> Self {
        rest.isEmpty
            ? Self("something is missing at its end", style) : Self("it cannot be read from \"\(rest.prefix(20))\" on", style)
    }

    static let power = Self("a power is not a number up to \(Fraction.limit)", "powers are written 'm**2', 'm**-1' or 'm**(1/2)'")

    static let scale = Self("its scale is beyond what a number holds", style)

    static let ambiguousSlash = Self(
        "a product after a slash is ambiguous", "write either 'a/(b.c)' or 'a.c/b'")
}
