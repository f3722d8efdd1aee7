import Names
import TableModel
import Testing

@Suite struct ColumnTests {
    @Test("output columns are called as the user wrote their alias, or as they are declared")
    func names() throws {
        let names = try Archive.columns(
            """
            SELECT RA, s."size", ra AS "My Ra", dec AS Declination, MAX(ra), ra + 1, 'x', COUNT(*) AS n, SQRT(ra), 1 AS sqrt_10, \
            (SELECT MAX(flux) FROM gaia.transit), "Mixed"
            FROM gaia.source AS s GROUP BY ra, "size", dec, "Mixed"
            """
        ).map(\.name)
        #expect(names == ["ra", "size", "My Ra", "Declination", "max_5", "col_6", "col_7", "n", "sqrt_9", "sqrt_10", "col_11", "Mixed"])
    }

    @Test("a made-up name makes way for one that the user chose")
    func unique() throws {
        #expect(try Archive.columns("SELECT MAX(ra), 1 AS MAX_1 FROM gaia.source").map(\.name) == ["max_1_", "MAX_1"])
    }

    @Test("* stands for all columns of FROM in order, common columns of a join once and first")
    func star() throws {
        #expect(try Archive.columns("SELECT * FROM gaia.source").map(\.name) == Archive.source.columns.map(\.name))
        let joined = try Archive.columns("SELECT * FROM gaia.source JOIN gaia.transit USING (source_id)").map(\.name)
        #expect(
            joined == ["source_id"] + Archive.source.columns.map(\.name).filter { $0 != "source_id" } + [
                "id", "transit_id", "flux", "access_url",
            ])
        let natural = try Archive.columns("SELECT * FROM odd.source AS o NATURAL JOIN (SELECT ra, dec FROM gaia.source) AS s").map(\.name)
        #expect(natural == ["ra", "num", "dec"])
        #expect(try Archive.columns("SELECT t.*, ra FROM gaia.source AS s, gaia.transit AS t").count == 6)
        #expect(try Archive.columns("SELECT gaia.transit.* FROM gaia.transit").count == 5)
        #expect(
            try Archive.columns("SELECT ra FROM gaia.source AS s JOIN gaia.transit AS t USING (source_id) WHERE source_id = t.source_id")
                .count == 1)
    }

    @Test(
        "types widen as in PostgreSQL",
        arguments: [
            ("small + small", ValueType.smallint), ("small + visits", .integer), ("visits * source_id", .bigint), ("visits / 2", .integer),
            ("visits / 2.", .double), ("mag + mag", .real), ("mag + 1", .double), ("mag + ra", .double), ("-small", .smallint),
            ("- 5", .integer),
            ("3000000000", .bigint), ("12345678901234567890", .double), ("1e3", .double), ("name || code", .varchar(nil)),
            ("ABS(small)", .smallint),
            ("ABS(mag)", .real), ("ROUND(visits)", .double), ("MOD(small, visits)", .integer), ("MOD(ra, 2)", .double),
            ("POINT(1, 2)", .point),
            ("CONTAINS(spot, field)", .integer), ("COALESCE(small, 1)", .integer), ("COALESCE(code, name)", .varchar(20)),
            ("COALESCE(NULL, epoch)", .timestamp), ("CAST(ra AS VARCHAR(5))", .varchar(5)), ("CAST(1 AS CHAR)", .char(1)),
            ("CASE WHEN ra > 1 THEN visits ELSE 0.5 END", .double), ("NULL", .null), ("id", .rowIdentifier(Archive.sourceTag)),
            ("COALESCE(id, NULL)", .rowIdentifier(Archive.sourceTag)), ("COALESCE(id, name)", .varchar(nil)),
            ("(SELECT MAX(source_id) FROM gaia.transit)", .bigint), ("ivo_healpix_center(3, 4)", .point), ("BOX(1, 2, 3, 4)", .polygon),
            ("REGION('circle 1 2 3')", .circle),
        ])
    func types(expression: String, type: ValueType) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].type == type)
    }

    @Test(
        "aggregates have the types of the standard",
        arguments: [
            ("COUNT(*)", ValueType.bigint), ("SUM(small)", .bigint), ("SUM(mag)", .double), ("AVG(visits)", .double),
            ("MIN(small)", .smallint),
            ("MAX(mag)", .real), ("MIN(name)", .varchar(20)), ("MAX(id)", .varchar(nil)), ("MAX(epoch)", .timestamp),
            ("ivo_string_agg(name, ',')", .varchar(nil)),
        ])
    func aggregates(expression: String, type: ValueType) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].type == type)
    }

    @Test(
        "units go with plain columns, sums of one unit and aggregates, and with nothing else",
        arguments: [
            ("ra", "deg"), ("ra + dec", "deg"), ("-ra", "deg"), ("ra - dec + ra", "deg"), ("ra + 1", nil), ("ra * 2", nil),
            ("ra + mag", nil),
            ("MIN(ra)", "deg"), ("AVG(ra)", "deg"), ("SUM(mag)", "mag"), ("COUNT(ra)", nil), ("SQRT(ra)", nil),
            ("IN_UNIT(ra, 'arcmin')", "arcmin"),
            ("DISTANCE(spot, spot)", "deg"), ("COALESCE(ra, dec)", "deg"), ("name", nil),
        ] as [(String, String?)])
    func units(expression: String, unit: String?) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].unit == unit)
    }

    @Test("what is known of a column reaches the result through aliases, subqueries, common tables and set operations")
    func metadata() throws {
        for query in [
            "SELECT ra AS x FROM gaia.source", "SELECT q.x FROM (SELECT s.ra AS x FROM gaia.source AS s) AS q",
            "WITH w AS (SELECT ra AS x FROM gaia.source), v AS (SELECT * FROM w) SELECT x FROM v",
            "SELECT ra AS x FROM gaia.source UNION SELECT ra FROM odd.source",
            "(SELECT ra AS x FROM gaia.source EXCEPT SELECT dec FROM gaia.source) ORDER BY x",
        ] {
            let column = try Archive.columns(query)[0]
            #expect(column.name == "x")
            #expect(column.unit == "deg", "\(query)")
            #expect(column.ucd == "pos.eq.ra;meta.main")
            #expect(column.description == "Right ascension")
            #expect(column.principal && column.std)
            #expect(column.type == .double)
        }
    }

    @Test("the query tells its tables, each once, and the columns that name rows")
    func provenance() throws {
        let query = try Archive.resolve(
            """
            WITH w AS (SELECT id AS i, access_url AS u, source_id FROM gaia.source)
            SELECT w.*, t.id, t.id || '' AS text FROM w JOIN gaia.transit AS t ON w.source_id = t.source_id
            WHERE w.source_id IN (SELECT source_id FROM gaia.source)
            """)
        #expect(query.tables.map(\.adqlName) == ["gaia.source", "gaia.transit"])
        #expect(query.tags == [Archive.sourceTag, Archive.transitTag])
        #expect(
            query.rowColumns == [
                .init(index: 0, tag: Archive.sourceTag, isAccessURL: false), .init(index: 1, tag: Archive.sourceTag, isAccessURL: true),
                .init(index: 3, tag: Archive.transitTag, isAccessURL: false),
            ])
    }

    @Test("a comparison with NULL is taken with a warning")
    func comparedWithNull() throws {
        let warning = "a comparison with NULL is never true; IS NULL and IS NOT NULL find what is missing"
        #expect(try Archive.resolve("SELECT ra FROM gaia.source WHERE ra = NULL OR NULL <> dec").warnings == [warning])
        #expect(try Archive.resolve("SELECT ra FROM gaia.source WHERE ra IS NULL").warnings.isEmpty)
    }

    @Test("LIMIT is taken with a warning")
    func limit() throws {
        #expect(try Archive.resolve("SELECT ra FROM gaia.source LIMIT 3").warnings == ["LIMIT is not in ADQL and was read as TOP"])
        #expect(try Archive.resolve("SELECT TOP 3 ra FROM gaia.source").warnings.isEmpty)
    }
}
