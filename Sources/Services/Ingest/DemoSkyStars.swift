/// A star as it is: where, how it moves, what light it has.
struct DemoSkyStar {
    /// Parsecs from the Sun, equatorial axes.
    var position: SIMD3<Double>
    /// km/s relative to the Sun, equatorial axes.
    var velocity: SIMD3<Double>
    /// Apparent G magnitude.
    var magnitude: Double
    /// G_BP - G_RP.
    var colour: Double
}

/// The demo sky's stars: eight open clusters, placed and moving as their namesakes do, and the field around.
struct DemoSkyStars {
    private let generator: DemoSkyGenerator

    init(seed: UInt64) {
        generator = DemoSkyGenerator(seed: seed)
    }

    /// An open cluster: centre (deg), parallax (mas), proper motion (mas/yr), radial velocity (km/s), scale radius (pc), absolute magnitude
    /// of its brightest stars on the main sequence, and its share of the clusters' stars.
    private struct Cluster {
        let ra, dec, parallax, pmra, pmdec, radialVelocity, radius, turnOff, share: Double
        /// How many of its stars are giants.
        var giants = 0.0
    }

    private static let clusters = [
        // As the Pleiades, Hyades, Praesepe, Alpha Persei, M 67, IC 2602, Blanco 1 and NGC 752.
        Cluster(
            ra: 56.75, dec: 24.12, parallax: 7.36, pmra: 19.9, pmdec: -45.5, radialVelocity: 5.6, radius: 2.2, turnOff: -1.5, share: 0.27),
        Cluster(
            ra: 66.75, dec: 15.87, parallax: 21.0, pmra: 101, pmdec: -28.5, radialVelocity: 39.5, radius: 2.7, turnOff: 1.0, share: 0.1,
            giants: 0.02),
        Cluster(
            ra: 130.1, dec: 19.67, parallax: 5.41, pmra: -36.0, pmdec: -12.9, radialVelocity: 34.8, radius: 2.4, turnOff: 0.8, share: 0.2,
            giants: 0.01),
        Cluster(
            ra: 51.6, dec: 48.9, parallax: 5.72, pmra: 22.9, pmdec: -25.6, radialVelocity: -0.3, radius: 3.0, turnOff: -1.8, share: 0.13),
        Cluster(
            ra: 132.85, dec: 11.81, parallax: 1.13, pmra: -11.0, pmdec: -2.9, radialVelocity: 33.9, radius: 2.6, turnOff: 3.2, share: 0.13,
            giants: 0.08),
        Cluster(
            ra: 160.6, dec: -64.4, parallax: 6.58, pmra: -17.6, pmdec: 10.7, radialVelocity: 17.5, radius: 1.8, turnOff: -1.6, share: 0.07),
        Cluster(ra: 0.9, dec: -29.9, parallax: 4.21, pmra: 18.7, pmdec: 2.6, radialVelocity: 5.5, radius: 2.5, turnOff: -0.8, share: 0.05),
        Cluster(
            ra: 29.2, dec: 37.8, parallax: 2.27, pmra: 9.8, pmdec: -11.8, radialVelocity: 5.7, radius: 2.6, turnOff: 2.4, share: 0.05,
            giants: 0.05),
    ]

    private static let faintest = 20.7

    /// So many stars, three in ten of them in clusters.
    func make(_ count: Int) -> [DemoSkyStar] {
        var stars: [DemoSkyStar] = []
        for (number, cluster) in Self.clusters.enumerated() {
            let chance = generator.split(UInt64(number))
            for member in 0..<Int(0.3 * cluster.share * Double(count)) {
                stars.append(Self.member(of: cluster, chance.split(UInt64(member))))
            }
        }
        let field = generator.split(1000)
        while stars.count < count { stars.append(Self.fieldStar(field.split(UInt64(stars.count)))) }
        return stars
    }

    // MARK: - Clusters

    private static func member(of cluster: Cluster, _ chance: DemoSkyGenerator) -> DemoSkyStar {
        var chance = chance
        let centre = DemoSkyMath.direction(ra: cluster.ra, dec: cluster.dec) * (1000 / cluster.parallax)
        while true {
            // Plummer's sphere, cut off where the Galaxy's tide takes stars away.
            let radius = cluster.radius / DemoSkyMath.squareRoot(max(1e-9, DemoSkyMath.power(chance.uniform(), -2.0 / 3) - 1))
            guard radius < 5 * cluster.radius else { continue }
            let position = centre + chance.direction() * radius
            var (absolute, colour) = light(of: cluster, &chance)
            // One in three is an unresolved pair, up to 0.75 mag brighter.
            if chance.chance(0.35) {
                absolute -= 2.5 * DemoSkyMath.logarithm10(1 + DemoSkyMath.power(chance.uniform(), 2))
                colour += 0.03 * chance.uniform()
            }
            let magnitude = absolute + modulus(position)
            guard magnitude < faintest else { continue }
            return DemoSkyStar(
                position: position, velocity: motion(of: cluster) + chance.normalVector(deviation: SIMD3(repeating: 0.6)),
                magnitude: magnitude,
                colour: colour + 0.015 * chance.normal())
        }
    }

