import Foundation
import Postgres
import Testing

@Suite("Rows of prepared statements")
struct PreparedRowsTests {
    private let name = "almagest-prepared-\(UUID())"
    private let pool: CopyPool

    init() {
        pool = CopyPool(uri: databaseURL, limits: .init(connections: 1, queue: 2, patience: .seconds(10)), applicationName: name)
    }

    private func rows(_ stream: some RowStream, atOnce: Int = 100) async throws -> [[UInt8]] {
        var rows: [[UInt8]] = []
        while try await stream.nextBatch({ row in
            rows.append(Array(row))
            return rows.count % atOnce != 0
        }) {}
        return rows
    }

    private static let numbers =
        "SELECT n::int8, repeat('x', n % 50), CASE WHEN n % 3 = 0 THEN NULL ELSE n::float8 END, ARRAY[n, n]::float8[] FROM generate_series(1, "

    @Test("are the bytes that COPY sends", arguments: [0, 1, 99, 100, 101, 20_000], [0, 1])
    func bytes(count: Int, patience: Int) async throws {
        let copied = try await rows(pool.open("COPY (\(Self.numbers)\(count)) n) TO STDOUT (FORMAT binary)"))
        let statement = PreparedStatement(Self.numbers + "$1::int) n", [.int8])
        for _ in 0..<3 {
            let prepared = try await rows(pool.open(statement, [String(count)], patience: patience))
            #expect(prepared == copied)
        }
    }

    @Test("depend on the values, whatever these are")
    func values() async throws {
        let statement = PreparedStatement("SELECT t FROM (VALUES ('a'), ('O''Neill'), ('\\'), ('')) v(t) WHERE t = $1", [.asLiteral])
        for (value, count) in [("a", 1), ("O'Neill", 1), ("\\", 1), ("", 1), ("b' OR '1'='1", 0), ("é", 0)] {
            #expect(try await rows(pool.open(statement, [value], patience: 1)).count == count, "\(value)")
        }
    }

    @Test("fail before the first row with PostgreSQL's own state, and the connection is well afterwards")
    func earlyFailure() async throws {
        let statement = PreparedStatement("SELECT 1 / $1::int8", [.int8])
        for _ in 0..<2 {
            let error = await #expect(throws: PostgresError.self) { try await pool.open(statement, ["0"], patience: 1) }
            #expect(error?.sqlstate == "22012")
            #expect(try await rows(pool.open(statement, ["1"], patience: 1)).count == 1)
        }
        let unknown = PreparedStatement("SELECT nothing FROM nowhere", [])
        let error = await #expect(throws: PostgresError.self) { try await pool.open(unknown, [], patience: 1) }
        #expect(error?.sqlstate == "42P01")
        #expect(try await rows(pool.open(statement, ["1"], patience: 1)).count == 1)
    }

    @Test("fail in the middle after the rows before", arguments: [0, 1])
    func lateFailure(patience: Int) async throws {
        let statement = PreparedStatement("SELECT n::int8, 1 / ($1 - n) FROM generate_series(1, 9000) n", [.int8])
        let stream = try await pool.open(statement, ["5000"], patience: patience)
        var rows = 0
        let error = await #expect(throws: PostgresError.self) {
            while try await stream.nextBatch({ _ in
                rows += 1
                return true
            }) {}
        }
        #expect(error?.sqlstate == "22012" && rows == 4999)
    }

    @Test("come again when the table has changed beneath the statement")
    func changedTable() async throws {
        let table = "prepared_\(UInt32.random(in: 0 ... .max))"
        let owner = try PostgresSession(uri: databaseURL, applicationName: "almagest-tests")
        try owner.execute("CREATE TABLE \(table) AS SELECT 1::int8 AS a")
        defer { try? owner.execute("DROP TABLE \(table)") }
        let statement = PreparedStatement("SELECT * FROM \(table)", [])
        #expect(try await rows(pool.open(statement, [], patience: 1)).map(\.count) == [2 + 4 + 8])
        try owner.execute("ALTER TABLE \(table) ADD b int8 DEFAULT 2")
        let error = await #expect(throws: PostgresError.self) { try await pool.open(statement, [], patience: 1) }
        #expect(error?.sqlstate == "0A000")
        // The connection that knew the old one is gone.
        #expect(try await rows(pool.open(statement, [], patience: 1)).map(\.count) == [2 + 4 + 8 + 4 + 8])
    }

    @Test("come from more statements than a connection keeps")
    func manyStatements() async throws {
        let statements = (0..<200).map { PreparedStatement("SELECT $1 + \($0)", [.int8]) }
        for statement in statements + statements.reversed() {
            #expect(try await rows(pool.open(statement, ["1"], patience: 1)).count == 1)
        }
        let kept = try await rows(
            pool.open("COPY (SELECT count(*) FROM pg_prepared_statements) TO STDOUT (FORMAT binary)"))
        #expect(kept.first?.last ?? 0 <= 64)
    }

    @Test(
        "stop on the server when nobody wants them, computing or sending",
        arguments: [("pg_sleep(60)::text", true), ("repeat('x', 1000)", true), ("repeat('x', 1000)", false)] as [(String, Bool)])
    func abandoned(column: String, isCancelled: Bool) async throws {
        let statement = PreparedStatement(
            "SELECT n::int8, CASE WHEN n > 5 THEN \(column) ELSE '' END FROM generate_series(1, 100000000) n", [])
        let (begun, beginning) = AsyncStream.makeStream(of: Weak.self)
        let reading = Task { [pool] in
            let stream = try await pool.open(statement, [], patience: 1)
            beginning.yield(Weak(stream))
            while try await stream.nextBatch({ _ in true }) {}
        }
        let observer = try PostgresSession(uri: databaseURL, applicationName: "almagest-tests")
        func backends() throws -> Int64? {
            try observer.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'", [.text(name)]).int(
                0, 0)
        }
        while try backends() == 0 { try await Task.sleep(for: .milliseconds(5)) }
        if isCancelled {
            reading.cancel()
        } else {
            for await stream in begun {
                stream.rows?.interrupt()
                break
            }
        }
        await #expect(throws: CancellationError.self) { try await reading.value }
        while try backends() != 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Does not keep the stream, whose end is what cancels its statement.
    private struct Weak: Sendable {
        weak let rows: PreparedRows?

        init(_ rows: PreparedRows) { self.rows = rows }
    }
}
