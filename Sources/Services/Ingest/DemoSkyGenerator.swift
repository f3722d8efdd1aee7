/// The demo sky's own source of chance, the same on every machine and in every version of Swift.
///
/// It is SplitMix64: the state grows by the constant 0x9E3779B97F4A7C15, and each output is the state mixed by two multiplications and three
/// shifts. ``split(_:)`` derives a stream from state and number, so that each star has chance of its own, whatever is drawn for others.
struct DemoSkyGenerator: RandomNumberGenerator {
    private var state: UInt64
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(seed: UInt64) {
        state = Self.mixed(seed)
    }

    func split(_ number: UInt64) -> Self {
        Self(seed: state ^ Self.mixed(number &* Self.step &+ 1))
    }

    mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// From 0 up to but not including 1, in steps of 2^-53.
    mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * uniform()
    }

    mutating func chance(_ probability: Double) -> Bool {
        uniform() < probability
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(uniform() * Double(range.count))
    }

    /// Of mean 0 and standard deviation 1 (Marsaglia's polar method).
    mutating func normal() -> Double {
        while true {
            let (x, y) = (uniform(-1, 1), uniform(-1, 1))
            let square = x * x + y * y
            if square > 0, square < 1 { return x * DemoSkyMath.squareRoot(-2 * DemoSkyMath.logarithm(square) / square) }
        }
    }

    /// A direction, all equally likely.
    mutating func direction() -> SIMD3<Double> {
        let z = uniform(-1, 1)
        let angle = uniform(0, 2 * .pi)
        let radius = DemoSkyMath.squareRoot(1 - z * z)
        return SIMD3(radius * DemoSkyMath.cosine(angle), radius * DemoSkyMath.sine(angle), z)
    }

    mutating func normalVector(deviation: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(normal(), normal(), normal()) * deviation
    }
}
