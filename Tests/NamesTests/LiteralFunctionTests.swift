import Names
import Testing

/// Functions that are worked out when the query is read, and what they say of literals that cannot be.
@Suite struct LiteralFunctionTests {
    private static let refused: [(String, String)] = [
        (
            "SELECT IN_UNIT(ra, 'furlong') FROM gaia.source",
            "'furlong' is no unit: \"furlong\" is no known unit (line 1, column 20); units are written as in VOUnits"
        ),
        (
            "SELECT IN_UNIT(ra, 'Arcsec') FROM gaia.source",
            "'Arcsec' is no unit: \"Arcsec\" is no known unit (line 1, column 20); nearest: arcsec"
        ),
        ("SELECT IN_UNIT(ra, 'kmas') FROM gaia.source", "'kmas' is no unit: \"mas\" takes no prefix (line 1, column 20); write the number"),
        (
            "SELECT IN_UNIT(ra, 'm/s.kg') FROM gaia.source",
            "'m/s.kg' is no unit: a product after a slash is ambiguous (line 1, column 20); write"
        ),
        (
            "SELECT IN_UNIT(pmra, 'km/s') FROM gaia.source",
            "'mas.yr**-1' cannot be converted to 'km/s' (line 1, column 8); the first measures rad.s**-1, the second m.s**-1"
        ),
        (
            "SELECT IN_UNIT(3, 'm') FROM gaia.source",
            "a pure number cannot be converted to 'm' (line 1, column 8); the first measures a pure number"
        ),
        ("SELECT IN_UNIT(mag, 'Jy') FROM gaia.source", "'mag' cannot be converted to 'Jy' (line 1, column 8); mag is a logarithmic scale"),
        (
            "SELECT IN_UNIT(IN_UNIT(ra / dec, ''), 'dB') FROM gaia.source",
            "cannot be converted to 'dB' (line 1, column 8); dB is a logarithmic scale"
        ),
        (
            "SELECT IN_UNIT(gavo_specconv(1, 'm', 'nm'), 'Hz') FROM gaia.source",
            "'nm' cannot be converted to 'Hz' (line 1, column 8); gavo_specconv converts"
        ),
        ("SELECT IN_UNIT(visits, 'm') FROM gaia.source", "the unit of this value is not known (line 1, column 16); columns have units"),
        ("SELECT IN_UNIT(ra, name) FROM gaia.source", "the unit of IN_UNIT must be a literal (line 1, column 20)"),
        (
            "SELECT ivo_geom_transform('icrs', 'GALACTIC', spot) FROM gaia.source",
            "unknown reference frame 'icrs' (line 1, column 27); known: ICRS, FK5, FK4, GALACTIC, ECLIPTIC"
        ),
        (
            "SELECT ivo_geom_transform('ICRS', 'MARS', spot) FROM gaia.source",
            "unknown reference frame 'MARS' (line 1, column 35); known: ICRS, FK5, FK4, GALACTIC, ECLIPTIC"
        ),
        (
            "SELECT gavo_transform(name, 'ICRS', spot) FROM gaia.source",
            "the from_sys of gavo_transform must be a literal (line 1, column 23)"
        ),
        (
            "SELECT ivo_geom_transform('ICRS', 'FK4', ra) FROM gaia.source",
            "argument 3 of ivo_geom_transform must be a point, a circle or a polygon"
        ),
        (
            "SELECT ivo_geom_transform('ICRS', 'FK4', POINT('GALACTIC', 1, 2)) FROM gaia.source",
            "shapes in ICRS and in GALACTIC cannot be compared"
        ),
        (
            "SELECT CONTAINS(ivo_geom_transform('ICRS', 'GALACTIC', spot), field) FROM gaia.source",
            "shapes in GALACTIC and in ICRS cannot be compared"
        ),
        (
            "SELECT ivo_histogram(ra, 10, 10, 5) FROM gaia.source",
            "a histogram can't reach from 10 to 10 (line 1, column 26); the lower edge"
        ),
        (
            "SELECT ivo_histogram(ra, 0, 10, 0) FROM gaia.source",
            "a histogram can't have 0 bins (line 1, column 33); there may be 1 to 1000"
        ),
        ("SELECT gavo_histogram(ra, 0, 10, 1001) FROM gaia.source", "a histogram can't have 1001 bins"),
        ("SELECT ivo_histogram(ra, mag, 10, 5) FROM gaia.source", "the lower of ivo_histogram must be a literal (line 1, column 26)"),
        ("SELECT ivo_histogram(ra, 0, 10, NULL) FROM gaia.source", "the nbins of ivo_histogram must be a literal"),
        ("SELECT 1 FROM gaia.source WHERE ivo_histogram(ra, 0, 10, 5) IS NULL", "ivo_histogram can't stand in WHERE"),
        ("SELECT ivo_histogram(MAX(ra), 0, 10, 5) FROM gaia.source", "MAX can't stand inside another aggregate"),
        (
            "SELECT gavo_specconv(ra, 'keV') FROM gaia.source",
            "'deg' measures neither a wavelength, a frequency, an energy nor a wavenumber (line 1, column 22); such are"
        ),
        (
            "SELECT ivo_healpix_index(30, ra, dec) FROM gaia.source",
            "there is no HEALPix order 30 (line 1, column 26); orders go from 0 to 29"
        ),
        ("SELECT gavo_specconv(3, 'nm', 'Jy') FROM gaia.source", "'Jy' measures neither a wavelength"),
        ("SELECT gavo_specconv(visits, 'keV') FROM gaia.source", "the unit of this value is not known"),
    ]

