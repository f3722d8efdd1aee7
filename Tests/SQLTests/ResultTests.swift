import Postgres
import Testing

extension SQLTests {
    /// Queries and their rows, each worked out by hand from the data in Sky.
    @Suite struct Results {
        @Test("queries have the rows that the standard says", arguments: cases)
        func rows(query: String, expected: [String]) throws {
            #expect(try Translate.rows(query) == expected, "\(query)")
        }

        private static let cases: [(String, [String])] = [
            // Selection, sorting, cutting (ADQL 2.1 §2.2.1).
            ("SELECT TOP 2 source_id FROM gaia.source ORDER BY source_id DESC", ["1012", "1011"]),
            ("SELECT TOP 0 source_id FROM gaia.source", []),
            ("SELECT TOP 2 source_id FROM gaia.source ORDER BY source_id OFFSET 10", ["1011", "1012"]),
            ("SELECT source_id FROM gaia.source ORDER BY 1 OFFSET 11", ["1012"]),
            ("SELECT TOP 1 ra + 1 AS x FROM gaia.source ORDER BY x DESC", ["60"]),
            ("SELECT TOP 1 source_id FROM gaia.source ORDER BY -source_id", ["1012"]),
            ("SELECT TOP 1 source_id, -1 FROM gaia.source ORDER BY -1, source_id", ["1001 | -1"]),
            ("SELECT source_id FROM gaia.source WHERE source_id < 1004 ORDER BY 1 LIMIT 2", ["1001", "1002"]),
            ("SELECT DISTINCT visits FROM gaia.source ORDER BY visits", ["0", "1", "2", "3", "4"]),
            ("SELECT DISTINCT code FROM gaia.source ORDER BY code", ["A", "BB", "CCC"]),
            // Arithmetic (§2.3): whole numbers divide without remainder, chains go from left to right.
            ("SELECT TOP 1 10 - 3 - 2, 2 * 3 - 4 * -5, 7 / 2, 7 / 2., 1 / 2 * 2, 8 / 4 / 2 FROM gaia.source", ["5 | 26 | 3 | 3.5 | 0 | 1"]),
            ("SELECT TOP 1 1--1\n FROM gaia.source", ["1"]),
            ("SELECT TOP 1 .5 + 1. + 1e2 + 1.5E-1 FROM gaia.source", ["101.65"]),
            ("SELECT TOP 1 - - 2, +3, -(2 - 5) FROM gaia.source", ["2 | 3 | 3"]),
            ("SELECT TOP 1 NULL + 1, NULL || 'a', COALESCE(NULL, 'b') FROM gaia.source", ["null | null | b"]),
            ("SELECT TOP 1 3000000000 + 1, 123456789012345678901234567890 * 0 FROM gaia.source", ["3000000001 | 0"]),
            // Text.
            (#"SELECT TOP 1 'O''Neill' || ' \n \\ ' || 'x' FROM gaia.source"#, [#"O'Neill \n \\ x"#]),
            // A quote with a combining mark behind it is one Character for Swift and a quote for SQL.
            ("SELECT TOP 1 'x''\u{301} UNION ALL SELECT ''y' FROM gaia.source", ["x'\u{301} UNION ALL SELECT 'y"]),
            ("SELECT TOP 1 'x\\\u{301}''\u{301}' AS \"a\"\"\u{301}b\" FROM gaia.source", ["x\\\u{301}'\u{301}"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE name = 'x''\u{301}' OR name LIKE 'x''\u{301}'", ["0"]),
            ("SELECT source_id FROM gaia.source WHERE name LIKE 'star _' AND name LIKE '%A'", ["1001"]),
            (#"SELECT COUNT(*) FROM gaia.source WHERE name LIKE '\%'"#, ["0"]),
            (#"SELECT TOP 1 source_id FROM gaia.source WHERE 'a\b' LIKE 'a\_' AND NOT 'a%' LIKE 'a\%'"#, ["1001"]),
            ("SELECT source_id FROM gaia.source WHERE name ILIKE 'STAR a'", ["1001"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE code = 'A'", ["4"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE 'A  ' = code", ["4"]),
            ("SELECT TOP 1 code || '|' FROM gaia.source WHERE source_id = 1003", ["A|"]),
            ("SELECT TOP 1 'a' || 1 || epoch FROM gaia.source WHERE source_id = 1001", ["a12016-01-02T00:00:00"]),
            // NULL is three-valued.
            ("SELECT COUNT(*) FROM gaia.source WHERE NOT (mag > 0)", ["0"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE mag IS NULL OR mag > 0", ["12"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE visits NOT IN (1, NULL)", ["0"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE mag = NULL", ["0"]),
            ("SELECT COUNT(*), COUNT(mag), COUNT(DISTINCT visits) FROM gaia.source", ["12 | 11 | 5"]),
            // Comparisons.
            ("SELECT COUNT(*) FROM gaia.source WHERE source_id BETWEEN 1003 AND 1005.5", ["3"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE source_id NOT BETWEEN 1003 AND 1005", ["9"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE epoch >= '2016-01-10T00:00:00Z'", ["4"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE epoch BETWEEN '2016-01-10' AND '2016-01-11 00:00:00'", ["2"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE flag = 1 AND flag = 'true' AND flag <> 0", ["6"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE visits IN (1, 2) OR name IN ('star D', 'star L')", ["7"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE \"Mixed\" < -10 AND \"size\" > 1", ["2"]),
            // Groups.
            (
                "SELECT visits, COUNT(*) AS n, AVG(small), SUM(small), MIN(name), MAX(code) FROM gaia.source GROUP BY visits HAVING COUNT(*) > 2 ORDER BY visits",
                ["1 | 3 | 6 | 18 | star A | CCC", "2 | 3 | 7 | 21 | star B | CCC"]
            ),
            ("SELECT MOD(source_id, 2) AS odd, SUM(visits) FROM gaia.source GROUP BY odd ORDER BY odd", ["0 | 12", "1 | 11"]),
            ("SELECT visits + 1, COUNT(*) FROM gaia.source GROUP BY visits + 1 ORDER BY 1", ["1 | 2", "2 | 3", "3 | 3", "4 | 2", "5 | 2"]),
            ("SELECT 1 FROM gaia.source HAVING COUNT(*) > 3", ["1"]),
            ("SELECT SUM(mag), AVG(visits), MAX(flux) FROM gaia.source, gaia.transit WHERE 1 = 0", ["null | null | null"]),
            // Joins.
            ("SELECT COUNT(*) FROM gaia.source AS s JOIN gaia.transit AS t ON s.source_id = t.source_id", ["23"]),
            ("SELECT COUNT(*) FROM gaia.source JOIN gaia.transit USING (source_id)", ["23"]),
            ("SELECT COUNT(*), COUNT(transit_id) FROM gaia.source LEFT JOIN gaia.transit USING (source_id)", ["23 | 23"]),
            (
                "SELECT COUNT(*), COUNT(s.source_id), COUNT(source_id) FROM gaia.source s RIGHT JOIN gaia.transit t USING (source_id)",
                ["24 | 23 | 24"]
            ),
            ("SELECT COUNT(*), COUNT(source_id) FROM gaia.source AS s FULL JOIN gaia.transit AS t USING (source_id)", ["24 | 24"]),
            ("SELECT COUNT(*) FROM gaia.source, other.source AS o", ["36"]),
            ("SELECT COUNT(*) FROM gaia.source CROSS JOIN other.source AS o", ["36"]),
            ("SELECT source_id, num FROM gaia.source AS s JOIN other.source AS o ON s.ra = o.ra ORDER BY 1", ["1001 | 1"]),
            ("SELECT source_id, num FROM gaia.source NATURAL JOIN other.source AS o", ["1001 | 1"]),
            (
                "SELECT a.source_id, b.transit_id FROM gaia.source a LEFT JOIN (gaia.transit b JOIN other.source o ON b.transit_id = 5000 + o.num) ON a.source_id = b.source_id WHERE b.transit_id IS NOT NULL ORDER BY 1",
                ["1002 | 5001", "1003 | 5002"]
            ),
            // Subqueries.
            (
                "SELECT source_id FROM gaia.source WHERE source_id IN (SELECT source_id FROM gaia.transit WHERE flux <= 200) ORDER BY 1",
                ["1002", "1003"]
            ),
            (
                "SELECT source_id FROM gaia.source AS s WHERE NOT EXISTS (SELECT * FROM gaia.transit AS t WHERE t.source_id = s.source_id AND flux > 1300)",
                ["1001"]
            ),
            ("SELECT source_id FROM gaia.source WHERE mag = (SELECT MAX(mag) FROM gaia.source)", ["1012"]),
            (
                "SELECT s.source_id, (SELECT COUNT(*) FROM gaia.transit AS t WHERE t.source_id = s.source_id) AS n FROM gaia.source AS s WHERE source_id > 1010 ORDER BY 1",
                ["1011 | 2", "1012 | 2"]
            ),
            ("SELECT q.x, \"Y\" FROM (SELECT source_id AS x, ra AS \"Y\" FROM gaia.source) AS q WHERE q.x = 1001", ["1001 | 56.25"]),
            (
                "WITH a AS (SELECT source_id AS s, mag FROM gaia.source), b AS (SELECT * FROM a WHERE mag > 13) SELECT a.s FROM a JOIN b ON a.s = b.s ORDER BY a.s",
                ["1011", "1012"]
            ),
            // Set operations.
            ("SELECT visits FROM gaia.source UNION SELECT 7 FROM gaia.source ORDER BY visits DESC OFFSET 4", ["1", "0"]),
            ("SELECT TOP 1 1 AS a FROM gaia.source UNION ALL SELECT TOP 2 2.5 FROM gaia.source ORDER BY a", ["1", "2.5", "2.5"]),
            ("SELECT visits FROM gaia.source EXCEPT SELECT visits FROM gaia.source WHERE visits > 1 ORDER BY 1", ["0", "1"]),
            ("SELECT 1 AS a FROM other.source UNION SELECT 2 FROM other.source INTERSECT SELECT 3 FROM other.source", ["1"]),
            ("(SELECT TOP 3 source_id FROM gaia.source ORDER BY source_id) ORDER BY source_id DESC", ["1003", "1002", "1001"]),
            ("SELECT COUNT(*) FROM (SELECT id FROM gaia.source UNION SELECT id FROM gaia.transit) AS q", ["36"]),
            // Conversions.
            (
                "SELECT TOP 1 CAST(2.7 AS INTEGER), CAST('12' AS BIGINT), CAST(3 AS DOUBLE PRECISION), CAST(1.5 AS VARCHAR), CAST('abcd' AS CHAR(2)) FROM gaia.source",
                ["3 | 12 | 3 | 1.5 | ab"]
            ),
            (
                "SELECT TOP 1 CAST('2016-01-01T12:00:00Z' AS TIMESTAMP), CAST(flag AS SMALLINT), CAST('1 2' AS POINT) FROM gaia.source WHERE visits = 2",
                ["2016-01-01 12:00:00 | 1 | {1,2}"]
            ),
            ("SELECT TOP 1 CAST(CAST('10 20 0.5' AS CIRCLE) AS VARCHAR), CAST(NULL AS REAL) FROM gaia.source", ["10 20 0.5 | null"]),
            (
                "SELECT TOP 1 IN_UNIT(ra, 'arcmin'), ROUND(IN_UNIT(pmra, 'deg/yr') * 1e9, 6), IN_UNIT(ra / 2, 'deg') FROM gaia.source ORDER BY ra",
                ["3375 | 5416.666667 | 28.125"]
            ),
            // CASE, an extension.
            (
                "SELECT CASE WHEN visits > 3 THEN 'many' WHEN visits = 0 THEN 'none' END, CASE visits WHEN 4 THEN 1 ELSE 0.5 END FROM gaia.source WHERE source_id IN (1004, 1005, 1006) ORDER BY source_id",
                ["many | 1", "none | 0.5", "null | 0.5"]
            ),
            // Geometry.
            ("SELECT COUNT(*) FROM gaia.source WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 56.25, 23.875, 0.3))", ["2"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE CONTAINS(place, CIRCLE(56.25, 23.875, 0.3)) = 0", ["10"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE CONTAINS(place, field) <> 1", ["0"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE 0 < CONTAINS(place, field) AND 2 > CONTAINS(place, field)", ["12"]),
            ("SELECT CONTAINS(POINT(o.ra, o.dec), CIRCLE(56, 24, 1)) FROM other.source AS o ORDER BY num", ["1", "0", "null"]),
            ("SELECT SUM(INTERSECTS(field, CIRCLE(56.25, 23.875, 0.1))) FROM gaia.source", ["3"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(POINT(ra, dec), POINT(56.25, 23.875)) < 0.3", ["2"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE 0.3 > DISTANCE(56.25, 23.875, ra, dec)", ["2"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(ra, dec, 56.25, 23.875) > 0.3", ["10"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(place, POINT(56.25, 23.875)) BETWEEN 0.1 AND 0.3", ["1"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(place, POINT(56.25, 23.875)) < 170", ["12"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE NOT DISTANCE(place, POINT(56.25, 23.875)) < -1", ["12"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(place, POINT(236.25, -23.875)) < 170 + small", ["4"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(place, POINT(56.25, 23.875)) < 170 + small", ["12"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE NOT DISTANCE(place, POINT(56.25, 23.875)) < mag - 100", ["11"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE NOT DISTANCE(place, POINT(0, 0)) < mag - 5", ["11"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE DISTANCE(place, POINT(56.25, 23.875)) < pmra - 19.2", ["1"]),
            (
                "SELECT TOP 1 POINT(10, 20), CIRCLE(10, 20, 0.5), POLYGON(10, 0, 20, 0, 15, 10) FROM gaia.source",
                ["{10,20} | {10,20,0.5} | {10,0,20,0,15,10}"]
            ),
            (
                "SELECT TOP 1 place, field, footprint, coverage FROM gaia.source ORDER BY source_id",
                ["{56.25,23.875} | {56.25,23.875,0.5} | {57,24,59,24,58,26} | 5/1"]
            ),
            ("SELECT DISTINCT POINT(1, 2) FROM gaia.source", ["{1,2}"]),
            ("SELECT COORD1(q.p) FROM (SELECT DISTINCT POINT(visits, 2) AS p FROM gaia.source) AS q ORDER BY 1 OFFSET 4", ["4"]),
            (
                "SELECT ROUND(COORD1(p), 9), ROUND(COORD2(p), 9) FROM (SELECT place AS p FROM gaia.source UNION SELECT place FROM big.star WHERE star_id < 2) AS q WHERE COORD2(p) < 0",
                ["137.50776405 | -89.766090797"]
            ),
            ("SELECT COUNT(*) FROM gaia.source WHERE place = POINT(56.25, 23.875) OR place IN (POINT(56.5, 23.75), POINT(1, 2))", ["2"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE place <> POINT(56.25, 23.875)", ["11"]),
            (
                "SELECT COUNT(*) FROM gaia.source WHERE 1 = CONTAINS(ivo_healpix_center(5, 3), coverage) OR 1 = INTERSECTS(coverage, ivo_healpix_center(5, 4))",
                ["2"]
            ),
            (
                "SELECT TOP 1 COORDSYS(place), COORDSYS(POINT('GALACTIC GEOCENTER', 1, 2)), ROUND(AREA(field), 6) FROM gaia.source WHERE 1 = CONTAINS(POINT('GALACTIC', 1, 2), CIRCLE('galactic', 1, 2, 1))",
                ["ICRS | GALACTIC | 0.785393"]
            ),
            (
                "SELECT POLYGON(num * 0 / 0., 1, 2, 3, 4, 5), POLYGON(POINT(NULL, 1), POINT(1, 2), POINT(3, 3)), POLYGON(1, 1, 2, NULL, 4, 5) FROM other.source WHERE num IS NULL",
                ["null | null | null"]
            ),
            // User-defined functions.
            ("SELECT ivo_string_agg(name, '+') FROM gaia.source WHERE source_id < 1003", ["star A+star B"]),
            ("SELECT COUNT(*) FROM gaia.source WHERE 1 = ivo_nocasematch(name, 'STAR_%') AND ivo_hashlist_has('a#b', code) = 1", ["3"]),
        ]

        @Test(
            "what is no polygon is an error, not a NULL",
            arguments: ["1, 1, 2, 2, 1, 1", "0, 0, 10, 10, 0, 10, 10, 0", "0, 0, 90, 0, 180, 0, 270, 0"])
        func polygon(coordinates: String) throws {
            let sql = try Translate.sql("SELECT POLYGON(\(coordinates)) FROM other.source")
            let error = try #require(throws: PostgresError.self) { try SharedDatabase.session().query(sql) }
            #expect(error.sqlstate == "22000")
        }

        @Test("conditions inside conditions do not make the SQL grow beyond measure")
        func growth() throws {
            var value = "ra"
            for _ in 0..<20 {
                value = "CASE WHEN DISTANCE(POINT(\(value), dec), POINT(ra, dec)) < 1 THEN 1 ELSE 2 END"
            }
            let query = "SELECT 1 FROM big.star AS s WHERE DISTANCE(POINT(\(value), dec), POINT(ra, dec)) < 1"
            #expect(try Translate.sql(query).utf8.count < 20 * query.utf8.count)
            var row = "id"
            for _ in 0..<20 { row = "CASE WHEN \(row) = 'x' THEN id ELSE id END" }
            #expect(try Translate.sql("SELECT 1 FROM big.star WHERE \(row) <> 'x'").utf8.count < 20 * row.utf8.count)
        }

        @Test("a limit from outside cuts after TOP, and never raises it")
        func limit() throws {
            #expect(try Translate.rows("SELECT TOP 5 source_id FROM gaia.source ORDER BY 1", limit: 2) == ["1001", "1002"])
            #expect(try Translate.rows("SELECT TOP 1 source_id FROM gaia.source ORDER BY 1", limit: 2) == ["1001"])
            #expect(try Translate.rows("SELECT TOP 1 num FROM other.source UNION ALL SELECT num FROM other.source", limit: 2).count == 2)
            #expect(try Translate.rows("(SELECT TOP 3 source_id FROM gaia.source ORDER BY 1 DESC)", limit: 2) == ["1012", "1011"])
            #expect(try Translate.rows("SELECT source_id FROM gaia.source ORDER BY 1 OFFSET 3", limit: 1) == ["1004"])
        }
    }
}
