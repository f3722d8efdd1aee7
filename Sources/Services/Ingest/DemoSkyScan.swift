/// When a satellite like Gaia sees a star: a simplified nominal scanning law.
///
/// The spin axis keeps 45° from the Sun and circles it 5.8 times a year; the two fields of view, 106.5° apart, sweep the great circle around
/// the axis every six hours. A star is seen when that circle passes within 0.35° of it, by the preceding field first and 106.5 minutes
/// later by the following one.
struct DemoSkyScan {
    /// One passage of a star over the focal plane.
    struct Transit {
        /// Nanoseconds since 2014-07-25T00:00:00 UTC.
        let time: Int64
        /// 1 preceding, 2 following.
        let fieldOfView: Int
        /// Across the scan, -1…1 over the field's height.
        let offset: Double
    }

    private struct Spin {
        let axis, start, quarter: SIMD3<Double>
    }

    private static let days = 1038.0
    private static let spinHours = 6.0
    private static let basicAngle = 106.5
    private static let halfHeight = 0.35

    private let spins: [Spin]

    init() {
        spins = (0..<Int(Self.days * 24 / Self.spinHours)).map { Self.spin(day: Double($0) * Self.spinHours / 24) }
    }

    private static func spin(day: Double) -> Spin {
        let degree = DemoSkyMath.degree
        // 25 July: the Sun's longitude is 121.9°.
        let longitude = (121.9 + day * 360 / 365.25) * degree
        let turn = day * 5.8 * 360 / 365.25 * degree
        let (sine, cosine) = (DemoSkyMath.sine(longitude), DemoSkyMath.cosine(longitude))
        // Ecliptic axes: towards the Sun, along its path, and the ecliptic's pole.
        let sun = SIMD3(cosine, sine, 0)
        let along = SIMD3(-sine, cosine, 0)
        let pole = SIMD3(0.0, 0, 1)
        let tilt = DemoSkyMath.squareRoot(0.5)
        let axis = (sun + along * DemoSkyMath.cosine(turn) + pole * DemoSkyMath.sine(turn)) * tilt
        let side = DemoSkyMath.cross(axis, sun)
        let start = side / DemoSkyMath.length(side)
        return Spin(axis: equatorial(axis), start: equatorial(start), quarter: equatorial(DemoSkyMath.cross(axis, start)))
    }

    private static func equatorial(_ v: SIMD3<Double>) -> SIMD3<Double> {
        let tilt = 23.4392911 * DemoSkyMath.degree
        let (sine, cosine) = (DemoSkyMath.sine(tilt), DemoSkyMath.cosine(tilt))
        return SIMD3(v.x, v.y * cosine - v.z * sine, v.y * sine + v.z * cosine)
    }

    /// The star's transits on so many spins, chosen by chance from all that see it, in order of time; two on each, one in each field of view.
    func transits(ra: Double, dec: Double, spins wanted: Int, _ chance: inout DemoSkyGenerator) -> [Transit] {
        let star = DemoSkyMath.direction(ra: ra, dec: dec)
        let limit = DemoSkyMath.sine(Self.halfHeight * DemoSkyMath.degree)
        var seen = spins.indices.dropLast().filter { abs(DemoSkyMath.dot(spins[$0].axis, star)) < limit }
        while seen.count > wanted { seen.remove(at: chance.integer(0...(seen.count - 1))) }
        return seen.flatMap { number -> [Transit] in
            let spin = spins[number]
            var phase = DemoSkyMath.arctangent(DemoSkyMath.dot(spin.quarter, star), DemoSkyMath.dot(spin.start, star)) / (2 * .pi)
            if phase < 0 { phase += 1 }
            let offset = DemoSkyMath.dot(spin.axis, star) / limit
            let preceding = Self.nanoseconds(Double(number) + phase)
            let following = preceding + Self.nanoseconds(Self.basicAngle / 360)
            return [
                Transit(time: preceding, fieldOfView: 1, offset: offset),
                // The axis has moved on a little meanwhile.
                Transit(time: following, fieldOfView: 2, offset: max(-1, min(1, offset + 0.1 * chance.normal()))),
            ]
        }
    }

    /// The time of so many spins, to the microsecond.
    private static func nanoseconds(_ spins: Double) -> Int64 {
        Int64((spins * spinHours * 3600 * 1e6).rounded()) * 1000
    }
}
