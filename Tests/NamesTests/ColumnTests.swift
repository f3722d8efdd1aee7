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
            ("REGION('circle 1 2 3')", .circle), ("ivo_geom_transform('ICRS', 'FK4', field)", .circle),
            ("ivo_geom_transform('FK5', 'ICRS', spot)", .point), ("ivo_geom_transform('FK5', 'FK4', NULL)", .point),
            ("gavo_transform('ICRS', 'GALACTIC', POLYGON(1, 2, 3, 4, 6, 6))", .polygon), ("gavo_mocunion(NULL, NULL)", .moc),
            ("gavo_specconv(1, 'm', 'Hz')", .double), ("ivo_interval_overlaps(visits, 2, mag, ra)", .integer),
            ("gavo_ipix(ra, dec)", .bigint),
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
            ("ivo_string_agg(name, ',')", .varchar(nil)), ("ivo_histogram(mag, 0, 20, 10)", .array(.integer, count: nil)),
            ("gavo_histogram(visits, 0, 20, 10)", .array(.integer, count: nil)),
        ])
    func aggregates(expression: String, type: ValueType) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].type == type)
    }

    @Test(
        "units follow from those of the parts; a number takes the unit of what stands beside it",
        arguments: [
            ("ra", "deg"), ("ra + dec", "deg"), ("-ra", "deg"), ("+ra", "deg"), ("ra - dec + ra", "deg"), ("ra + 1", "deg"),
            ("180 - ra", "deg"),
            ("ra + mag", nil), ("ra + visits", nil), ("visits", nil), ("2 + 2", nil), ("ra * 2", "deg"), ("ra / 2.5 * 3", "deg"),
            ("ra * dec", "deg**2"), ("pmra / parallax", "yr**-1"), ("1 / parallax", "mas**-1"), ("ra / dec", nil), ("ra * visits", nil),
            ("ra * COS(dec)", "deg"), ("SQRT(ra * dec)", "deg"), ("SQRT(parallax)", "mas**(1/2)"), ("POWER(parallax, 2)", "mas**2"),
            ("POWER(parallax, -1)", "mas**-1"), ("POWER(parallax, 0.5)", "mas**(1/2)"), ("POWER(parallax, mag)", nil),
            ("POWER(ra, 0.12345)", nil),
            ("ABS(dec)", "deg"), ("ROUND(dec, 2)", "deg"), ("FLOOR(mag)", "mag"), ("TRUNCATE(mag)", "mag"), ("MOD(ra, 360)", "deg"),
            ("MOD(ra, 2.5)", "deg"), ("DEGREES(ra)", "deg"), ("RADIANS(ra)", "rad"), ("SIN(ra)", nil), ("ATAN2(ra, dec)", "rad"),
            ("LOG(ra)", nil),
            ("MIN(ra)", "deg"), ("AVG(ra)", "deg"), ("SUM(mag)", "mag"), ("COUNT(ra)", nil), ("COUNT(*)", nil),
            ("IN_UNIT(ra, 'arcmin')", "arcmin"), ("IN_UNIT(pmra / parallax, 'Hz')", "Hz"), ("DISTANCE(spot, spot)", "deg"),
            ("COORD1(spot)", "deg"),
            ("AREA(field)", "deg**2"), ("POINT(ra, dec)", "deg"), ("CENTROID(field)", "deg"), ("COALESCE(ra, dec)", "deg"),
            ("COALESCE(ra, 0)", "deg"),
            ("COALESCE(ra, mag)", nil), ("CASE WHEN ra > 1 THEN ra ELSE dec END", "deg"), ("CASE WHEN ra > 1 THEN ra ELSE NULL END", "deg"),
            ("CASE WHEN ra > 1 THEN ra ELSE mag END", nil), ("CAST(ra AS REAL)", "deg"), ("CAST(ra AS VARCHAR)", nil), ("name", nil),
            ("(SELECT MAX(flux) FROM gaia.transit)", "s**-1"), ("ivo_to_mjd(epoch)", "d"), ("ivo_histogram(ra, 0, 360, 36)", nil),
            ("gavo_specconv(ra, 'nm', 'keV')", "keV"), ("ivo_geom_transform('ICRS', 'GALACTIC', spot)", "deg"),
        ] as [(String, String?)])
    func units(expression: String, unit: String?) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].unit == unit)
    }

    @Test(
        "UCDs stay with what they describe, and say what was done to it",
        arguments: [
            ("ra", "pos.eq.ra;meta.main"), ("-ra", "pos.eq.ra"), ("ra + 180", "pos.eq.ra"), ("ra * 2", "pos.eq.ra"),
            ("ROUND(ra)", "pos.eq.ra"),
            ("RADIANS(ra)", "pos.eq.ra"), ("MIN(ra)", "pos.eq.ra;stat.min"), ("MAX(ra)", "pos.eq.ra;stat.max"),
            ("AVG(ra)", "pos.eq.ra;stat.mean"),
            ("SUM(ra)", "pos.eq.ra;arith.sum"), ("MAX(ra - 180)", "pos.eq.ra;stat.max"), ("COUNT(*)", "meta.number"),
            ("COUNT(ra)", "meta.number"),
            ("ra - ra", "pos.eq.ra;arith.diff"), ("ra + ra", "pos.eq.ra;arith.sum"), ("ra / ra", "pos.eq.ra;arith.ratio"),
            ("ra - dec", nil),
            ("ra * dec", nil), ("1 / ra", nil), ("MAX(dec)", nil), ("COALESCE(ra, 0)", "pos.eq.ra"), ("COALESCE(ra, dec)", nil),
            ("CASE WHEN dec > 0 THEN ra END", "pos.eq.ra"), ("CAST(ra AS REAL)", "pos.eq.ra"),
            ("IN_UNIT(ra, 'arcmin')", "pos.eq.ra;meta.main"),
            ("DISTANCE(spot, spot)", "pos.angDistance"), ("AREA(field)", "phys.angArea"), ("ivo_healpix_index(3, spot)", "pos.healpix"),
            ("SIN(ra)", nil), ("(SELECT MAX(ra) FROM gaia.source AS s)", "pos.eq.ra;stat.max"),
        ] as [(String, String?)])
    func ucds(expression: String, ucd: String?) throws {
        #expect(try Archive.columns("SELECT \(expression) AS x FROM gaia.source")[0].ucd == ucd)
    }

    @Test("units and UCDs of expressions reach the result through subqueries, common tables and set operations")
    func derived() throws {
        for query in [
            "SELECT x FROM (SELECT MAX(ra) / 2 AS x FROM gaia.source) AS q",
            "WITH w AS (SELECT MAX(ra) / 2 AS x FROM gaia.source) SELECT x FROM w",
            "SELECT MAX(ra) / 2 AS x FROM gaia.source UNION ALL SELECT flux FROM gaia.transit",
            "SELECT IN_UNIT(IN_UNIT(x, 'arcsec'), 'deg') AS x FROM (SELECT MAX(ra) / 2 AS x FROM gaia.source) AS q",
        ] {
            let column = try Archive.columns(query)[0]
            #expect(column.unit == "deg", "\(query)")
            #expect(column.ucd == "pos.eq.ra;stat.max", "\(query)")
            #expect(column.description == nil && !column.principal)
        }
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
