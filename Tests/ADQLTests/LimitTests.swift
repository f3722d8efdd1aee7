import ADQL
import Foundation
import Testing

@Suite struct LimitTests {
    private func code(_ text: String, limits: ParserLimits = ParserLimits()) -> ADQLError.Code? {
        do {
            _ = try Query.parse(text, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    /// A way to nest: `open` and `close` repeat around the core.
    struct Nesting: Sendable {
        var head = "SELECT "
        var open: String
        var core = "a"
        var close: String
        var tail = " FROM t"
        /// How many levels are allowed.
        var limit = 100

        func text(levels: Int) -> String {
            head + String(repeating: open, count: levels) + core + String(repeating: close, count: levels) + tail
        }
    }

    static let nestings = [
        Nesting(open: "(", close: ")"),
        Nesting(open: "SQRT(", close: ")"),
        Nesting(open: "- ", close: ""),
        Nesting(open: "CASE WHEN a = 1 THEN ", close: " END"),
        Nesting(open: "MAX(", close: ")"),
        Nesting(open: "CAST(", close: " AS CHAR)"),
        Nesting(open: "(SELECT ", close: " FROM t)", limit: 32),
        Nesting(head: "SELECT * FROM t WHERE ", open: "NOT ", close: "", tail: " = 1"),
        Nesting(head: "SELECT * FROM t WHERE ", open: "(", core: "a = 1", close: ")", tail: ""),
        Nesting(head: "SELECT * FROM t WHERE ", open: "(b = 1 OR c > 2 AND ", core: "a = 1", close: ")", tail: ""),
        Nesting(head: "SELECT * FROM t WHERE ", open: "EXISTS (SELECT * FROM t WHERE ", core: "a = 1", close: ")", tail: "", limit: 32),
        Nesting(head: "SELECT * FROM t WHERE ", open: "a IN (SELECT a FROM t WHERE ", core: "a = 1", close: ")", tail: "", limit: 32),
        Nesting(head: "SELECT * FROM ", open: "(SELECT * FROM ", close: ") AS a", tail: "", limit: 32),
        Nesting(head: "SELECT * FROM ", open: "(", close: " JOIN b USING (c))", tail: " JOIN b USING (c)"),
        Nesting(head: "SELECT * FROM a ", open: "JOIN a ", core: "JOIN a USING (c)", close: " USING (c)", tail: ""),
        Nesting(head: "SELECT * FROM ((", open: "(", core: "SELECT a FROM t", close: ") UNION SELECT a FROM t", tail: ")) AS q", limit: 32),
        Nesting(head: "", open: "(", core: "SELECT a FROM t", close: " UNION SELECT a FROM t)", tail: "", limit: 32),
    ]

    @Test(arguments: nestings)
    func `deep nesting is an error, not a crash`(_ nesting: Nesting) throws {
        _ = try Query.parse(nesting.text(levels: nesting.limit - 3))
        for levels in [nesting.limit + 1, 1000, 100_000] {
            #expect(code(nesting.text(levels: levels)) == .nestedTooDeeply, "\(levels)")
        }
    }

    #if DEBUG
        private static let stackSize = 6 << 20
    #else
        private static let stackSize = 1 << 20
    #endif

    /// What the work gives on a thread with a small stack.
    private func onSmallStack<Result: Sendable>(_ size: Int, _ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: work()) }
            thread.stackSize = size
            thread.start()
        }
    }

    @Test(arguments: nestings)
    func `the deepest allowed nesting fits into a small stack, to read, write, compare and release`(_ nesting: Nesting) async {
        let text = nesting.text(levels: nesting.limit - 3)
        let equal = await onSmallStack(Self.stackSize) {
            guard let tree = try? Query.parse(text), let again = try? Query.parse(tree.adql) else { return false }
            return tree == again && tree.hashValue == again.hashValue
        }
        #expect(equal)
    }

    @Test func `parentheses that never close are an error`() {
        #expect(code("SELECT " + String(repeating: "(", count: 1_000_000)) == .nestedTooDeeply)
        #expect(code("SELECT * FROM " + String(repeating: "(", count: 1_000_000)) == .nestedTooDeeply)
        #expect(code(String(repeating: "(", count: 1_000_000)) == .nestedTooDeeply)
    }

