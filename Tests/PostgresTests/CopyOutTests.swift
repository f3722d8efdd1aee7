import Foundation
import Postgres
import Testing

@Suite("Rows from COPY")
struct CopyOutTests {
    let pool = CopyPool(
        uri: databaseURL, limits: .init(connections: 2, queue: 2, patience: .milliseconds(300)), applicationName: "almagest-copy-\(UUID())")

    /// Reads all rows of two columns (int8, text).
    private func read(_ stream: CopyOut) async throws -> [(Int64, Int)] {
        var rows: [(Int64, Int)] = []
        while try await stream.nextBatch({ row in
            let number = Int64(bigEndian: row.loadUnaligned(fromByteOffset: 6, as: Int64.self))
            rows.append((number, row.count))
            return rows.count % 100 != 0
        }) {}
        return rows
    }

    @Test("come all, once, and in order", arguments: [0, 1, 99, 100, 101, 50_000])
    func complete(count: Int) async throws {
        let stream = try await pool.open(
            "COPY (SELECT n::int8, repeat('x', 20) FROM generate_series(1, \(count)) n) TO STDOUT (FORMAT binary)")
        let rows = try await read(stream)
        #expect(rows.map(\.0) == Array(1...max(1, Int64(count))).prefix(count).map { $0 })
        #expect(rows.allSatisfy { $0.1 == 2 + 4 + 8 + 4 + 20 })
    }

    @Test("fail before the first row with PostgreSQL's own state")
    func earlyFailure() async throws {
        let error = await #expect(throws: PostgresError.self) { try await pool.open("COPY (SELECT 1/0) TO STDOUT (FORMAT binary)") }
        #expect(error?.sqlstate == "22012")
        // The connection is well again.
        #expect(try await read(pool.open("COPY (SELECT 7::int8, 'a'::text) TO STDOUT (FORMAT binary)")).count == 1)
    }

