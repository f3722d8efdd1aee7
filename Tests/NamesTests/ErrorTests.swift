import Names
import Testing

@Suite struct ErrorTests {
    @Test(
        "errors name the thing as it was typed, its place, and what would work",
        arguments: [
            ("SELECT ra2000 FROM gaia.source", #"unknown column "ra2000" in gaia.source (line 1, column 8); nearest: "ra""#),
            ("SELECT s.rra FROM gaia.source AS s", #"unknown column "rra" in s (line 1, column 8); nearest: "ra""#),
            (
                "SELECT \"RA\" FROM gaia.source",
                #"unknown column "RA" in gaia.source (line 1, column 8); a name in double quotes must match in letter case too: ra"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE name = \"Maia Star\"",
                #"unknown column "Maia Star" in gaia.source (line 1, column 41); double quotes mark a name; a string stands in single quotes: 'Maia Star'"#
            ),
            (
                "SELECT ra AS x FROM gaia.source WHERE x > 1",
                #""x" is an alias of SELECT and not known here (line 1, column 39); repeat its expression, or put the query into FROM: SELECT … FROM (SELECT …) AS q WHERE …"#
            ),
            ("SELECT ra FROM gaia.sources", #"unknown table "gaia.sources" (line 1, column 16); nearest: gaia.source"#),
            ("SELECT ra FROM transits", #"unknown table "transits" (line 1, column 16); nearest: gaia.transit"#),
            ("SELECT 1 FROM xyz", #"unknown table "xyz" (line 1, column 15); TAP_SCHEMA.tables lists what there is"#),
            (
                "SELECT 1 FROM pg_catalog.pg_class",
                #"unknown table "pg_catalog.pg_class" (line 1, column 15); TAP_SCHEMA.tables lists what there is"#
            ),
            ("SELECT 1 FROM source", #"table "source" is ambiguous (line 1, column 15); write gaia.source or odd.source"#),
            (
                "SELECT source_id FROM gaia.source AS s, gaia.transit AS t",
                #"column "source_id" is ambiguous (line 1, column 8); write s.source_id or t.source_id"#
            ),
            ("SELECT a FROM odd.twins", #"column "a" is ambiguous (line 1, column 8); write odd.twins.a or odd.twins."A""#),
            ("SELECT t.ra FROM gaia.source AS s", #"t is no table of this FROM (line 1, column 8); tables here: s"#),
            ("SELECT gaia.source.ra FROM gaia.source AS s", #"gaia.source is called s in this FROM (line 1, column 8); write s.ra"#),
            ("SELECT source.* FROM gaia.source AS s", #"source is called s in this FROM (line 1, column 8); write s.*"#),
            (
                "SELECT 1 FROM gaia.source AS s, gaia.transit AS S",
                #"two tables of this FROM are called S (line 1, column 33); rename one: S AS a"#
            ),
            (
                "SELECT \"ra + dec\" FROM gaia.source",
                #"unknown column "ra + dec" in gaia.source (line 1, column 8); double quotes make it one name; to have it computed, leave them out: ra + dec"#
            ),
            (
                "SELECT ra.dec FROM gaia.source",
                #"ra is a column and no table of this FROM (line 1, column 8); a comma stands between two columns: ra, dec"#
            ),
            (
                "SELECT 1 FROM \"gaia.source\"",
                #"unknown table "gaia.source" (line 1, column 15); each part has quotes of its own, or none: gaia.source"#
            ),
            (
                "SELECT STDDEV(ra) FROM gaia.source",
                #"unknown function STDDEV (line 1, column 8); the standard deviation is SQRT(AVG(x * x) - AVG(x) * AVG(x))"#
            ),
            (
                "SELECT YEAR(epoch) FROM gaia.source",
                #"unknown function YEAR (line 1, column 8); compare with both ends: t >= '2016-01-01' AND t < '2017-01-01'"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE name = 5",
                #"text cannot be compared with a whole number (line 1, column 34); a text stands in single quotes: '5'"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE flag = 'yes'",
                #"a truth value cannot be compared with text (line 1, column 34); compare a truth value with 1 or 0"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE mag LIKE '1%'",
                #"LIKE works on text, not on a number (line 1, column 34); convert it with CAST(… AS VARCHAR)"#
            ),
            ("SELECT sqr(ra) FROM gaia.source", #"unknown function sqr (line 1, column 8); nearest: SQRT"#),
            ("SELECT pg_sleep(1) FROM gaia.source", #"unknown function pg_sleep (line 1, column 8); the capabilities list what there is"#),
            ("SELECT SQRT(ra, 2) FROM gaia.source", #"SQRT does not take 2 arguments (line 1, column 8); it is SQRT(x DOUBLE) -> DOUBLE"#),
            (
                "SELECT SQRT(name) FROM gaia.source",
                #"argument 1 of SQRT must be a number, not text (line 1, column 13); it is SQRT(x DOUBLE) -> DOUBLE"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE visits = '3'",
                #"a whole number cannot be compared with text (line 1, column 34); a number stands without quotes: 3"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE epoch > 'yesterday'",
                #"a timestamp cannot be compared with text (line 1, column 34); a timestamp is written '2016-01-01T12:00:00'"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE epoch > '2016-02-30'",
                #"a timestamp cannot be compared with text (line 1, column 34); a timestamp is written '2016-01-01T12:00:00'"#
            ),
            ("SELECT name + 1 FROM gaia.source", #"+ works on numbers, not on text (line 1, column 8); texts are joined with ||"#),
            (
                "SELECT ra, COUNT(*) FROM gaia.source",
                #"column "ra" is neither grouped nor aggregated (line 1, column 8); add it to GROUP BY, or take MIN(ra), MAX(ra) or another aggregate"#
            ),
            (
                "SELECT visits FROM gaia.source GROUP BY 1",
                #"GROUP BY takes columns and expressions, not positions (line 1, column 41); repeat the expression in place of 1"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE COUNT(*) > 1",
                #"COUNT can't stand in WHERE (line 1, column 34); conditions on groups belong to HAVING"#
            ),
            (
                "SELECT POINT(10, 95) FROM gaia.source",
                #"the latitude 95 is outside -90 to 90 degrees (line 1, column 18); the longitude comes first, then the latitude"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE 1 = CONTAINS(field, spot)",
                #"a shape cannot lie inside a point (line 1, column 38); the inner one comes first: CONTAINS(point, shape)"#
            ),
            (
                "SELECT ra FROM gaia.source WHERE 1 = CONTAINS(POINT('GALACTIC', 1, 2), field)",
                #"shapes in GALACTIC and in ICRS cannot be compared (line 1, column 38); give both in ICRS; a coordinate system argument converts nothing"#
            ),
            (
                "SELECT ra FROM gaia.source UNION SELECT name FROM gaia.source",
                #"column 1 is a number on one side of UNION and text on the other (line 1, column 28); convert one with CAST"#
            ),
            ("SELECT ra FROM gaia.source ORDER BY 3", #"ORDER BY 3 is no output column (line 1, column 37); there is 1"#),
            (
                "SELECT IN_UNIT(ra, 'km') FROM gaia.source",
                #"'deg' cannot be converted to 'km' (line 1, column 8); the first measures rad, the second m"#
            ),
            ("SELECT ra\nFROM gaia.source\nWHERE  decc > 1", #"unknown column "decc" in gaia.source (line 3, column 8); nearest: "dec""#),
        ])
    func wording(query: String, complaint: String) throws {
        #expect(try Archive.complaints(query) == [complaint])
    }

    @Test("all that is unknown is told at once, in the order of the text, and nothing twice")
    func together() throws {
        let query = """
            SELECT raa, decc, SQR(ra), nofunc(raa) FROM gaia.source AS s JOIN gaia.transits AS t ON s.source_id = t.nothing
            WHERE fluxx > 1 AND s.idd = 3 GROUP BY maag ORDER BY raa
            """
        #expect(
            try Archive.codes("SELECT raa, decc FROM gaia.source WHERE fluxx > 1 ORDER BY maag")
                == ["unknown-column", "unknown-column", "unknown-column", "unknown-column"])
        let complaints = try Archive.complaints(query)
        // Names that may belong to the unknown table are not held against the user.
        #expect(
            complaints.map { String($0.prefix { $0 != "(" }) } == [
                "unknown function SQR ", "unknown function nofunc ", #"unknown table "gaia.transits" "#, #"unknown column "idd" in s "#,
            ])
    }

    @Test(
        "queries that the standard does not allow are refused, each for its reason",
        arguments: [
            ("SELECT ra FROM gaia.source AS a, gaia.source AS a", "duplicate-name"),
            ("SELECT ra FROM gaia.source, gaia.source", "duplicate-name"),
            ("WITH a AS (SELECT 1 AS x FROM gaia.source), A AS (SELECT 1 AS x FROM gaia.source) SELECT x FROM a", "duplicate-name"),
            ("SELECT x FROM (SELECT ra AS x, dec AS x FROM gaia.source) AS q", "ambiguous-column"),
            ("SELECT ra FROM gaia.source JOIN gaia.transit USING (ra)", "unknown-column"),
            ("SELECT ra FROM gaia.source NATURAL JOIN odd.twins", "unknown-column"), ("SELECT B FROM odd.\"TWINS\"", "unknown-table"),
            ("SELECT x FROM odd.mixed_table", "unknown-table"), ("SELECT a.b.c.ra FROM gaia.source", "unknown-table"),
            ("SELECT 1 FROM cat.gaia.source", "unknown-table"),
            ("SELECT q.ra FROM (SELECT s.ra FROM gaia.source AS t) AS q, gaia.source AS s", "unknown-table"),
            ("SELECT MAX(MIN(ra)) FROM gaia.source", "misplaced-aggregate"),
            ("SELECT ra FROM gaia.source GROUP BY ra, MAX(dec)", "misplaced-aggregate"),
            ("SELECT MAX(ra) AS m FROM gaia.source GROUP BY m", "misplaced-aggregate"),
            ("SELECT 1 FROM gaia.source AS s JOIN gaia.transit AS t ON COUNT(*) > 1", "misplaced-aggregate"),
            ("SELECT (SELECT MAX(s.ra) FROM gaia.transit) FROM gaia.source AS s", "misplaced-aggregate"),
            ("SELECT ra FROM gaia.source HAVING COUNT(*) > 1", "not-grouped"),
            ("SELECT COUNT(*) FROM gaia.source ORDER BY ra", "not-grouped"),
            ("SELECT visits + 1 FROM gaia.source GROUP BY visits + 2", "not-grouped"),
            ("SELECT * FROM gaia.transit GROUP BY id", "not-grouped"),
            (
                "SELECT visits, (SELECT COUNT(*) FROM gaia.transit AS t WHERE t.source_id = s.source_id) FROM gaia.source AS s GROUP BY visits",
                "not-grouped"
            ),
            ("SELECT spot FROM gaia.source GROUP BY spot", "incomparable-types"),
            ("SELECT ra FROM gaia.source ORDER BY spot", "incomparable-types"),
            ("SELECT COUNT(DISTINCT spot) FROM gaia.source", "incomparable-types"),
            ("SELECT DISTINCT ra FROM gaia.source ORDER BY dec", "order-by"),
            ("SELECT ra FROM gaia.source UNION SELECT dec FROM gaia.source ORDER BY ra + 1", "order-by"),
            ("SELECT ra FROM gaia.source UNION SELECT dec FROM gaia.source ORDER BY dec", "unknown-column"),
            ("SELECT ra, dec FROM gaia.source UNION SELECT dec FROM gaia.source", "column-count"),
            ("SELECT ra FROM gaia.source WHERE ra IN (SELECT ra, dec FROM gaia.source)", "column-count"),
            ("SELECT (SELECT * FROM gaia.transit) FROM gaia.source", "column-count"),
            ("SELECT ra FROM gaia.source WHERE spot < POINT(1, 2)", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE raw = raw", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE shorts = shorts", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE flag = 2", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE flag > 0", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE id = 3", "incomparable-types"),
            ("SELECT ra FROM gaia.source WHERE visits LIKE '1%'", "operand-type"), ("SELECT spot || 'a' FROM gaia.source", "operand-type"),
            ("SELECT AVG(name) FROM gaia.source", "operand-type"), ("SELECT MAX(spot) FROM gaia.source", "operand-type"),
            ("SELECT MIN(flag) FROM gaia.source", "operand-type"),
            ("SELECT CAST(spot AS INTEGER) FROM gaia.source", "cast-type"), ("SELECT CAST(raw AS VARCHAR) FROM gaia.source", "cast-type"),
            ("SELECT CAST(ra AS CHAR(99999999)) FROM gaia.source", "cast-type"), ("SELECT 1e999 FROM gaia.source", "number-range"),
            ("SELECT COALESCE(ra, name) FROM gaia.source", "argument-type"),
            ("SELECT CASE WHEN ra > 1 THEN 'a' ELSE 2 END FROM gaia.source", "argument-type"),
            ("SELECT POLYGON(1, 2, 3, 4, 5) FROM gaia.source", "argument-count"),
            ("SELECT POLYGON(1, 2, 3, 4, 5, 6, 7) FROM gaia.source", "argument-count"),
            ("SELECT POLYGON(1, 2, spot, 4, 5, 6) FROM gaia.source", "argument-type"),
            ("SELECT POINT(1) FROM gaia.source", "argument-count"),
            ("SELECT CIRCLE(1, 2, 91) FROM gaia.source", "argument-value"), ("SELECT CIRCLE(spot, -1) FROM gaia.source", "argument-value"),
            ("SELECT BOX(1, 2, 180, 1) FROM gaia.source", "argument-value"),
            ("SELECT POINT('NOWHERE', 1, 2) FROM gaia.source", "unknown-frame"),
            ("SELECT REGION('blob 1 2') FROM gaia.source", "argument-value"), ("SELECT REGION(name) FROM gaia.source", "argument-value"),
            ("SELECT IN_UNIT(ra, 'furlong') FROM gaia.source", "unknown-unit"),
            ("SELECT IN_UNIT(visits, 'm') FROM gaia.source", "unknown-unit"),
            ("SELECT IN_UNIT(ra, name) FROM gaia.source", "argument-value"),
            ("SELECT ivo_healpix_index(2.5, 1, 2) FROM gaia.source", "argument-type"),
            ("SELECT 1 FROM gaia.source AS s FULL JOIN gaia.transit AS t ON s.source_id > t.source_id", "join-condition"),
            ("SELECT 1 FROM gaia.source AS s FULL JOIN gaia.source AS t USING (spot)", "join-condition"),
            ("SELECT 1 FROM gaia.source WHERE NULL IN (SELECT spot FROM gaia.source)", "incomparable-types"),
            ("SELECT 1 FROM gaia.source WHERE NULL IN (1, name)", "incomparable-types"),
            ("SELECT CASE NULL WHEN 1 THEN 1 WHEN 'a' THEN 2 END FROM gaia.source", "incomparable-types"),
            ("SELECT * FROM \((1...300).map { "gaia.transit AS t\($0)" }.joined(separator: ", "))", "too-complex"),
            ("SELECT \((1...400).map { _ in "t.*" }.joined(separator: ", ")) FROM gaia.transit AS t", "too-complex"),
        ])
    func refused(query: String, code: String) throws {
        #expect(try Archive.codes(query) == [code], "\(query)")
    }

    @Test(
        "queries that look alike and are right are accepted",
        arguments: [
            "SELECT RA, Gaia.SOURCE.Dec, source.mag FROM GAIA.Source", "SELECT odd.\"Mixed Table\".x FROM odd.\"Mixed Table\"",
            "SELECT \"A\", \"a\", b FROM odd.twins", "SELECT mixed FROM gaia.source", "SELECT transit_id FROM transit",
            "WITH transit AS (SELECT ra AS x FROM gaia.source) SELECT x FROM transit",
            "WITH t AS (SELECT 1 AS x FROM gaia.source) SELECT T.X FROM T",
            "SELECT source_id FROM gaia.source AS s WHERE EXISTS (SELECT 1 FROM gaia.transit AS t WHERE t.source_id = s.source_id AND mag > 3)",
            "SELECT MAX(ra) AS m FROM gaia.source ORDER BY m + 1",
            "SELECT visits AS v, COUNT(*) FROM gaia.source GROUP BY v ORDER BY COUNT(*)",
            "SELECT MOD(visits, 2), COUNT(*) FROM gaia.source GROUP BY MOD(visits, 2) HAVING MOD(visits, 2) = 1",
            "SELECT s.visits FROM gaia.source AS s GROUP BY visits", "SELECT 1 + 2, 'a', COUNT(*) FROM gaia.source",
            "SELECT ra FROM gaia.source WHERE name = 'a' OR NULL = ra OR mag IN (1, 2.5, visits)",
            "SELECT ra AS q FROM gaia.source ORDER BY q, dec DESC, 1",
            "SELECT ra FROM gaia.source WHERE POINT(1, 2) = spot", "SELECT g.s.ra FROM gaia.source AS g".replacing("g.s.", with: "g."),
            "SELECT a.source_id FROM gaia.source AS a JOIN gaia.source AS b USING (source_id) JOIN gaia.transit USING (source_id)",
            "SELECT gaia.source.ra, odd.source.ra FROM gaia.source, odd.source",
            "SELECT POINT('', 1, 2), POINT(NULL, 1, 2), POINT('icrs geocenter', 1, 2), POINT(NULL, 2) FROM gaia.source",
            "SELECT IN_UNIT(pmra * 2 / 3, 'deg/yr'), IN_UNIT(size, 'rad') FROM (SELECT pmra, \"size\" AS size_ FROM gaia.source) AS q"
                .replacing("IN_UNIT(size,", with: "IN_UNIT(size_,"),
            "SELECT COUNT(*) FROM gaia.source AS s FULL JOIN gaia.transit AS t ON t.source_id + 1 = s.source_id AND s.ra > 3",
        ])
    func accepted(query: String) throws {
        #expect(try Archive.complaints(query) == [])
    }
}
