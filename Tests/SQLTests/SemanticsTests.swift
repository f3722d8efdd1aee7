import Postgres
import Testing

extension SQLTests {
    /// What numbers and NULL do, as the README and ADQL 2.1 §2.3 and §4.5 have it.
    @Suite struct Semantics {
        private static let known: [(String, String)] = [
            // Whole numbers divide without remainder, towards zero; a point makes a double.
            ("1 / 2", "0"), ("-7 / 2", "-3"), ("7 / -2", "-3"), ("1 / 2.", "0.5"), ("1. / 2", "0.5"), ("1 / 2 * 2.0", "0"),
            ("1 * 2.0 / 4", "0.5"),
            ("visits / 2", "0"), ("visits / 2.0", "0.5"), ("CAST(visits AS DOUBLE PRECISION) / 2", "0.5"), ("7 - 2 - 1", "4"),
            ("MOD(-7, 3)", "-1"), ("MOD(7, -3)", "1"), ("MOD(-7.5, 2)", "-1.5"), ("ABS(-2147483648)", "2147483648"),
            ("2147483647 + CAST(1 AS BIGINT)", "2147483648"), ("2147483648 * 2", "4294967296"),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9.223372036854776e+18"), ("-9223372036854775807 - 1", "-9223372036854775808"),
            // Single precision stays single among its like, and is widened beside a double.
            ("CAST(0.1 AS REAL)", "0.1"), ("CAST(0.1 AS REAL) + CAST(0.2 AS REAL)", "0.3"),
            ("CAST(0.1 AS REAL) * 1.0", "0.10000000149011612"),
            ("CASE WHEN CAST(0.1 AS REAL) = 0.1 THEN 1 ELSE 0 END", "0"), ("CASE WHEN CAST(0.5 AS REAL) = 0.5 THEN 1 ELSE 0 END", "1"),
            // Casts round halves to even, as IEEE does; ROUND rounds them away from zero.
            ("CAST(2.5 AS INTEGER)", "2"), ("CAST(3.5 AS INTEGER)", "4"), ("ROUND(2.5)", "3"), ("TRUNCATE(2.9)", "2"),
            ("CAST('1e3' AS REAL)", "1000"),
            ("CAST(CAST('NaN' AS DOUBLE PRECISION) AS VARCHAR)", "NaN"), ("CASE WHEN CAST('NaN' AS REAL) > 1e30 THEN 1 END", "1"),
            // Aggregates: sums of whole numbers are BIGINT, averages double.
            ("(SELECT SUM(small) FROM gaia.source)", "78"), ("(SELECT AVG(small) FROM gaia.source)", "6.5"),
            ("(SELECT SUM(2147483647) FROM gaia.source)", "25769803764"),
            ("(SELECT AVG(9223372036854775807) FROM gaia.source)", "9.223372036854776e+18"),
            ("(SELECT SUM(mag) FROM gaia.source WHERE mag IS NULL)", "null"),
            ("(SELECT COUNT(mag) FROM gaia.source WHERE mag IS NULL)", "0"),
            ("(SELECT SUM(DISTINCT visits) FROM gaia.source)", "10"), ("(SELECT MAX(name) FROM gaia.source WHERE 1 = 0)", "null"),
            // NULL in arithmetic, text and choice.
            ("NULL + 1", "null"), ("1 - NULL", "null"), ("NULL * 0", "null"), ("0 / NULL", "null"), ("-NULL", "null"),
            ("NULL || 'a'", "null"),
            ("'a' || NULL || 'b'", "null"), ("COALESCE(NULL, NULL)", "null"), ("COALESCE(NULL, 1, 1 / 0)", "1"),
            ("CAST(NULL AS INTEGER)", "null"),
            ("CASE NULL WHEN NULL THEN 1 ELSE 2 END", "2"), ("CASE WHEN NULL = NULL THEN 1 ELSE 2 END", "2"),
        ]

        @Test("expressions have the values that are documented", arguments: known)
        func values(expression: String, value: String) throws {
            #expect(try Translate.value("SELECT \(expression) FROM gaia.source WHERE source_id = 1001") == value)
        }

