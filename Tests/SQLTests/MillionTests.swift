import ADQL
import Names
import Postgres
import SQL
import TableModel
import Testing

/// A million stars all over the sky, and twenty targets a third of an arcsecond beside stars of theirs.
private enum Million {
    private static let columns: [Column] = [
        Column("star_id", .integer), Column("ra", .double, unit: "deg"), Column("dec", .double, unit: "deg"), Column("mag", .real),
    ]

    /// The same table, published in three ways, as if it had the one index or the other.
    static let catalogue = Catalogue(
        schemas: [Catalogue.Schema(name: "big")],
        tables: [
            table("pairs", positions: [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")]),
            table("points", place: true), table("zones", positions: [PositionIndex(kind: .q3c, longitude: "ra", latitude: "dec")]),
            Table(
                schema: "big", name: "aim", columns: [Column("aim_id", .integer), Column("ra", .double), Column("dec", .double)],
                sqlName: "million_aim"),
        ])

    private static func table(_ name: String, place: Bool = false, positions: [PositionIndex] = []) -> Table {
        Table(
            schema: "big", name: name, columns: columns + (place ? [Column("place", .point, indexed: true)] : []), sqlName: "million",
            positions: positions)
    }

    /// The index that must serve queries on the table of that name.
    static let indexes: [String: String] = ["pairs": "million_spoint", "points": "million_place", "zones": "million_q3c"]

    static let ddl = """
        CREATE UNLOGGED TABLE big.million AS
        SELECT g AS star_id, lon AS ra, lat AS "dec", (5 + g % 16)::float4 AS mag, spoint(radians(lon), radians(lat)) AS place FROM (
          SELECT g, g * 137.50776405003785::float8 - 360 * floor(g * 137.50776405003785::float8 / 360) AS lon,
            degrees(asin(-1 + 2 * (g - 0.5) / 1000000)) AS lat
          FROM generate_series(1, 1000000) AS g) AS spiral;
        CREATE INDEX million_spoint ON big.million USING gist (spoint(radians(ra), radians("dec")));
        CREATE INDEX million_place ON big.million USING gist (place);
        CREATE TABLE big.million_aim AS
        SELECT star_id AS aim_id, ra + 0.0001 AS ra, "dec" FROM big.million WHERE star_id % 50000 = 25000;
        CREATE INDEX million_q3c ON big.million (q3c_ang2ipix(ra, "dec"));
        ANALYZE big.million, big.million_aim;
        """

    /// As the archive runs queries: compiling Q3C's long conditions would take longer than they do.
    static func session() throws -> PostgresSession {
        let session = try SharedDatabase.session()
        try session.execute("SET jit = off")
        return session
    }

    static func sql(_ adql: String) throws -> String {
        do {
            return SQLWriter().sql(for: try Resolver(catalogue: catalogue, functions: Translate.functions.get()).resolve(Query.parse(adql)))
                .text
        } catch let error as NamesError {
            Issue.record("\(error.description(in: adql))\n\(adql)")
            throw error
        }
    }

    static func plan(_ adql: String, on session: PostgresSession) throws -> String {
        let plan = try session.query("EXPLAIN \(sql(adql))")
        return (0..<plan.count).compactMap { plan.string($0, 0) }.joined(separator: "\n")
    }

    static func rows(_ adql: String, on session: PostgresSession) throws -> [Int] {
        let result = try session.query(try sql(adql))
        return (0..<result.count).map { Int(result.int($0, 0) ?? -1) }.sorted()
    }

    /// Stars between two declinations that meet a condition in PostgreSQL's words, without any index. Their numbers grow with declination,
    /// which makes the scan short.
    static func scan(_ condition: String, _ south: Double, _ north: Double) throws -> [Int] {
        let session = try Million.session()
        try session.execute("SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off")
        let ends = "500000 * (1 + sin(radians(\(south)))) - 1 AND 500000 * (1 + sin(radians(\(north)))) + 1"
        let result = try session.query("SELECT star_id FROM big.million WHERE star_id BETWEEN \(ends) AND (\(condition)) ORDER BY 1")
        return (0..<result.count).map { Int(result.int($0, 0) ?? -1) }
    }

    /// Within so many degrees, by the scalar product of unit vectors: no function of pgSphere or Q3C takes part.
    static func near(_ lon: Double, _ lat: Double, _ radius: Double) -> String {
        "sin(radians(\"dec\")) * sin(radians(\(lat))) + cos(radians(\"dec\")) * cos(radians(\(lat))) * cos(radians(ra - (\(lon)))) "
            + "> cos(radians(\(radius)))"
    }
}

private struct MillionTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try SharedDatabase.session().execute(Million.ddl)
        try await function()
        try SharedDatabase.session().execute("DROP TABLE big.million, big.million_aim")
    }
}

