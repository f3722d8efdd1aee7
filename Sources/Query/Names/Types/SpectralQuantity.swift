/// What a spectral axis can measure, and how it follows from the frequency: ν = `constant` · value, or ν = `constant` / value.
struct SpectralQuantity {
    let constant: Double
    let isInverse: Bool

    private static let speedOfLight = 299_792_458.0
    private static let planck = 6.62607015e-34

    /// nil for a unit that measures none of them. The value is in base units.
    init?(_ unit: Unit) {
        switch unit.powers {
        case ["m": .one]: (constant, isInverse) = (Self.speedOfLight, true)
        case ["m": Fraction(-1)]: (constant, isInverse) = (Self.speedOfLight, false)
        case ["s": Fraction(-1)]: (constant, isInverse) = (1, false)
        case ["kg": .one, "m": Fraction(2), "s": Fraction(-2)]: (constant, isInverse) = (1 / Self.planck, false)
        default: return nil
        }
    }

    /// How a value in one unit becomes one in another: times the factor, or the factor divided by it.
    static func conversion(from a: Unit, to b: Unit) -> (factor: Double, divides: Bool)? {
        guard let from = SpectralQuantity(a), let to = SpectralQuantity(b) else { return nil }
        switch (from.isInverse, to.isInverse) {
        case (false, false): return (from.constant * a.scale / (to.constant * b.scale), false)
        case (true, true): return (to.constant * a.scale / (from.constant * b.scale), false)
        case (true, false): return (from.constant / (to.constant * a.scale * b.scale), true)
        case (false, true): return (to.constant / (from.constant * a.scale * b.scale), true)
        }
    }
}
