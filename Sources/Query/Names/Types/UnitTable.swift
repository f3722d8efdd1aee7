/// The units that VOUnits 1.1 knows (§2.3 to §2.7), with their prefixes, and a few that data files have all the same.
///
/// Constants are those of the IAU (resolutions 2012 B2, 2015 B2 and B3) and of CODATA 2022.
enum UnitTable {
    /// The unit of a symbol such as `km`, `mas`, `Jy`; a known symbol goes before one with a prefix (`min`, `Pa`, `cd`).
    static func unit(_ name: String) throws(UnitError) -> Unit {
        if let known = known[name] { return Unit(symbol: name, scale: known.scale, powers: known.powers) }
        for (prefix, scale) in prefixes where name.utf8.starts(with: prefix.utf8) {
            let symbol = String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let known = known[symbol], known.takesPrefix else { continue }
            return Unit(symbol: name, scale: known.scale * scale, powers: known.powers)
        }
        for (prefix, scale) in binaryPrefixes where name.utf8.starts(with: prefix.utf8) {
            let symbol = String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard let known = known[symbol], known.powers.keys.contains("bit") else { continue }
            return Unit(symbol: name, scale: known.scale * scale, powers: known.powers)
        }
        for (prefix, _) in prefixes where name.utf8.starts(with: prefix.utf8) {
            let symbol = String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            if known[symbol] != nil { throw .prefix(on: symbol) }
        }
        throw .symbol(name, nearest: spelled[name.lowercased()].map { [$0] } ?? NearestNames.nearest(to: name, among: known.keys.sorted()))
    }

    /// The factor of an SI prefix.
    static func prefix(_ text: String) -> Double? { prefixes.first { $0.0 == text }?.1 }

    /// Magnitudes and decibels: ratios on a logarithmic scale.
    static let logarithmic: Set<String> = ["mag", "dB"]

    private struct Known {
        var scale: Double
        var powers: [String: Fraction]
        var takesPrefix: Bool
    }