    @Test("fail in the middle after the rows before")
    func lateFailure() async throws {
        let stream = try await pool.open(
            "COPY (SELECT n::int8, (1/(5000-n))::text FROM generate_series(1, 9000) n) TO STDOUT (FORMAT binary)")
        var rows = 0
        let error = await #expect(throws: PostgresError.self) {
            while try await stream.nextBatch({ _ in
                rows += 1
                return true
            }) {}
        }
        #expect(error?.sqlstate == "22012")
        #expect(rows == 4999)
    }

    @Test(
        "stop on the server within a second of being abandoned, computing or sending",
        arguments: ["pg_sleep(60)::text", "repeat('x', 1000)"])
    func abandoned(column: String) async throws {
        let name = "almagest-abandoned-\(UUID())"
        let pool = CopyPool(uri: databaseURL, limits: .init(connections: 1), applicationName: name)
        let reading = Task {
            let stream = try await pool.open(
                "COPY (SELECT n::int8, CASE WHEN n > 5 THEN \(column) ELSE '' END FROM generate_series(1, 100000000) n) TO STDOUT (FORMAT binary)"
            )
            var rows = 0
            while try await stream.nextBatch({ _ in
                rows += 1
                return true
            }) {}
        }
        let observer = try PostgresSession(uri: databaseURL, applicationName: "almagest-tests")
        func backends() throws -> Int64? {
            try observer.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'", [.text(name)]).int(
                0, 0)
        }
        while try backends() == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(100))
        reading.cancel()
        let clock = ContinuousClock()
        let start = clock.now
        while try backends() != 0, clock.now - start < .seconds(5) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(try backends() == 0)
        _ = await reading.result
    }

    @Test("wait in line for a connection and are turned away when the line is too long")
    func queue() async throws {
        let held = try await (pool.open(slow), pool.open(slow))
        let error = await #expect(throws: PostgresError.self) { try await pool.open("COPY (SELECT 1) TO STDOUT (FORMAT binary)") }
        #expect(error?.sqlstate == "53300")
        withExtendedLifetime(held) {}
    }

    @Test(
        "a small result is whole, and its connection free, before the first of its rows is read, while large ones hold all other connections"
    )
    func reserve() async throws {
        let pool = CopyPool(
            uri: databaseURL, limits: .init(connections: 2, reserve: 1, queue: 2, patience: .milliseconds(300)),
            applicationName: "almagest-reserve-\(UUID())")
        let large = try await pool.open(slow)
        let small = try await (pool.open(few), pool.open(few))
        let third = try await pool.open(few)
        for stream in [small.0, small.1, third] {
            let rows = try await read(stream)
            #expect(rows.map(\.0) == Array(1...500))
        }
        let error = await #expect(throws: PostgresError.self) { try await pool.open(slow) }
        #expect(error?.sqlstate == "53300")
        // The refused one keeps nothing.
        #expect(try await read(pool.open(few)).count == 500)
        withExtendedLifetime(large) {}
    }

    @Test("a result that computes for long is no small one either")
    func computing() async throws {
        var limits = CopyPool.Limits(connections: 2, reserve: 1, queue: 2, patience: .milliseconds(300))
        limits.smallTime = .milliseconds(200)
        let pool = CopyPool(uri: databaseURL, limits: limits, applicationName: "almagest-computing-\(UUID())")
        let large = try await pool.open(slow)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.open("COPY (SELECT 1::int8, pg_sleep(60)::text) TO STDOUT (FORMAT binary)")
        }
        #expect(error?.sqlstate == "53300")
        withExtendedLifetime(large) {}
    }

    @Test("a large result begins again as soon as another one has ended, and comes whole")
    func turn() async throws {
        let pool = CopyPool(
            uri: databaseURL, limits: .init(connections: 2, reserve: 1, patience: .seconds(60)), applicationName: "almagest-turn-\(UUID())")
        var first: CopyOut? = try await pool.open(slow)
        let second = Task {
            try await read(
                pool.open("COPY (SELECT n::int8, repeat('x', 200) FROM generate_series(1, 20000) n) TO STDOUT (FORMAT binary)"))
        }
        try await Task.sleep(for: .milliseconds(300))
        #expect(first != nil)
        first = nil
        #expect(try await second.value.map(\.0) == Array(1...20000))
    }

    @Test("the time of a slow reader is not the query's, that of a slow query is")
    func clocks() async throws {
        let pool = CopyPool(
            uri: databaseURL, limits: .init(connections: 2, timeLimit: .milliseconds(500)), applicationName: "almagest-clocks-\(UUID())")
        let patient = try await pool.open(slow)
        for _ in 0..<8 {
            #expect(try await patient.nextBatch { _ in false })
            try await Task.sleep(for: .milliseconds(100))
        }
        let error = await #expect(throws: PostgresError.self) {
            let stream = try await pool.open(
                "COPY (SELECT n::int8, pg_sleep(0.1)::text FROM generate_series(1, 100) n) TO STDOUT (FORMAT binary)")
            _ = try await read(stream)
        }
        #expect(error?.isCancellation == true && error?.isOfTransfer == false)
    }

    @Test("the whole has a limit too, however the time is spent")
    func transfer() async throws {
        let pool = CopyPool(
            uri: databaseURL, limits: .init(connections: 1, transferLimit: .milliseconds(300)),
            applicationName: "almagest-transfer-\(UUID())")
        let stream = try await pool.open(slow)
        let error = await #expect(throws: PostgresError.self) {
            while try await stream.nextBatch({ _ in false }) { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(error?.isOfTransfer == true)
    }

    private let few = "COPY (SELECT n::int8, repeat('x', 1000) FROM generate_series(1, 500) n) TO STDOUT (FORMAT binary)"
    // A series in the list of columns comes row by row; in FROM all of it would be kept first.
    private let slow = "COPY (SELECT n::int8, repeat('x', 1000) FROM (SELECT generate_series(1, 10000000) n) t) TO STDOUT (FORMAT binary)"
}
