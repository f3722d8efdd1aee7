import Names
import Postgres
import SQL
import TableModel
import Testing

extension SQLTests {
    @Suite struct RowKeys {
        private func uuid(_ key: Int64) -> String { RowIdentifier(tag: Sky.sourceTag, key: key).uuid }
        private func url(_ key: Int64) -> String { "https://archive.example/datalink?id=\(uuid(key))&clientId=9" }

        @Test("row_uuid computes in SQL what RowIdentifier does in Swift")
        func sameUUID() throws {
            let session = try SharedDatabase.session()
            var generator = SystemRandomNumberGenerator()
            let extremes: [Int64] = [0, 1, -1, .max, .min, 1 << 22, 1 << 36, 1 << 48, (1 << 48) - 1]
            let pairs =
                extremes.map { (UInt32.max, $0) } + extremes.map { (0, $0) }
                + (0..<2000).map { _ in
                    (UInt32.random(in: 0 ... .max, using: &generator), Int64.random(in: .min ... .max, using: &generator))
                }
            let values = pairs.map { "(\($0.0)::int8, '\($0.1)'::int8)" }.joined(separator: ",")
            let result = try session.query("SELECT almagest.row_uuid(tag, key) FROM (VALUES \(values)) AS p(tag, key)")
            #expect(result.count == pairs.count)
            for (row, pair) in pairs.enumerated() {
                #expect(result.string(row, 0) == RowIdentifier(tag: TableTag(rawValue: pair.0), key: pair.1).uuid)
            }
        }

        @Test("identifiers and URLs come out as keys, through subqueries, common tables, joins and set operations")
        func travel() throws {
            for query in [
                "SELECT id, access_url FROM gaia.source WHERE source_id = 1003",
                "SELECT q.* FROM (SELECT id, access_url AS u FROM gaia.source) AS q WHERE q.id = '\(uuid(3))'",
                "WITH w AS (SELECT * FROM gaia.source) SELECT id, access_url FROM w WHERE access_url = '\(url(3))'",
                "SELECT s.id, s.access_url FROM gaia.source AS s JOIN gaia.source AS o ON s.id = o.id WHERE o.source_id = 1003",
                "SELECT id, access_url FROM gaia.source WHERE small = 3 UNION SELECT id, access_url FROM gaia.source WHERE visits = 3 AND small < 4",
                "SELECT DISTINCT COALESCE(id, NULL), access_url FROM gaia.source WHERE id IN ('\(uuid(3))', 'nonsense')",
            ] {
                #expect(try Translate.rows(query) == ["3 | 3"], "\(query)")
                #expect(
                    try Translate.resolve(query).rowColumns.map(\.tag) == [Sky.sourceTag, Sky.sourceTag], "\(query)")
            }
        }

        @Test("used as text they are the UUID and the URL")
        func text() throws {
            #expect(
                try Translate.rows(
                    "SELECT id || '', LOWER(access_url), CAST(id AS VARCHAR), MIN(id) FROM gaia.source WHERE small = 3 GROUP BY id, access_url"
                )
                    == ["\(uuid(3)) | \(url(3).lowercased()) | \(uuid(3)) | \(uuid(3))"])
            #expect(try Translate.rows("SELECT source_id FROM gaia.source WHERE id LIKE '\(uuid(4).prefix(36))'") == ["1004"])
            #expect(try Translate.rows("SELECT COUNT(*) FROM gaia.source WHERE access_url LIKE '%' || id || '%'") == ["12"])
            #expect(try Translate.rows("SELECT source_id FROM gaia.source WHERE id = LOWER('\(uuid(5).uppercased())')") == ["1005"])
        }

        @Test("rows of different tables are told apart")
        func tables() throws {
            #expect(try Translate.rows("SELECT COUNT(*) FROM gaia.source AS s JOIN gaia.transit AS t ON s.id = t.id") == ["0"])
            let union = "SELECT id FROM gaia.source WHERE small = 1 UNION ALL SELECT id FROM gaia.transit WHERE transit_id = 5001"
            let transit = RowIdentifier(tag: Sky.transitTag, key: 1).uuid
            #expect(try Set(Translate.rows(union)) == [uuid(1), transit])
            #expect(try Translate.resolve(union).rowColumns.isEmpty)
        }

        @Test(
            "an identifier that no row of the table can have is never equal, and never equal is not unknown",
            arguments: [
                ("id = '{}'", "0"), ("'{}' <> id", "12"), ("NOT id = '{}'", "12"), ("id IN ('{}', 'x')", "0"), ("id NOT IN ('{}')", "12"),
                ("access_url = 'https://elsewhere/{}'", "0"), ("access_url <> 'x'", "12"),
            ])
        func foreign(condition: String, expected: String) throws {
            let foreign = RowIdentifier(tag: Sky.transitTag, key: 3).uuid
            let condition = condition.replacing("{}", with: foreign)
            #expect(try Translate.rows("SELECT COUNT(*) FROM gaia.source WHERE \(condition)") == [expected])
        }

        @Test("a row by its identifier or URL is found through the primary key")
        func index() throws {
            let uuid = RowIdentifier(tag: TableTag(schema: "big", table: "star"), key: 77).uuid
            for condition in [
                "id = '\(uuid)'", "'\(uuid)' = id", "id IN ('\(uuid)', '\(uuid)')",
                "access_url = 'https://archive.example/datalink?id=\(uuid)&clientId=another'",
            ] {
                let query = "SELECT star_id FROM big.star WHERE \(condition)"
                #expect(try Translate.rows(query) == ["77"])
                #expect(try Translate.plan(query).contains("star_pkey"), "\(condition)")
            }
        }
    }
}