    @Test("what is wrong with a literal is told with its place and what would work", arguments: refused)
    func messages(query: String, message: String) throws {
        let found = try Archive.complaints(query)
        #expect(found.count == 1 && found[0].contains(message), "\(found)")
    }

    private static let right: [String] = [
        "SELECT CONTAINS(ivo_geom_transform('ICRS', 'GALACTIC', spot), CIRCLE(120, 5, 3)) FROM gaia.source",
        "SELECT CONTAINS(ivo_geom_transform('ICRS', 'GALACTIC', spot), CIRCLE('GALACTIC', 120, 5, 3)) FROM gaia.source",
        "SELECT CONTAINS(spot, ivo_geom_transform('GALACTIC', 'ICRS', CIRCLE('GALACTIC', 120, 5, 3))) FROM gaia.source",
        "SELECT DISTANCE(ivo_geom_transform('ICRS', 'FK4', spot), ivo_geom_transform('GALACTIC', 'FK4', POINT(1, 2))) FROM gaia.source",
        "SELECT COORD1(ivo_geom_transform('FK4', 'FK4', POINT('FK4', 1, 2))) FROM gaia.source",
        "SELECT IN_UNIT(ra / dec, '%'), IN_UNIT(COALESCE(pmra, 0), 'deg.yr**-1'), IN_UNIT(mag, 'mmag') FROM gaia.source",
        "SELECT IN_UNIT(x, 'arcsec') FROM (SELECT SQRT(ra * ra + dec * dec) AS x FROM gaia.source) AS q",
        "SELECT ivo_histogram(ra, -1 * 180, 3.6e2, 2 * 18) FROM gaia.source GROUP BY visits",
    ]

    @Test("literals that are right are accepted", arguments: right)
    func accepted(query: String) throws {
        #expect(try Archive.complaints(query) == [])
    }

    @Test("the frame of what was converted is known")
    func frame() throws {
        let query = try Archive.resolve("SELECT COORDSYS(ivo_geom_transform('ICRS', 'GALACTIC', spot)) AS f FROM gaia.source")
        guard case .selection(let selection) = query.root.source, case .string(let frame) = selection.items[0].node else {
            Issue.record("the frame is no constant of a selection")
            return
        }
        #expect(frame == "GALACTIC")
    }
}
