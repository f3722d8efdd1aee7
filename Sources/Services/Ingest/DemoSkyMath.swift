import Foundation

/// The arithmetic of the demo sky. The system's functions may differ in their last bit from one machine to the next, so what goes
/// into files is rounded to the digits of a catalogue, with ``rounded(_:digits:)``.
enum DemoSkyMath {
    static func squareRoot(_ value: Double) -> Double { value.squareRoot() }
    static func logarithm(_ value: Double) -> Double { log(value) }
    static func logarithm10(_ value: Double) -> Double { log10(value) }
    static func sine(_ angle: Double) -> Double { sin(angle) }
    static func cosine(_ angle: Double) -> Double { cos(angle) }
    static func arcsine(_ value: Double) -> Double { asin(max(-1, min(1, value))) }
    static func arctangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
    static func exponential(_ value: Double) -> Double { exp(value) }
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    static let degree = Double.pi / 180

    static func rounded(_ value: Double, digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (value * scale).rounded() / scale
    }

    static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
        a.x * b.x + a.y * b.y + a.z * b.z
    }

    static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
    }

    static func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }

    static func direction(ra: Double, dec: Double) -> SIMD3<Double> {
        let (ra, dec) = (ra * degree, dec * degree)
        return SIMD3(cos(dec) * cos(ra), cos(dec) * sin(ra), sin(dec))
    }

    /// From galactic to equatorial axes: the columns are the directions of the galactic centre, of rotation and of the north pole (ICRS).
    static func equatorial(galactic v: SIMD3<Double>) -> SIMD3<Double> {
        let centre = SIMD3(-0.0548755604162154, -0.8734370902348850, -0.4838350155487132)
        let rotation = SIMD3(0.4941094278755837, -0.4448296299600112, 0.7469822444972189)
        let pole = SIMD3(-0.8676661490190047, -0.1980763734312015, 0.4559837761750669)
        return centre * v.x + rotation * v.y + pole * v.z
    }
}

/// HEALPix in nested order (Górski et al. 2005), by which Gaia numbers its sources.
enum DemoSkyPixel {
    /// The pixel of a position in degrees at `order` (12 in a source's number).
    static func nested(ra: Double, dec: Double, order: Int) -> Int {
        let side = 1 << order
        let z = DemoSkyMath.sine(dec * DemoSkyMath.degree)
        var quarter = (ra / 90).truncatingRemainder(dividingBy: 4)
        if quarter < 0 { quarter += 4 }
        let (face, x, y): (Int, Int, Int)
        if abs(z) <= 2.0 / 3 {
            let along = Double(side) * (0.5 + quarter)
            let across = Double(side) * z * 0.75
            let (rising, falling) = (Int(along - across), Int(along + across))
            let (first, second) = (rising / side, falling / side)
            face = first == second ? first & 3 | 4 : first < second ? first & 3 : second & 3 | 8
            (x, y) = (falling & (side - 1), side - (rising & (side - 1)) - 1)
        } else {
            let sector = min(3, Int(quarter))
            let part = quarter - Double(sector)
            let reach = Double(side) * (3 * (1 - abs(z))).squareRoot()
            let (rising, falling) = (min(side - 1, Int(part * reach)), min(side - 1, Int((1 - part) * reach)))
            face = z > 0 ? sector : sector + 8
            (x, y) = z > 0 ? (side - falling - 1, side - rising - 1) : (rising, falling)
        }
        return face << (2 * order) | spread(x) | spread(y) << 1
    }

    /// The bits of a number with a zero between each two.
    private static func spread(_ value: Int) -> Int {
        (0..<24).reduce(0) { $0 | (value >> $1 & 1) << (2 * $1) }
    }
}