    /// `da` first, so that `dam` is a dekametre; `dadu`, which is no da of anything, is a tenth of an adu.
    private static let prefixes: [(String, Double)] = [
        ("da", 1e1), ("y", 1e-24), ("z", 1e-21), ("a", 1e-18), ("f", 1e-15), ("p", 1e-12), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3),
        ("c", 1e-2), ("d", 1e-1), ("h", 1e2), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
        ("Z", 1e21), ("Y", 1e24),
    ]

    private static let binaryPrefixes: [(String, Double)] = [
        ("Ki", 0x1p10), ("Mi", 0x1p20), ("Gi", 0x1p30), ("Ti", 0x1p40), ("Pi", 0x1p50), ("Ei", 0x1p60), ("Zi", 0x1p70), ("Yi", 0x1p80),
    ]

    /// What people write for a unit whose symbol is not near in letters.
    private static let spelled: [String: String] = [
        "second": "s", "seconds": "s", "sec": "s", "hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d", "year": "yr",
        "years": "yr", "minute": "min", "minutes": "min", "degree": "deg", "degrees": "deg", "radian": "rad", "radians": "rad",
        "arcminute": "arcmin", "arcsecond": "arcsec", "arcseconds": "arcsec", "asec": "arcsec", "amin": "arcmin", "meter": "m",
        "metre": "m", "meters": "m", "metres": "m", "kilometer": "km", "parsec": "pc", "parsecs": "pc", "kelvin": "K", "hertz": "Hz",
        "jansky": "Jy", "magnitude": "mag", "magnitudes": "mag", "micron": "um", "microns": "um", "gram": "g", "kilogram": "kg",
        "joule": "J", "watt": "W", "msun": "solMass", "lsun": "solLum", "rsun": "solRad", "ly": "lyr", "counts": "ct", "percent": "%",
    ]

    private static let degree = Double.pi / 180
    private static let speedOfLight = 299_792_458.0

    /// Symbol, scale in base units, base units with their powers; those of the second list take no prefix.
    private static let known: [String: Known] = {
        var known: [String: Known] = [:]
        for (symbol, scale, powers) in prefixable {
            known[symbol] = Known(scale: scale, powers: powers.mapValues(Fraction.init), takesPrefix: true)
        }
        for (symbol, scale, powers) in plain {
            known[symbol] = Known(scale: scale, powers: powers.mapValues(Fraction.init), takesPrefix: false)
        }
        return known
    }()

    private static let prefixable: [(String, Double, [String: Int])] = [
        // SI.
        ("m", 1, ["m": 1]), ("s", 1, ["s": 1]), ("g", 1e-3, ["kg": 1]), ("A", 1, ["A": 1]), ("K", 1, ["K": 1]), ("mol", 1, ["mol": 1]),
        ("cd", 1, ["cd": 1]), ("rad", 1, ["rad": 1]), ("sr", 1, ["rad": 2]), ("Hz", 1, ["s": -1]), ("N", 1, ["kg": 1, "m": 1, "s": -2]),
        ("Pa", 1, ["kg": 1, "m": -1, "s": -2]), ("J", 1, ["kg": 1, "m": 2, "s": -2]), ("W", 1, ["kg": 1, "m": 2, "s": -3]),
        ("C", 1, ["A": 1, "s": 1]), ("V", 1, ["kg": 1, "m": 2, "s": -3, "A": -1]), ("Ohm", 1, ["kg": 1, "m": 2, "s": -3, "A": -2]),
        ("S", 1, ["kg": -1, "m": -2, "s": 3, "A": 2]), ("F", 1, ["kg": -1, "m": -2, "s": 4, "A": 2]),
        ("Wb", 1, ["kg": 1, "m": 2, "s": -2, "A": -1]), ("T", 1, ["kg": 1, "s": -2, "A": -1]),
        ("H", 1, ["kg": 1, "m": 2, "s": -2, "A": -2]), ("lm", 1, ["cd": 1, "rad": 2]), ("lx", 1, ["cd": 1, "rad": 2, "m": -2]),
        // Angles and times.
        ("deg", degree, ["rad": 1]), ("arcmin", degree / 60, ["rad": 1]), ("arcsec", degree / 3600, ["rad": 1]), ("min", 60, ["s": 1]),
        ("h", 3600, ["s": 1]), ("d", 86_400, ["s": 1]), ("a", 31_557_600, ["s": 1]), ("yr", 31_557_600, ["s": 1]),
        // Astronomy and physics.
        ("pc", 648_000 / Double.pi * 149_597_870_700, ["m": 1]), ("lyr", 9_460_730_472_580_800, ["m": 1]),
        ("eV", 1.602176634e-19, ["kg": 1, "m": 2, "s": -2]), ("Ry", 2.1798723611029888e-18, ["kg": 1, "m": 2, "s": -2]),
        ("u", 1.66053906892e-27, ["kg": 1]), ("Jy", 1e-26, ["kg": 1, "s": -2]), ("erg", 1e-7, ["kg": 1, "m": 2, "s": -2]),
        ("G", 1e-4, ["kg": 1, "s": -2, "A": -1]), ("barn", 1e-28, ["m": 2]), ("D", 1e-21 / speedOfLight, ["A": 1, "s": 1, "m": 1]),
        ("R", 1e10 / (4 * .pi), ["photon": 1, "m": -2, "s": -1, "rad": -2]), ("solLum", 3.828e26, ["kg": 1, "m": 2, "s": -3]),
        ("solMass", 1.988409870698051e30, ["kg": 1]), ("solRad", 6.957e8, ["m": 1]), ("mag", 1, ["mag": 1]),
        // Things that are counted.
        ("bit", 1, ["bit": 1]), ("byte", 8, ["bit": 1]), ("B", 8, ["bit": 1]), ("photon", 1, ["photon": 1]), ("ph", 1, ["photon": 1]),
        ("ct", 1, ["count": 1]), ("count", 1, ["count": 1]), ("adu", 1, ["adu": 1]), ("pix", 1, ["pixel": 1]), ("pixel", 1, ["pixel": 1]),
        ("voxel", 1, ["voxel": 1]), ("chan", 1, ["chan": 1]), ("bin", 1, ["bin": 1]), ("beam", 1, ["beam": 1]),
    ]

    private static let plain: [(String, Double, [String: Int])] = [
        ("mas", degree / 3_600_000, ["rad": 1]), ("AU", 149_597_870_700, ["m": 1]), ("au", 149_597_870_700, ["m": 1]),
        ("Angstrom", 1e-10, ["m": 1]), ("angstrom", 1e-10, ["m": 1]), ("dB", 1, ["dB": 1]), ("%", 0.01, [:]),
        // Besselian and tropical years of 365.242198781 and 365.242190402 days; deprecated.
        ("Ba", 31_556_925.974_678_4, ["s": 1]), ("ta", 31_556_925.250_732_8, ["s": 1]),
        // Not in VOUnits, but in many data files.
        ("uas", degree / 3.6e9, ["rad": 1]), ("electron", 1, ["electron": 1]), ("ohm", 1, ["kg": 1, "m": 2, "s": -3, "A": -2]),
    ]
}
