import Names
import Testing

@Suite struct ShapeTests {
    @Test(
        "a value in another unit where degrees are meant is warned of",
        arguments: [
            ("POINT(parallax, dec)", ["POINT takes degrees, and parallax is in mas: write IN_UNIT(parallax, 'deg')"]),
            ("CIRCLE(ra, dec, s.\"size\")", ["CIRCLE takes degrees, and \"size\" is in arcsec: write IN_UNIT(\"size\", 'deg')"]),
            ("DISTANCE(ra, dec, IN_UNIT(ra, 'rad'), dec)", ["DISTANCE takes degrees, and the value is in rad"]),
            ("POINT(ra, dec)", []), ("POINT(IN_UNIT(parallax, 'deg'), dec / 2)", []), ("POINT(DEGREES(parallax), mag)", []),
        ] as [(String, [String])])
    func units(expression: String, warnings: [String]) throws {
        #expect(try Archive.resolve("SELECT \(expression) FROM gaia.source AS s").warnings == warnings)
    }

    @Test("so is a distance that is compared with a column in another unit")
    func limits() throws {
        let query = "SELECT ra FROM gaia.source AS s WHERE DISTANCE(ra, dec, 1, 2) < s.\"size\""
        #expect(
            try Archive.resolve(query).warnings == ["DISTANCE is in degrees, and \"size\" is in arcsec: write IN_UNIT(\"size\", 'deg')"])
        #expect(try Archive.resolve(query.replacing("DISTANCE(ra", with: "3600 * DISTANCE(ra")).warnings.isEmpty)
    }

    @Test(
        "constants that can be no shape are refused where they stand",
        arguments: [
            (
                "POINT(10, 95)",
                "the latitude 95 is outside -90 to 90 degrees (line 1, column 18); the longitude comes first, then the latitude"
            ),
            (
                "CIRCLE(10, 5, 95)",
                "the radius 95 is outside 0 to 90 degrees (line 1, column 22); for more than a hemisphere write DISTANCE(…) <= 95"
            ),
            ("CIRCLE(10, 5, -1)", "the radius -1 is outside 0 to 90 degrees (line 1, column 22)"),
            ("BOX(1, 2, 180, 4)", "a BOX cannot be 180 degrees wide or high (line 1, column 18); both must lie between 0 and 180"),
            (
                "POLYGON(1, 2, 3, 4, 5, 6, 7)",
                "POLYGON has a longitude without a latitude (line 1, column 8); coordinates come in pairs: POLYGON(lon1, lat1, lon2, lat2, lon3, lat3, …)"
            ),
            (
                "MOC('4/3072')",
                "'4/3072' is no MOC: order 4 has cells 0 to 3071, not 3072 (line 1, column 12); for example MOC('4/1-3 5/20')"
            ),
            ("MOC('30/1')", "'30/1' is no MOC: '30' is no order from 0 to 29 (line 1, column 12); for example MOC('4/1-3 5/20')"),
            ("MOC('5')", "'5' is no MOC: no order stands before '5' (line 1, column 12); for example MOC('4/1-3 5/20')"),
            ("MOC('')", "'' is no MOC: it has no cells (line 1, column 12); for example MOC('4/1-3 5/20')"),
            ("MOC('4/3-1')", "'4/3-1' is no MOC: '3-1' is no cell or range of cells (line 1, column 12); for example MOC('4/1-3 5/20')"),
            ("MOC(30, spot)", "the order 30 of a MOC is outside 0 to 29 (line 1, column 12)"),
            (
                "REGION('union (circle 1 2 3)')",
                "REGION does not read UNION (line 1, column 15); it reads point, circle, box, polygon, moc and allsky, in degrees; several shapes are joined with OR: 1 = CONTAINS(…) OR 1 = CONTAINS(…)"
            ),
            (
                "REGION('circle ICRS 1 2 3 unit rad')",
                "REGION does not read unit rad (line 1, column 15); it reads point, circle, box, polygon, moc and allsky, in degrees; several shapes are joined with OR: 1 = CONTAINS(…) OR 1 = CONTAINS(…)"
            ),
            (
                "REGION('circle 1 2')",
                "'circle 1 2' is no shape (line 1, column 15); for example REGION('circle 10 20 0.5') or REGION('polygon 10 0 20 0 15 10')"
            ),
        ] as [(String, String)])
    func refused(expression: String, complaint: String) throws {
        #expect(try Archive.complaints("SELECT \(expression) FROM gaia.source") == [complaint])
    }
}
