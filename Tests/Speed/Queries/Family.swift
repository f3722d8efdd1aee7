/// Queries of one shape and any size.
struct Family {
    let name: String
    /// The smaller of the two sizes that are compared, a query of 1 kB or less; the other is a hundred times as much.
    let size: Int
    let text: @Sendable (Int) -> String

    init(_ name: String, _ size: Int, _ text: @escaping @Sendable (Int) -> String) {
        self.name = name
        self.size = size
        self.text = text
    }

    private static func repeated(_ count: Int, _ separator: String, _ part: (Int) -> String) -> String {
        (0..<count).map(part).joined(separator: separator)
    }

    static let all: [Family] = accepted + refused

    private static let accepted: [Family] = [
        Family("IN with numbers", 100) { "SELECT ra FROM gaia.source WHERE source_id IN (\(repeated($0, ", ") { "\($0 + 1_000_000)" }))" },
        Family("IN with strings", 100) { "SELECT ra FROM gaia.source WHERE name IN (\(repeated($0, ", ") { "'it''s \($0)'" }))" },
        Family("conditions joined by OR", 50) { "SELECT ra FROM gaia.source WHERE \(repeated($0, " OR ") { "source_id = \($0)" })" },
        Family("conditions joined by AND", 50) { "SELECT ra FROM gaia.source WHERE \(repeated($0, " AND ") { "ra <> \($0).5" })" },
        Family("cones joined by OR", 15) {
            "SELECT ra FROM gaia.source WHERE \(repeated($0, " OR ") { "1 = CONTAINS(POINT(ra, dec), CIRCLE(\($0 % 360), 1, 0.1))" })"
        },
        Family("a sum", 100) { "SELECT \(repeated($0, " + ") { $0 % 2 == 0 ? "ra" : "\($0)" }) AS x FROM gaia.source" },
        Family("a product", 100) { "SELECT \(repeated($0, " * ") { $0 % 2 == 0 ? "ra" : "\($0)" }) AS x FROM gaia.source" },
        Family("texts joined", 100) { "SELECT \(repeated($0, " || ") { $0 % 2 == 0 ? "name" : "'\($0)'" }) AS x FROM gaia.source" },
        Family("output columns", 15) { "SELECT \(repeated($0, ", ") { "ra + \($0) AS c\($0)" }) FROM gaia.source" },
        Family("branches of CASE", 50) { "SELECT CASE \(repeated($0, " ") { "WHEN ra < \($0) THEN \($0)" }) ELSE 0 END FROM gaia.source" },
        Family("arguments of COALESCE", 50) { "SELECT COALESCE(\(repeated($0, ", ") { _ in "ra" })) FROM gaia.source" },
        Family("terms of ORDER BY", 20) { "SELECT ra FROM gaia.source ORDER BY \(repeated($0, ", ") { "ra + \($0)" })" },
        Family("terms of GROUP BY", 20) { "SELECT COUNT(*) FROM gaia.source GROUP BY \(repeated($0, ", ") { "ra + \($0)" })" },
        Family("common tables, each of the one before", 2) { count in
            "WITH t0 AS (SELECT ra FROM gaia.source)"
                + repeated(count, "") { ", t\($0 + 1) AS (SELECT ra FROM t\($0))" } + " SELECT ra FROM t\(count)"
        },
        Family("tables joined", 2) { count in
            "SELECT a0.ra FROM gaia.source AS a0 " + repeated(count, " ") { "JOIN gaia.source AS a\($0 + 1) ON a\($0).ra = a\($0 + 1).ra" }
        },
        Family("tables after commas", 2) { "SELECT a0.ra FROM \(repeated($0, ", ") { "gaia.source AS a\($0)" })" },
        Family("UNION", 2) { "SELECT ra FROM gaia.source" + repeated($0, "") { " UNION ALL SELECT ra + \($0) FROM gaia.source" } },
        Family("subqueries side by side", 2) {
            "SELECT ra FROM gaia.source WHERE \(repeated($0, " AND ") { "source_id IN (SELECT col_0_0 FROM s0.table_0 WHERE col_0_1 > \($0))" })"
        },
        Family("comments", 100) { "SELECT ra\n\(repeated($0, "") { "-- comment \($0)\n" })FROM gaia.source" },
        Family("one long string", 1000) { "SELECT ra FROM gaia.source WHERE name = '\(String(repeating: "x''", count: $0))'" },
    ]

    private static let refused: [Family] = [
        Family("an error at the end", 100) { "SELECT ra FROM gaia.source WHERE \(repeated($0, " AND ") { "ra <> \($0)" }) AND" },
        Family("ten errors of syntax, far apart", 100) { count in
            repeated(10, " UNION ") { _ in "SELECT ra FROM gaia.source WHERE ra == 1 OR \(repeated(count / 10, " AND ") { "ra <> \($0)" })"
            }
        },
        Family("an unknown column among many right ones", 100) {
            "SELECT ra FROM gaia.source WHERE rra = 1 OR \(repeated($0, " OR ") { "source_id = \($0)" })"
        },
        Family("unknown columns", 10) { "SELECT ra FROM gaia.source WHERE \(repeated($0, " AND ") { "ra_\($0) > 1" })" },
        Family("unknown tables", 1) { "SELECT 1 FROM \(repeated($0, ", ") { "s1.tabel_\($0) AS a\($0)" })" },
        Family("unknown functions", 1) { "SELECT ra FROM gaia.source WHERE \(repeated($0, " AND ") { "sqr\($0)(ra) > 1" })" },
        Family("parentheses that do not close", 100) { "SELECT \(String(repeating: "(", count: $0))" },
    ]
}
