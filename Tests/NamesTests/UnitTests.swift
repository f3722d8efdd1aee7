import Testing

@testable import Names

@Suite struct UnitTests {
    @Test(
        "units convert by the factor between them",
        arguments: [
            ("km", "m", 1000), ("km/s", "m.s**-1", 1000), ("deg", "arcmin", 60), ("deg", "arcsec", 3600), ("mas", "uas", 1000),
            ("mas.yr**-1", "deg/yr", 1 / 3.6e6), ("h", "min", 60), ("yr", "d", 365.25), ("Myr", "a", 1e6),
            ("Jy", "W.m**-2.Hz**-1", 1e-26), ("mJy", "Jy", 1e-3), ("um**-1", "m-1", 1e6), ("nm", "Angstrom", 10), ("nm", "angstrom", 10),
            ("pc", "au", 206264.80624709636), ("10**3 kg", "g", 1e6), ("10**-3m", "mm", 1), ("0.1nm", "Angstrom", 1), ("1e3m", "km", 1),
            ("10**3.m", "km", 1), ("dam", "m", 10), ("min", "s", 60), ("m**(1/2)", "cm**(0.5)", 10), ("sqrt(m)", "cm**(1/2)", 10),
            ("sqrt(Jy)**2", "Jy", 1), ("1/s", "Hz", 1), ("/s", "Hz", 1), ("erg.s-1", "W", 1e-7), ("erg/(s.cm**2)", "W.m**-2", 1e-3),
            ("(km/s)/pc", "s**-1", 1000 / 3.0856775814913673e16), ("km/s/Mpc", "s**-1", 1e-3 / 3.0856775814913673e16), ("%", "", 0.01),
            ("", "%", 100), ("mag", "mmag", 1000), ("Kibit", "bit", 1024), ("KiB", "byte", 1024), ("Mibyte", "B", 1_048_576),
            ("kB", "B", 1000), ("dadu", "adu", 0.1), ("Pa", "N/m**2", 1), ("cd", "cd", 1), ("kdeg", "deg", 1000),
            ("ksolMass", "solMass", 1000),
            ("as", "s", 1e-18), ("ha", "yr", 100), ("k'furlong'", "'furlong'", 1000), ("km/'week'", "m/'week'", 1000), ("G", "T", 1e-4),
            ("barn", "m^2", 1e-28), ("lm", "cd.sr", 1), ("m s**-1", "m*s**-1", 1), ("sr", "deg**2", 3282.806350011744),
        ] as [(String, String, Double)])
    func factor(from: String, to: String, factor: Double) throws {
        let found = try #require(try Unit(from).factor(to: Unit(to)))
        #expect(abs(found - factor) <= 1e-14 * factor)
    }

    @Test(
        "what measures different things does not convert",
        arguments: [
            ("km", "s"), ("deg", "mag"), ("Jy", "J"), ("m", "m**2"), ("mag", "dB"), ("mag", ""), ("log(Hz)", "Hz"), ("'furlong'", "m"),
            ("ct", "photon"), ("Hz", "rad/s"), ("m**(1/3)", "m**(1/2)"), ("bit", ""),
        ] as [(String, String)])
    func incommensurable(from: String, to: String) throws {
        #expect(try Unit(from).factor(to: Unit(to)) == nil)
    }

    @Test(
        "what is no unit is told apart, with the reason",
        arguments: [
            ("furlong", "\"furlong\" is no known unit"), ("km//s", "cannot be read from \"/s\""), ("km/", "missing at its end"),
            ("m**", "a power is not a number"), ("(km", "missing at its end"), ("km)", "cannot be read from \")\""),
            ("kmas", "takes no prefix"),
            ("mAU", "takes no prefix"), ("m**2000", "a power is not a number"), ("m**1/2", "cannot be read"), ("m**(1/0)", "a power"),
            ("((((((((((((((((((((((m))))))))))))))))))))))", "too long"), ("12", "cannot be read"), ("unknown", "not known"),
            ("m/s.kg", "ambiguous"), ("'a", "cannot be read"), ("''", "cannot be read"), ("m**100.m**100.m**900", "a power"),
            ("é", "cannot be read"),
            ("Kim", "is no known unit"), ("(Ym)**100", "a power is not"),
        ] as [(String, String)])
    func unknown(text: String, reason: String) throws {
        let error = try #require(throws: UnitError.self) { try Unit(text) }
        #expect(error.reason.contains(reason), "\(text): \(error.reason)")
    }

    @Test(
        "the nearest unit is offered for a misspelt one",
        arguments: [
            ("Arcsec", "arcsec"), ("JY", "Jy"), ("degree", "deg"), ("sec", "s"), ("Msun", "solMass"), ("micron", "um"),
            ("arcsecs", "arcsec"),
        ])
    func nearest(text: String, unit: String) throws {
        let error = try #require(throws: UnitError.self) { try Unit(text) }
        #expect(error.hint.contains(unit), "\(error.hint)")
    }

    @Test(
        "a unit is written in VOUnits' preferred form",
        arguments: [
            ("km/s", "km.s**-1"), ("um-1", "um**-1"), ("10**-3m", "10**-3 m"), ("0.5 m^2", "0.5m**2"), ("sqrt(Jy)", "Jy**(1/2)"),
            ("m.m/s/s", "m**2.s**-2"), ("m/m", ""), ("erg/(s.cm**2)", "erg.s**-1.cm**-2"), ("km/'week'", "km.'week'**-1"),
            ("log(Hz)", "log(Hz)"),
        ] as [(String, String)])
    func written(text: String, form: String) throws {
        let unit = try Unit(text)
        #expect(unit.text == form)
        #expect(try unit.factor(to: Unit(unit.text)) == 1)
    }

    @Test("powers add and multiply as fractions, within limits")
    func fractions() throws {
        let third = try #require(Fraction(numerator: 2, denominator: -6))
        #expect(third.description == "(-1/3)")
        #expect(third.adding(third)?.adding(third) == Fraction(-1))
        #expect(third.times(Fraction(-3)) == .one)
        #expect(Fraction(numerator: 1, denominator: 0) == nil)
        #expect(Fraction(numerator: 1, denominator: 5000) == nil)
        #expect(Fraction(900).adding(Fraction(900)) == nil)
    }
}
