/// A power of a unit: a fraction in lowest terms, its denominator positive.
struct Fraction: Hashable, Sendable, CustomStringConvertible {
    let numerator: Int
    let denominator: Int

    static let zero = Fraction(0)
    static let one = Fraction(1)
    static let half = Fraction(reducing: 1, 2)

    init(_ whole: Int) {
        numerator = whole
        denominator = 1
    }

    /// - Precondition: the parts are small, as ``init(numerator:denominator:)`` sees to, and `below` is not 0.
    private init(reducing above: Int, _ below: Int) {
        var (a, b) = (abs(above), abs(below))
        while b != 0 { (a, b) = (b, a % b) }
        let sign = below < 0 ? -1 : 1
        numerator = sign * above / max(a, 1)
        denominator = sign * below / max(a, 1)
    }

    /// nil where a part is beyond ``limit``, or the lower one 0.
    init?(numerator: Int, denominator: Int) {
        guard denominator != 0, abs(numerator) <= 1_000_000_000, abs(denominator) <= 1_000_000_000 else { return nil }
        self.init(reducing: numerator, denominator)
        guard abs(self.numerator) <= Self.limit * self.denominator, self.denominator <= Self.limit else { return nil }
    }

    /// No power of a unit is larger, and no denominator.
    static let limit = 1000

    var value: Double { Double(numerator) / Double(denominator) }

    /// nil beyond the limits.
    func adding(_ other: Self) -> Self? {
        Self(numerator: numerator * other.denominator + other.numerator * denominator, denominator: denominator * other.denominator)
    }

    /// nil beyond the limits.
    func times(_ other: Self) -> Self? {
        Self(numerator: numerator * other.numerator, denominator: denominator * other.denominator)
    }

    var negated: Self { Self(reducing: -numerator, denominator) }

    /// As VOUnits writes it behind `**`: `2`, `-1`, `(1/2)`.
    var description: String { denominator == 1 ? String(numerator) : "(\(numerator)/\(denominator))" }
}
