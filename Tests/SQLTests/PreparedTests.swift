import Postgres
import SQL
import TestDatabase
import Testing

extension SQLTests {
    /// The two ways on which a query's rows come: COPY, and a statement prepared with its keys as parameters.
    @Suite struct Prepared {
        private func rows(_ stream: some RowStream) async throws -> [[UInt8]] {
            var rows: [[UInt8]] = []
            while try await stream.nextBatch({ row in
                rows.append(Array(row))
                return true
            }) {}
            return rows
        }

        /// What a key literal stands for.
        private func value(_ literal: KeyLiteral, in text: String) -> String {
            let typed = String(decoding: Array(text.utf8)[literal.start..<literal.end], as: UTF8.self)
            return literal.kind != .text
                ? typed : typed.dropFirst().dropLast().split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'")
        }

        private static let keys = [
            "SELECT * FROM gaia.source WHERE source_id = 1003",
            "SELECT source_id, ra FROM gaia.source AS s WHERE 1003 = s.source_id AND code = 'A'",
            "SELECT * FROM gaia.source WHERE visits = 1 AND name = 'star A' AND ra > 0 ORDER BY source_id",
            "SELECT COUNT(*), name FROM gaia.source WHERE name = 'O''Neill' GROUP BY name",
            "SELECT s.source_id, transit_id FROM gaia.source s LEFT JOIN gaia.transit t USING (source_id) WHERE s.source_id = 1002 AND flux > 0",
            "SELECT source_id FROM gaia.source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1, 1.5))",
            "SELECT source_id FROM gaia.source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(POINT(10.5, -20.25), 90))",
            "SELECT source_id FROM gaia.source WHERE 0 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 5))",
            "SELECT TOP 3 ra FROM gaia.source WHERE small = 70000 OR visits = 2",
        ]

        @Test("give the same bytes for each query of the corpus, and for those by key")
        func sameBytes() async throws {
            let uri = try SharedDatabase.uri
            let pool = CopyPool(
                uri: uri, limits: .init(connections: 1), applicationName: "SQLTests", settings: ["TimeZone": "UTC"])
            var parameters = 0
            for adql in try TranslatedPair.all().map(\.adql) + Self.keys {
                let query = try Translate.resolve(adql)
                var options = Translate.options
                let copied = try await rows(pool.open(SQLWriter(options).sql(for: query).copyingOut.text))
                options.parameters = query.keyLiterals
                parameters += options.parameters.count
                let statement = PreparedStatement(
                    SQLWriter(options).sql(for: query).text, options.parameters.map { $0.kind == .integer ? .int8 : .asLiteral })
                let values = options.parameters.map { value($0, in: adql) }
                // From the sixth time on, PostgreSQL may use a plan for any value.
                for _ in 0..<7 {
                    let prepared: [[UInt8]]
                    do { prepared = try await rows(pool.open(statement, values, patience: 1)) } catch {
                        Issue.record("\(adql): \(error)")
                        break
                    }
                    // A query without ORDER BY may have its rows in any order.
                    #expect(
                        prepared.sorted { $0.lexicographicallyPrecedes($1) } == copied.sorted { $0.lexicographicallyPrecedes($1) },
                        "\(adql)")
                }
            }
            #expect(parameters >= 10)
        }

        @Test("have parameters for keys alone", arguments: literals)
        func keyLiterals(adql: String, expected: [String]) throws {
            let literals = try Translate.resolve(adql).keyLiterals
            #expect(literals.map { value($0, in: adql) } == expected, "\(adql)")
        }

        private static let literals: [(String, [String])] = [
            ("SELECT ra FROM gaia.source WHERE source_id = 5", ["5"]),
            ("SELECT ra FROM gaia.source WHERE 5 = source_id AND name = 'it''s'", ["5", "it's"]),
            ("SELECT ra FROM gaia.source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(10.5, -20, .5))", ["10.5", "20", ".5"]),
            (
                "SELECT ra FROM gaia.source WHERE CONTAINS(POINT(ra, dec), CIRCLE(POINT(10, 20), 1e-2)) = 1 AND source_id = 5",
                ["10", "20", "1e-2", "5"]
            ),
            ("SELECT ra FROM gaia.source WHERE CONTAINS(POINT(ra, dec), CIRCLE(10 + 1, dec, 1)) = 1", ["1"]),
            ("SELECT ra FROM gaia.source WHERE CONTAINS(POINT(ra, dec), REGION('circle 10 20 1')) = 0 OR DISTANCE(ra, dec, 1, 2) < 1", []),
            ("SELECT ra FROM gaia.source WHERE 1 = CONTAINS(POINT(ra, dec), REGION('circle icrs 10 20 1'))", []),
            ("SELECT ra FROM gaia.source WHERE DISTANCE(POINT(ra, dec), POINT(1, 2)) < 0.5 AND mag < 3", []),
            ("SELECT ra FROM gaia.source WHERE source_id = 5 OR source_id = 6", []),
            ("SELECT ra FROM gaia.source WHERE NOT source_id = 5", []),
            ("SELECT ra FROM gaia.source WHERE source_id > 5 AND source_id IN (1, 2) AND ra = 3", []),
            ("SELECT ra FROM gaia.source WHERE source_id = 5 + 1 AND source_id = -5 AND source_id = 5.0", []),
            ("SELECT ra FROM gaia.source WHERE flag = 1 AND epoch = '2016-01-01' AND id = 'x'", []),
            ("SELECT 7, CASE WHEN source_id = 5 THEN 1 ELSE 0 END FROM gaia.source", []),
            ("SELECT q.x FROM (SELECT source_id AS x FROM gaia.source WHERE source_id = 5) AS q WHERE q.x = 5", []),
            ("SELECT ra FROM gaia.source WHERE source_id = 5 UNION SELECT ra FROM gaia.source WHERE source_id = 6", []),
        ]
    }
}