        /// 1 where it holds, 0 where its negation does, null where it is unknown.
        private static let judged: [(String, String)] = [
            ("NULL = NULL", "null"), ("NULL <> 1", "null"), ("1 < NULL", "null"), ("mag = mag", "null"), ("mag IS NULL", "1"),
            ("mag IS NOT NULL", "0"),
            ("NOT mag > 1", "null"), ("mag > 1 AND 1 = 0", "0"), ("mag > 1 AND 1 = 1", "null"), ("mag > 1 OR 1 = 1", "1"),
            ("mag > 1 OR 1 = 0", "null"),
            ("1 BETWEEN NULL AND 0", "0"), ("1 BETWEEN NULL AND 2", "null"), ("1 NOT BETWEEN NULL AND 0", "1"),
            ("mag BETWEEN 1 AND 2", "null"),
            ("1 IN (1, NULL)", "1"), ("2 IN (1, NULL)", "null"), ("2 NOT IN (1, NULL)", "null"), ("1 NOT IN (1, NULL)", "0"),
            ("mag IN (1, 2)", "null"),
            ("1 IN (SELECT mag FROM gaia.source AS s WHERE s.source_id = 1005)", "null"),
            ("1 IN (SELECT mag FROM gaia.source WHERE 1 = 0)", "0"),
            ("mag NOT IN (SELECT mag FROM gaia.source WHERE 1 = 0)", "1"),
            ("EXISTS (SELECT mag FROM gaia.source AS s WHERE s.source_id = 1005)", "1"),
            ("NULL LIKE 'a%'", "null"), ("'a' LIKE NULL", "null"), ("'a' NOT LIKE NULL", "null"), ("'a' ILIKE NULL", "null"),
            ("1 = CONTAINS(POINT(NULL, 2), CIRCLE(1, 2, 3))", "null"), ("0 = CONTAINS(POINT(NULL, 2), CIRCLE(1, 2, 3))", "null"),
            ("CONTAINS(POINT(1, 2), CIRCLE(1, 2, mag)) <> 1", "null"), ("1 = INTERSECTS(CIRCLE(1, 2, mag), CIRCLE(1, 2, 1))", "null"),
            ("DISTANCE(POINT(1, 2), POINT(1, mag)) < 1", "null"), ("DISTANCE(1, 2, 3, 4) < mag", "null"),
            ("POINT(1, mag) = POINT(1, 2)", "null"),
            ("1 = ivo_hasword(NULL, 'a')", "null"), ("1 = ivo_interval_overlaps(1, 2, NULL, 3)", "null"),
            ("0 = ivo_interval_overlaps(1, 2, NULL, 0)", "1"), ("1 = gavo_match(NULL, 'a')", "null"),
        ]

        @Test("conditions are true, false or unknown", arguments: judged)
        func conditions(condition: String, value: String) throws {
            let query = "SELECT CASE WHEN \(condition) THEN 1 WHEN NOT (\(condition)) THEN 0 END FROM gaia.source WHERE source_id = 1005"
            #expect(try Translate.value(query) == value)
            // WHERE takes what is true alone.
            let rows = try Translate.rows("SELECT 1 FROM gaia.source WHERE source_id = 1005 AND (\(condition))")
            #expect(rows.count == (value == "1" ? 1 : 0))
        }

        private static let refused: [(String, String)] = [
            ("2147483647 + visits", "22003"), ("small * CAST(32767 AS SMALLINT)", "22003"), ("9223372036854775807 + source_id", "22003"),
            ("-2147483647 - visits - visits", "22003"), ("1e308 * 10 * ra", "22003"), ("EXP(1000 * visits)", "22003"),
            ("visits / 0", "22012"),
            ("ra / 0", "22012"), ("ra / 0.0", "22012"), ("MOD(visits, 0)", "22012"), ("MOD(ra, 0.0)", "22012"), ("SQRT(-ra)", "2201F"),
            ("LOG(ra - ra)", "2201E"), ("LOG10(-ra)", "2201E"), ("POWER(ra - ra, -1)", "2201F"), ("POWER(-ra, 0.5)", "2201F"),
            ("ACOS(ra)", "22003"),
            ("CAST(ra * 1e9 AS INTEGER)", "22003"), ("CAST(source_id * 100 AS SMALLINT)", "22003"), ("CAST(1e300 * ra AS REAL)", "22003"),
            ("CAST(name AS INTEGER)", "22P02"), ("CAST('1.5' AS BIGINT)", "22P02"), ("CAST(name AS TIMESTAMP)", "22007"),
            ("SUM(9223372036854775807 - source_id)", "22003"), ("ivo_healpix_center(0, 12 + visits)", "AL001"),
            ("ivo_healpix_center(29 + visits, 1)", "AL001"),
        ]

        @Test("what has no value ends the query, and is never cut down to one", arguments: refused)
        func errors(expression: String, state: String) throws {
            let sql = try Translate.sql("SELECT \(expression) FROM gaia.source WHERE source_id IN (1001, 1002)")
            let error = try #require(throws: PostgresError.self, "\(expression)") { try SharedDatabase.session().query(sql) }
            #expect(error.sqlstate == state, "\(expression): \(error.sqlstate)")
        }

        @Test("RAND has another value for each row, from 0 to below 1")
        func random() throws {
            #expect(
                try Translate.rows("SELECT COUNT(DISTINCT r) FROM (SELECT RAND() AS r FROM big.star WHERE star_id <= 1000) AS q") == [
                    "1000"
                ])
            #expect(try Translate.rows("SELECT COUNT(*) FROM big.star WHERE RAND(7) < 0 OR RAND() >= 1") == ["0"])
            #expect(try Translate.rows("SELECT COUNT(DISTINCT ivo_normal_random(5, 1)) FROM big.star WHERE star_id <= 1000") != ["1"])
        }
    }
}
