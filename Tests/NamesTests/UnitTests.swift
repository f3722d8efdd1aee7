import Testing

@testable import Names

@Suite struct UnitTests {
    @Test(
        "units convert by the factor between them",
        arguments: [
            ("km", "m", 1000), ("km/s", "m.s**-1", 1000), ("deg", "arcmin", 60), ("deg", "arcsec", 3600), ("mas", "uas", 1000),
            ("mas.yr**-1", "deg/yr", 1 / 3.6e6),
            ("h", "min", 60), ("yr", "d", 365.25), ("Myr", "a", 1e6), ("Jy", "W.m**-2.Hz**-1", 1e-26), ("mJy", "Jy", 1e-3),
            ("um**-1", "m-1", 1e6),
            ("nm", "Angstrom", 10), ("pc", "au", 206264.80624709636), ("10**3 kg", "g", 1e6), ("dam", "m", 10), ("min", "s", 60),
            ("m**(1/2)", "cm**(0.5)", 10),
            ("1/s", "Hz", 1), ("/s", "Hz", 1), ("erg.s-1", "W", 1e-7), ("(km/s)/pc", "s**-1", 1000 / 3.0856775814913673e16),
            ("%", "", 0.01), ("mag", "mmag", 1000),
        ] as [(String, String, Double)])
    func factor(from: String, to: String, factor: Double) throws {
        let target = to.isEmpty ? Unit.one : try #require(Unit(to))
        let source = try #require(Unit(from))
        let found = try #require(source.factor(to: target))
        #expect(abs(found - factor) <= 1e-12 * factor)
    }

    @Test("what measures different things does not convert", arguments: [("km", "s"), ("deg", "mag"), ("Jy", "J"), ("m", "m**2")])
    func incommensurable(from: String, to: String) throws {
        let source = try #require(Unit(from))
        let target = try #require(Unit(to))
        #expect(source.factor(to: target) == nil)
    }

    @Test(
        "what is no unit is told apart",
        arguments: [
            "", "furlong", "km//s", "km/", "m**", "(km", "log(Hz)", "kdeg", "m**2000", "((((((((((((((((((((((m))))))))))))))))))))))",
            "12",
        ])
    func unknown(text: String) {
        #expect(Unit(text) == nil)
    }
}