    @Test(arguments: [
        ("SELECT a", " + 1", " FROM t"), ("SELECT a", " * 1", " FROM t"), ("SELECT a", " || 'x'", " FROM t"),
        ("SELECT a", ", a", " FROM t"),
        ("SELECT * FROM t WHERE a = 1", " OR a = 1", ""), ("SELECT * FROM t WHERE a = 1", " AND a = 1", ""),
        ("SELECT * FROM t WHERE a IN (1", ",1", ")"), ("SELECT f(a", ", 1", ") FROM t"), ("SELECT * FROM t", ", t", ""),
        ("SELECT * FROM t", " JOIN u USING (a)", ""), ("SELECT * FROM t", " CROSS JOIN u", ""),
        ("SELECT a FROM t", " UNION SELECT a FROM t", ""), ("SELECT a FROM t", " INTERSECT ALL SELECT a FROM t", ""),
        ("SELECT CASE", " WHEN a = 1 THEN 2", " END FROM t"), ("SELECT a FROM t ORDER BY a", ", b DESC", ""),
        ("SELECT a FROM t GROUP BY a", ", b", ""), ("WITH a AS (SELECT a FROM t)", ", a AS (SELECT a FROM t)", " SELECT a FROM t"),
    ])
    func `20,000 parts side by side take no more stack than two`(_ head: String, _ part: String, _ tail: String) async {
        let text = head + String(repeating: part, count: 20_000) + tail
        let equal = await onSmallStack(512 << 10) {
            let tree = try? Query.parse(text)
            return tree != nil && tree == tree.flatMap { try? Query.parse($0.adql) }
        }
        #expect(equal)
    }

    @Test func `a text that is too long is refused before it is read`() throws {
        let text = "SELECT a FROM t WHERE a IN (" + String(repeating: "1,", count: 2 << 20) + "1)"
        let error = try #require(throws: ADQLError.self) { try Query.parse(text) }
        #expect(error.code == .textTooLong)
        #expect(error.description.hasPrefix("the query has 4194334 bytes, more than the 4194304 that are allowed"))
        #expect(code("SELECT a FROM t", limits: ParserLimits(length: 15)) == nil)
        #expect(code("SELECT a FROM t", limits: ParserLimits(length: 14)) == .textTooLong)
    }

    @Test func `the number of names is limited, and the message has it`() throws {
        let text = "SELECT " + String(repeating: "a, ", count: 9) + "b FROM t"
        #expect(code(text, limits: ParserLimits(names: 11)) == nil)
        let error = try #require(throws: ADQLError.self) { try Query.parse(text, limits: ParserLimits(names: 10)) }
        #expect(error.code == .tooManyNames)
        #expect(error.message == "the query has more than 10 names")
        #expect(code("SELECT a FROM t WHERE " + String(repeating: "a = 1 OR ", count: 100_000) + "a = 2") == .tooManyNames)
    }

    @Test func `messages of limits have their numbers`() throws {
        let deep = try #require(throws: ADQLError.self) { try Query.parse("SELECT " + String(repeating: "(", count: 200)) }
        #expect(deep.message == "the query is nested more than 100 levels deep")
        let queries = try #require(throws: ADQLError.self) { try Query.parse(String(repeating: "SELECT (", count: 50)) }
        #expect(queries.message == "more than 32 subqueries are nested inside each other")
    }

    @Test func `a row of remainders is as deep as it is long`() throws {
        let row = { "SELECT a" + String(repeating: " % 2", count: $0) + " FROM t" }
        _ = try Query.parse(row(101))
        #expect(code(row(102)) == .nestedTooDeeply)
        _ = try Query.parse("SELECT " + String(repeating: "a % 2, ", count: 1000) + "1 FROM t")
    }

    @Test func `the depth is a setting`() {
        #expect(code("SELECT ((a)) FROM t", limits: ParserLimits(depth: 2)) == nil)
        #expect(code("SELECT (((a))) FROM t", limits: ParserLimits(depth: 2)) == .nestedTooDeeply)
        #expect(code("SELECT (SELECT a FROM t) FROM t", limits: ParserLimits(subqueries: 1)) == nil)
        #expect(
            code("SELECT * FROM ((SELECT a FROM t) UNION SELECT a FROM t) AS q", limits: ParserLimits(subqueries: 1)) == .nestedTooDeeply)
        #expect(code("SELECT (SELECT (SELECT a FROM t) FROM t) FROM t", limits: ParserLimits(subqueries: 1)) == .nestedTooDeeply)
    }

    @Test func `levels that are side by side do not add up`() throws {
        _ = try Query.parse("SELECT " + String(repeating: "((a)) + ", count: 1000) + "1 FROM t", limits: ParserLimits(depth: 2))
    }
}