    private static func light(of cluster: Cluster, _ chance: inout DemoSkyGenerator) -> (absolute: Double, colour: Double) {
        if chance.chance(cluster.giants) {
            let absolute = chance.chance(0.5) ? 0.5 + 0.15 * chance.normal() : chance.uniform(-0.5, 3)
            return (absolute, 1.45 - 0.13 * absolute)
        }
        let absolute = cluster.turnOff + (13.5 - cluster.turnOff) * DemoSkyMath.power(chance.uniform(), 0.65)
        // Stars that have nearly used up their hydrogen are a little redder than their magnitude says.
        return (absolute, mainSequence(absolute) + 0.12 * DemoSkyMath.exponential(-1.5 * (absolute - cluster.turnOff)))
    }

    private static func motion(of cluster: Cluster) -> SIMD3<Double> {
        let axes = DemoSkyAxes(DemoSkyMath.direction(ra: cluster.ra, dec: cluster.dec))
        let speed = DemoSkyAxes.kilometres / cluster.parallax
        return axes.outward * cluster.radialVelocity + axes.east * (cluster.pmra * speed) + axes.north * (cluster.pmdec * speed)
    }

    // MARK: - The field

    /// The Sun's own motion in the Galaxy (Schönrich et al. 2010), galactic axes, km/s.
    private static let sun = SIMD3(11.1, 12.24, 7.25)

    private static func fieldStar(_ chance: DemoSkyGenerator) -> DemoSkyStar {
        var chance = chance
        while true {
            // Counts rise by 10^0.22 with each magnitude.
            let (bright, faint) = (DemoSkyMath.power(10, 0.22 * 6), DemoSkyMath.power(10, 0.22 * faintest))
            let magnitude = DemoSkyMath.logarithm10(bright + (faint - bright) * chance.uniform()) / 0.22
            let absolute = 4.8 + 2.4 * chance.normal()
            guard absolute > -0.5, absolute < 13.5 else { continue }
            let distance = DemoSkyMath.power(10, (magnitude - absolute + 5) / 5)
            let galactic = chance.direction() * distance
            // An exponential disc, 300 pc high and 2.6 kpc wide, seen from 8.2 kpc: the stars' density decides who stays.
            let height = abs(galactic.z + 20) / 300
            let width = (DemoSkyMath.length(SIMD3(8200 - galactic.x, galactic.y, 0)) - 8200) / 2600
            guard chance.chance(DemoSkyMath.exponential(-height - max(-1, width)) / 2.8) else { continue }
            let colour = absolute < 3.3 && chance.chance(0.7) ? 1.45 - 0.13 * absolute + 0.06 * chance.normal() : mainSequence(absolute)
            let reddening = min(1.5, 0.3 * distance / 1000 * DemoSkyMath.exponential(-abs(galactic.z) / 150))
            // Older stars move faster and lag behind the Galaxy's rotation.
            let age = chance.uniform(0.5, 1.3)
            let velocity = chance.normalVector(deviation: SIMD3(35, 22, 17) * age) - sun - SIMD3(0, 12 * age * age, 0)
            return DemoSkyStar(
                position: DemoSkyMath.equatorial(galactic: galactic), velocity: DemoSkyMath.equatorial(galactic: velocity),
                magnitude: magnitude,
                colour: colour + reddening + 0.04 * chance.normal())
        }
    }

    // MARK: - Light

    private static func modulus(_ position: SIMD3<Double>) -> Double {
        5 * DemoSkyMath.logarithm10(DemoSkyMath.length(position)) - 5
    }

    /// G_BP - G_RP of the main sequence by absolute G magnitude.
    private static let sequence: [(absolute: Double, colour: Double)] = [
        (-2, -0.25), (0, -0.08), (1.5, 0.12), (3, 0.48), (4.5, 0.8), (6, 1.05), (7, 1.35), (8, 1.72), (9, 2.1), (10, 2.48), (12, 3.1),
        (14, 4.0),
    ]

    private static func mainSequence(_ absolute: Double) -> Double {
        for (below, above) in zip(sequence, sequence.dropFirst()) where absolute < above.absolute {
            return below.colour + (above.colour - below.colour) * (absolute - below.absolute) / (above.absolute - below.absolute)
        }
        return 4
    }
}

/// The directions at a place in the sky.
struct DemoSkyAxes {
    let outward, east, north: SIMD3<Double>

    /// km/s of a star that moves by 1 mas/yr at a parallax of 1 mas.
    static let kilometres = 4.740470463

    init(_ outward: SIMD3<Double>) {
        self.outward = outward
        let side = SIMD3(-outward.y, outward.x, 0)
        east = side / DemoSkyMath.length(side)
        north = DemoSkyMath.cross(outward, east)
    }
}