extension SQLTests {
    /// Whatever form a condition takes, the index is used, and finds what a scan finds.
    @Suite(MillionTrait()) struct MillionStars {
        /// `$P` is the position of a star, `$L` the same as two numbers, where the table has them.
        private static let cones: [String] = [
            "1 = CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7))", "CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)) = 1",
            "0 <> CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7))", "CONTAINS($P, CIRCLE(POINT(56.75, 24.1167), 0.7)) > 0",
            "CONTAINS($P, CIRCLE('ICRS', 56.75, 24.1167, 0.7)) IN (1)", "CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)) NOT IN (0, 2)",
            "CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)) BETWEEN 1 AND 2", "NOT (0 = CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)))",
            "NOT (1 <> CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)))", "NOT NOT 1 = CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7))",
            "1 = CONTAINS(POINT(56.75, 24.1167), CIRCLE($P, 0.7))", "1 = INTERSECTS($P, CIRCLE(56.75, 24.1167, 0.7))",
            "1 = INTERSECTS(CIRCLE(56.75, 24.1167, 0.7), $P)", "1 = CONTAINS($P, REGION('CIRCLE ICRS 56.75 24.1167 0.7'))",
            "DISTANCE($P, POINT(56.75, 24.1167)) < 0.7", "DISTANCE(POINT(56.75, 24.1167), $P) <= 0.7",
            "0.7 > DISTANCE($P, POINT(56.75, 24.1167))", "42 / 60. >= DISTANCE(POINT(56.75, 24.1167), $P)",
            "DISTANCE($P, POINT(56.75, 24.1167)) BETWEEN 0 AND 0.7", "0.7 BETWEEN DISTANCE($P, POINT(56.75, 24.1167)) AND 2",
            "NOT (DISTANCE($P, POINT(56.75, 24.1167)) > 0.7)", "NOT (0.7 <= DISTANCE($P, POINT(56.75, 24.1167)))",
            "DISTANCE($P, POINT(56.75, 24.1167)) * 3600 < 2520", "2 * 30 * DISTANCE($P, POINT(56.75, 24.1167)) < 42",
            "IN_UNIT(DISTANCE($P, POINT(56.75, 24.1167)), 'arcmin') < 42", "DISTANCE($P, POINT(56.75, 24.1167)) / 0.7 < 1",
            "DISTANCE($P, POINT(56.75, 24.1167)) < 0.7 AND mag < 100",
            "mag > 0 AND (mag > 1 AND 1 = CONTAINS($P, CIRCLE(56.75, 24.1167, 0.7)))",
            "DISTANCE($L, 56.75, 24.1167) < 0.7", "DISTANCE(56.75, 24.1167, $L) <= 0.7", "0.7 > DISTANCE($L, 56.75, 24.1167)",
            "0.7 >= DISTANCE(416.75, 24.1167, $L)", "DISTANCE($L, 56.75, 24.1167) BETWEEN 0 AND 0.7",
        ]

        /// Conditions with what they mean, in PostgreSQL's words and without an index.
        private static let regions: [(String, String, ClosedRange<Double>)] = [
            (
                "1 = CONTAINS($P, BOX(56.75, 24.1167, 1, 2))", #"place <@ almagest.to_box(spoint(radians(56.75), radians(24.1167)), 1, 2)"#,
                22...26
            ),
            (
                "1 = CONTAINS($P, POLYGON(56, 24, 58, 24, 57, 25))",
                "place <@ spoly '{(56d, 24d), (58d, 24d), (57d, 25d)}'", 23...26
            ),
            (
                "NOT 0 = INTERSECTS(POLYGON(POINT(56, 24), POINT(58, 24), POINT(57, 25)), $P)",
                "place <@ spoly '{(56d, 24d), (58d, 24d), (57d, 25d)}'", 23...26
            ),
            ("1 = CONTAINS($P, REGION('polygon 359 -1 1 -1 0 1'))", "place <@ spoly '{(359d, -1d), (1d, -1d), (0d, 1d)}'", -2...2),
            ("1 = CONTAINS($P, POLYGON(0, 89, 120, 89, 240, 89))", "place <@ spoly '{(0d, 89d), (120d, 89d), (240d, 89d)}'", 85...90),
            ("1 = CONTAINS($P, MOC('6/12000-12001 7/48021'))", "place <@ smoc '6/12000-12001 7/48021'", -90...90),
            ("CONTAINS($P, MOC(7, CIRCLE(200, -40, 0.5))) = 1", "place <@ smoc(7, scircle '<(200d, -40d), 0.5d>')", -43 ... -37),
            ("1 = INTERSECTS(REGION('moc 6/40000'), $P)", "place <@ smoc '6/40000'", -90...90),
            ("1 = CONTAINS($P, CIRCLE(0, 0, 0.8))", Million.near(0, 0, 0.8), -1...1),
            ("DISTANCE($P, POINT(360, -0.1)) < 0.8", Million.near(0, -0.1, 0.8), -1...1),
            ("DISTANCE(POINT(10, 90), $P) < 0.8", Million.near(10, 90, 0.8), 89...90),
            ("1 = CONTAINS($P, CIRCLE(359.9, -89.9, 0.8))", Million.near(359.9, -89.9, 0.8), -90 ... -89),
            (
                "1 = CONTAINS($P, CIRCLE(10, 10, 0.8)) OR DISTANCE($P, POINT(200, -10)) < 0.8",
                "\(Million.near(10, 10, 0.8)) OR \(Million.near(200, -10, 0.8))", -11...11
            ),
            (
                "DISTANCE($P, POINT(10, 10)) < 0.8 AND 0 = CONTAINS($P, CIRCLE(10.5, 10, 0.8))",
                "\(Million.near(10, 10, 0.8)) AND NOT \(Million.near(10.5, 10, 0.8))", 9...11
            ),
        ]

        /// `$T` is the table; s.star_id is a star near an aim.
        private static let joins: [String] = [
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON DISTANCE($P, POINT(t.ra, t.dec)) < 0.01",
            "SELECT s.star_id FROM $T AS s JOIN big.aim AS t ON DISTANCE(POINT(t.ra, t.dec), $P) <= 0.01",
            "SELECT s.star_id FROM $T AS s, big.aim AS t WHERE 1 = CONTAINS($P, CIRCLE(t.ra, t.dec, 0.01))",
            "SELECT s.star_id FROM big.aim AS t, $T AS s WHERE 1 = CONTAINS(POINT(t.ra, t.dec), CIRCLE($P, 0.01))",
            "SELECT s.star_id FROM big.aim AS t LEFT JOIN $T AS s ON 36 > 3600 * DISTANCE($P, POINT(t.ra, t.dec))",
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON DISTANCE($P, POINT(t.ra, t.dec)) < 0.01 + 0 * t.aim_id",
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON 1 = CONTAINS($P, POLYGON(t.ra - 0.01, t.dec - 0.01, t.ra + 0.01, t.dec - 0.01, t.ra, t.dec + 0.01))",
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON 1 = CONTAINS($P, BOX(t.ra, t.dec, 0.01, 0.01))",
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON 1 = CONTAINS($P, CIRCLE(t.ra, t.dec, 0.01 + 0 * t.aim_id))",
            "SELECT s.star_id FROM big.aim AS t JOIN $T AS s ON DISTANCE($P, ivo_epoch_prop_pos(t.ra, t.dec, NULL, 0, 0, NULL, 2016, 2017)) < 0.01",
            "SELECT s.star_id FROM big.aim AS t JOIN (SELECT * FROM $T WHERE mag > 0) AS s ON DISTANCE(POINT(t.ra, t.dec), $P) < 0.01",
            "WITH s AS (SELECT * FROM $T), t AS (SELECT ra AS l, dec AS b FROM big.aim) SELECT s.star_id FROM t JOIN s ON DISTANCE(POINT(l, b), $P) < 0.01",
            "SELECT t.aim_id FROM big.aim AS t WHERE EXISTS (SELECT 1 FROM $T AS s WHERE DISTANCE($P, POINT(t.ra, t.dec)) < 0.01)",
            "SELECT t.aim_id FROM big.aim AS t WHERE 1 = (SELECT COUNT(*) FROM $T AS s WHERE 1 = CONTAINS($P, CIRCLE(t.ra, t.dec, 0.01)))",
            "SELECT t.aim_id FROM big.aim AS t WHERE t.aim_id IN (SELECT s.star_id FROM $T AS s WHERE DISTANCE($P, POINT(t.ra, t.dec)) < 0.01)",
            "WITH t AS (SELECT aim_id, ra, dec FROM big.aim UNION ALL SELECT TOP 1 -1, 0, 90 FROM big.aim) SELECT aim_id FROM t JOIN $T AS s ON DISTANCE($P, POINT(t.ra, t.dec)) < 0.01",
        ]

        /// Queries that ask of a distance what a subquery has worked out.
        private static let inside: [String] = [
            "SELECT star_id FROM (SELECT *, DISTANCE($P, POINT(56.75, 24.1167)) AS d FROM $T AS s) AS q WHERE q.d < 0.7",
            "SELECT star_id FROM (SELECT star_id, 60 * DISTANCE($P, POINT(56.75, 24.1167)) AS d FROM $T AS s WHERE mag > 0) AS q WHERE star_id > 0 AND 42 > d",
            "WITH q AS (SELECT star_id, DISTANCE($P, POINT(56.75, 24.1167)) AS d FROM $T AS s) SELECT star_id FROM q WHERE d BETWEEN 0 AND 0.7",
            "WITH p AS (SELECT star_id, $P AS place FROM $T AS s) SELECT star_id FROM p WHERE 1 = CONTAINS(place, CIRCLE(56.75, 24.1167, 0.7))",
        ]

        private func text(_ template: String, _ table: String) -> String? {
            if table == "points", template.contains("$L") { return nil }
            return template.replacing("$P", with: table == "points" ? "s.place" : "POINT(s.ra, s.dec)").replacing("$L", with: "s.ra, s.dec")
                .replacing("$T", with: "big.\(table)")
        }

        private func check(_ query: String, _ table: String, rows: [Int], on session: PostgresSession) throws {
            let plan = try Million.plan(query, on: session)
            let index = try #require(Million.indexes[table])
            #expect(plan.contains(index) && !plan.contains("Seq Scan on million "), "\(query)\n\(plan)")
            #expect(try Million.rows(query, on: session) == rows, "\(query)")
        }

        @Test("every form of a cone", arguments: ["pairs", "points", "zones"])
        func cone(table: String) throws {
            let session = try Million.session()
            let rows = try Million.scan(Million.near(56.75, 24.1167, 0.7), 23, 25)
            #expect(rows.count > 10)
            for template in Self.cones {
                guard let condition = text(template, table) else { continue }
                try check("SELECT s.star_id FROM big.\(table) AS s WHERE \(condition)", table, rows: rows, on: session)
            }
        }

        @Test("every shape, at the poles and at longitude 0 too", arguments: regions)
        func region(template: String, meaning: String, declinations: ClosedRange<Double>) throws {
            let session = try Million.session()
            let rows = try Million.scan(meaning, declinations.lowerBound, declinations.upperBound)
            #expect(!rows.isEmpty)
            for table in ["pairs", "points", "zones"] {
                guard let condition = text(template, table) else { continue }
                try check("SELECT s.star_id FROM big.\(table) AS s WHERE \(condition)", table, rows: rows, on: session)
            }
        }

        @Test("every form of a crossmatch", arguments: ["pairs", "points", "zones"])
        func join(table: String) throws {
            let session = try Million.session()
            let stars = (0..<20).map { 25000 + 50000 * $0 }
            for template in Self.joins {
                guard let query = text(template, table) else { continue }
                try check(query, table, rows: stars, on: session)
            }
        }

        @Test("conditions on what a subquery has worked out", arguments: ["pairs", "points", "zones"])
        func inside(table: String) throws {
            let session = try Million.session()
            let rows = try Million.scan(Million.near(56.75, 24.1167, 0.7), 23, 25)
            for template in Self.inside {
                // Q3C cannot look into a point that was made inside.
                guard let query = text(template, table), table != "zones" || !template.contains("AS place") else { continue }
                try check(query, table, rows: rows, on: session)
            }
        }
    }
}
