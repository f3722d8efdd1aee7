/// The units that VOUnits 1.1 knows (§2.2, tables 2 to 4), with their prefixes.
enum UnitTable {
    /// The unit of a symbol such as `km`, `mas`, `Jy`; a symbol of its own goes before one with a prefix (`min`, `Pa`, `cd`).
    static func unit(_ symbol: Substring) -> Unit? {
        let symbol = String(symbol)
        if let unit = symbols[symbol] ?? plain[symbol] { return unit }
        for (prefix, scale) in prefixes where symbol.hasPrefix(prefix) && symbol.count > prefix.count {
            if let unit = symbols[String(symbol.dropFirst(prefix.count))] {
                return Unit(scale: unit.scale * scale, powers: unit.powers)
            }
        }
        return nil
    }

    /// `da` first, so that it is not taken for `d`.
    private static let prefixes: [(String, Double)] = [
        ("da", 1e1), ("y", 1e-24), ("z", 1e-21), ("a", 1e-18), ("f", 1e-15), ("p", 1e-12), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3),
        ("c", 1e-2), ("d", 1e-1), ("h", 1e2), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
        ("Z", 1e21), ("Y", 1e24),
    ]

    private static let degree = Double.pi / 180
    private static let metre: [String: Double] = ["m": 1]
    private static let second: [String: Double] = ["s": 1]
    private static let joule: [String: Double] = ["kg": 1, "m": 2, "s": -2]

    /// Units that take prefixes.
    private static let symbols: [String: Unit] = [
        "m": Unit(scale: 1, powers: metre), "g": Unit(scale: 1e-3, powers: ["kg": 1]), "s": Unit(scale: 1, powers: second),
        "A": Unit(scale: 1, powers: ["A": 1]), "K": Unit(scale: 1, powers: ["K": 1]), "mol": Unit(scale: 1, powers: ["mol": 1]),
        "cd": Unit(scale: 1, powers: ["cd": 1]), "rad": Unit(scale: 1, powers: ["rad": 1]), "sr": Unit(scale: 1, powers: ["rad": 2]),
        "Hz": Unit(scale: 1, powers: ["s": -1]), "N": Unit(scale: 1, powers: ["kg": 1, "m": 1, "s": -2]),
        "Pa": Unit(scale: 1, powers: ["kg": 1, "m": -1, "s": -2]), "J": Unit(scale: 1, powers: joule),
        "W": Unit(scale: 1, powers: ["kg": 1, "m": 2, "s": -3]), "C": Unit(scale: 1, powers: ["A": 1, "s": 1]),
        "V": Unit(scale: 1, powers: ["kg": 1, "m": 2, "s": -3, "A": -1]),
        "Ohm": Unit(scale: 1, powers: ["kg": 1, "m": 2, "s": -3, "A": -2]),
        "S": Unit(scale: 1, powers: ["kg": -1, "m": -2, "s": 3, "A": 2]),
        "F": Unit(scale: 1, powers: ["kg": -1, "m": -2, "s": 4, "A": 2]),
        "Wb": Unit(scale: 1, powers: ["kg": 1, "m": 2, "s": -2, "A": -1]), "T": Unit(scale: 1, powers: ["kg": 1, "s": -2, "A": -1]),
        "H": Unit(scale: 1, powers: ["kg": 1, "m": 2, "s": -2, "A": -2]), "lm": Unit(scale: 1, powers: ["cd": 1, "rad": 2]),
        "lx": Unit(scale: 1, powers: ["cd": 1, "rad": 2, "m": -2]), "arcsec": Unit(scale: degree / 3600, powers: ["rad": 1]),
        "a": Unit(scale: 31_557_600, powers: second), "yr": Unit(scale: 31_557_600, powers: second),
        "pc": Unit(scale: 3.0856775814913673e16, powers: metre), "lyr": Unit(scale: 9.4607304725808e15, powers: metre),
        "eV": Unit(scale: 1.602176634e-19, powers: joule), "Ry": Unit(scale: 2.1798723611035e-18, powers: joule),
        "erg": Unit(scale: 1e-7, powers: joule), "u": Unit(scale: 1.66053906660e-27, powers: ["kg": 1]),
        "Jy": Unit(scale: 1e-26, powers: ["kg": 1, "s": -2]),
        "R": Unit(scale: 1e10 / (4 * .pi), powers: ["photon": 1, "m": -2, "s": -1, "rad": -2]),
        "G": Unit(scale: 1e-4, powers: ["kg": 1, "s": -2, "A": -1]),
        "D": Unit(scale: 1e-29 / 2.99792458, powers: ["A": 1, "s": 1, "m": 1]),
        "barn": Unit(scale: 1e-28, powers: ["m": 2]), "mag": Unit(scale: 1, powers: ["mag": 1]), "bit": Unit(scale: 1, powers: ["bit": 1]),
        "byte": Unit(scale: 8, powers: ["bit": 1]), "B": Unit(scale: 8, powers: ["bit": 1]),
        "photon": Unit(scale: 1, powers: ["photon": 1]),
        "ph": Unit(scale: 1, powers: ["photon": 1]), "ct": Unit(scale: 1, powers: ["count": 1]),
        "count": Unit(scale: 1, powers: ["count": 1]),
        "adu": Unit(scale: 1, powers: ["adu": 1]), "pix": Unit(scale: 1, powers: ["pixel": 1]),
        "pixel": Unit(scale: 1, powers: ["pixel": 1]),
        "voxel": Unit(scale: 1, powers: ["voxel": 1]), "solMass": Unit(scale: 1.98841e30, powers: ["kg": 1]),
    ]

    /// Units that do not.
    private static let plain: [String: Unit] = [
        "deg": Unit(scale: degree, powers: ["rad": 1]), "arcmin": Unit(scale: degree / 60, powers: ["rad": 1]),
        "mas": Unit(scale: degree / 3_600_000, powers: ["rad": 1]), "uas": Unit(scale: degree / 3.6e9, powers: ["rad": 1]),
        "min": Unit(scale: 60, powers: second), "h": Unit(scale: 3600, powers: second), "d": Unit(scale: 86_400, powers: second),
        "AU": Unit(scale: 149_597_870_700, powers: metre), "au": Unit(scale: 149_597_870_700, powers: metre),
        "Angstrom": Unit(scale: 1e-10, powers: metre), "angstrom": Unit(scale: 1e-10, powers: metre),
        "solLum": Unit(scale: 3.828e26, powers: ["kg": 1, "m": 2, "s": -3]), "solRad": Unit(scale: 6.957e8, powers: metre),
        "chan": Unit(scale: 1, powers: ["chan": 1]), "bin": Unit(scale: 1, powers: ["bin": 1]), "beam": Unit(scale: 1, powers: ["beam": 1]),
        "electron": Unit(scale: 1, powers: ["electron": 1]), "dB": Unit(scale: 1, powers: ["dB": 1]), "%": Unit(scale: 0.01, powers: [:]),
        "percent": Unit(scale: 0.01, powers: [:]),
    ]
}
