/// A star as a catalogue would list it: with errors that grow as it gets fainter, and with what could not be measured absent.
struct DemoSkySource {
    let sourceID: Int64
    /// Degrees.
    let ra, dec: Double
    let magnitude: Double
    /// Field, value and unit, in the order of the files.
    let fields: [(name: String, value: Double, unit: String)]

    /// - Parameter number: The source's own, from which its identifier follows.
    init(_ star: DemoSkyStar, number: Int, _ chance: DemoSkyGenerator) {
        var chance = chance
        let distance = DemoSkyMath.length(star.position)
        let axes = DemoSkyAxes(star.position / distance)
        let error = Self.parallaxError(star.magnitude)
        let errors = (
            ra: error * chance.uniform(0.8, 1.1), dec: error * chance.uniform(0.7, 1.0), parallax: error * chance.uniform(0.9, 1.3),
            pmra: error * chance.uniform(0.9, 1.2), pmdec: error * chance.uniform(0.8, 1.1)
        )
        let degree = DemoSkyMath.degree
        let truth = (
            ra: DemoSkyMath.arctangent(axes.outward.y, axes.outward.x) / degree, dec: DemoSkyMath.arcsine(axes.outward.z) / degree
        )
        let mas = 3_600_000.0
        let dec = DemoSkyMath.rounded(truth.dec + errors.dec * chance.normal() / mas, digits: 11)
        let ra = DemoSkyMath.rounded(
            truth.ra + errors.ra * chance.normal() / mas / DemoSkyMath.cosine(truth.dec * degree) + (truth.ra < 0 ? 360 : 0), digits: 11)
        self.ra = ra
        self.dec = dec
        sourceID = Int64(DemoSkyPixel.nested(ra: ra, dec: dec, order: 12)) << 35 | Int64(number + 1) << 7
        magnitude = DemoSkyMath.rounded(star.magnitude, digits: 6)

        let parallax = 1000 / distance
        let motion = parallax / DemoSkyAxes.kilometres
        let observed = (
            parallax: parallax + errors.parallax * chance.normal(),
            pmra: DemoSkyMath.dot(star.velocity, axes.east) * motion + errors.pmra * chance.normal(),
            pmdec: DemoSkyMath.dot(star.velocity, axes.north) * motion + errors.pmdec * chance.normal()
        )
        var fields: [(name: String, value: Double, unit: String)] = []
        func add(_ name: String, _ value: Double, _ unit: String) {
            fields.append((name, DemoSkyMath.rounded(value, digits: 6), unit))
        }
        // Already rounded; radians follow from degrees by one multiplication, which is the same everywhere.
        fields.append(("alpha", ra * degree, "rad"))
        fields.append(("delta", dec * degree, "rad"))
        add("alpha_star_error", errors.ra, "mas")
        add("delta_error", errors.dec, "mas")
        // Some of the faintest were seen too seldom for more than a position.
        if magnitude < 19.5 || !chance.chance(0.15) {
            add("varpi", observed.parallax, "mas")
            add("varpi_error", errors.parallax, "mas")
            add("mu_alpha_star", observed.pmra, "mas/yr")
            add("mu_alpha_star_error", errors.pmra, "mas/yr")
            add("mu_delta", observed.pmdec, "mas/yr")
            add("mu_delta_error", errors.pmdec, "mas/yr")
            add("nu_eff_used_in_astrometry", 1.76 - 1.61 / .pi * DemoSkyMath.arctangent(0.531 * star.colour, 1), "um**-1")
        }
        add("phot_g_mean_mag", star.magnitude, "mag")
        // Velocities come from spectra, which need light: nearly all to magnitude 12, none beyond 15.5.
        if chance.chance(max(0, min(0.95, (15.5 - star.magnitude) / 3.5))) {
            let error = 0.15 + 0.25 * DemoSkyMath.power(10, 0.22 * max(0, star.magnitude - 9))
            add("radial_velocity", DemoSkyMath.dot(star.velocity, axes.outward) + error * chance.normal(), "km/s")
            add("radial_velocity_error", error * chance.uniform(0.8, 1.3), "km/s")
        }
        self.fields = fields
    }

    /// Milliarcseconds, after Gaia Collaboration (Prusti et al. 2016), eq. 4, scaled to DR3.
    private static func parallaxError(_ magnitude: Double) -> Double {
        let z = max(DemoSkyMath.power(10, 0.4 * (13 - 15)), DemoSkyMath.power(10, 0.4 * (magnitude - 15)))
        return DemoSkyMath.squareRoot(40 + 800 * z + 30 * z * z) / 1000
    }
}
