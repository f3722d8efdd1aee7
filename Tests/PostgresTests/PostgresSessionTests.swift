import Foundation
import Postgres
import Testing

/// The cluster that the tests run against.
let databaseURL = ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATABASE_URL"] ?? ""

@Suite("PostgreSQL sessions")
struct PostgresSessionTests {
    let session = try? PostgresSession(uri: databaseURL, applicationName: "almagest-tests")

    @Test("pass every kind of parameter and read it back")
    func parameters() throws {
        let session = try #require(session)
        let result = try session.query(
            "SELECT $1::int8, $2::float8, $3::text, $4::int8[], $5::text[], $6::text, $7::bool",
            [
                .int(-5), .double(0.1), .text("it's \\ \"here\" é"), .intArray([1, 2]), .textArray(["a\"b", "c\\d", ""]), .null,
                .bool(true),
            ])
        #expect(result.count == 1)
        #expect(result.int(0, 0) == -5)
        #expect(result.double(0, 1) == 0.1)
        #expect(result.string(0, 2) == "it's \\ \"here\" é")
        #expect(result.string(0, 3) == "{1,2}")
        #expect(result.string(0, 4) == #"{"a\"b","c\\d",""}"#)
        #expect(result.string(0, 5) == nil)
        #expect(result.bool(0, 6) == true)
    }

    @Test("report PostgreSQL's own state for a failed statement and go on")
    func failure() throws {
        let session = try #require(session)
        let error = #expect(throws: PostgresError.self) { try session.query("SELECT 1/0") }
        #expect(error?.sqlstate == "22012")
        #expect(try session.query("SELECT 1").int(0, 0) == 1)
    }

    @Test("say that there is no way to the server")
    func unreachable() {
        let error = #expect(throws: PostgresError.self) {
            try PostgresSession(uri: "postgresql:///x?host=/nonexistent", applicationName: "almagest-tests")
        }
        #expect(error?.isConnectionFailure == true)
    }

    @Test("send more at once than 32 bits count")
    func largeSend() throws {
        let session = try #require(session)
        try session.execute("CREATE TEMP TABLE heaps (n text)")
        // Nothing but zeros, that take no memory; the database refuses them, and the rest goes by.
        let count = Int(Int32.max) + 2
        let zeros = mmap(nil, count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        try #require(zeros != MAP_FAILED)
        defer { munmap(zeros, count) }
        try session.beginCopyIn("COPY heaps FROM STDIN (FORMAT binary)")
        try session.send(UnsafeRawBufferPointer(start: zeros, count: count))
        let error = #expect(throws: PostgresError.self) { try session.endCopyIn() }
        #expect(error?.sqlstate == "22P04")
        #expect(try session.query("SELECT 1").int(0, 0) == 1)
    }

    @Test("copy rows in, or none of them when the sender gives up")
    func copyIn() throws {
        let session = try #require(session)
        try session.execute("CREATE TEMP TABLE arrivals (n int8)")
        let rows = try session.copyIn("COPY arrivals FROM STDIN") { copy in
            try copy.append(Array("1\n2\n".utf8))
            try copy.append(Array("3\n".utf8))
        }
        #expect(rows == 3)
        struct GaveUp: Error {}
        #expect(throws: GaveUp.self) {
            _ = try session.copyIn("COPY arrivals FROM STDIN") { copy in
                try copy.append(Array("4\n".utf8))
                throw GaveUp()
            }
        }
        #expect(try session.query("SELECT count(*) FROM arrivals").int(0, 0) == 3)
    }

    @Test("roll a transaction back when its body fails")
    func rollback() throws {
        let session = try #require(session)
        try session.execute("CREATE TEMP TABLE kept (n int8)")
        #expect(throws: PostgresError.self) {
            try session.transaction {
                try session.execute("INSERT INTO kept VALUES (1)")
                try session.execute("SELECT nonsense")
            }
        }
        #expect(try session.query("SELECT count(*) FROM kept").int(0, 0) == 0)
    }
}

@Suite("The pool")
struct PostgresPoolTests {
    @Test("serves more callers than it has connections")
    func manyCallers() async throws {
        let pool = PostgresPool(uri: databaseURL, connections: 3, applicationName: "almagest-tests")
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 1...40 {
                group.addTask { try await pool.withSession { try $0.query("SELECT $1::int8", [.int(Int64(number))]).int(0, 0) ?? 0 } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 820)
    }

    @Test("replaces a connection that the server ended")
    func replacement() async throws {
        let pool = PostgresPool(uri: databaseURL, connections: 1, applicationName: "almagest-tests")
        let first = try await pool.withSession { try $0.query("SELECT pg_backend_pid()").int(0, 0) }
        let killer = try PostgresSession(uri: databaseURL, applicationName: "almagest-tests")
        try killer.query("SELECT pg_terminate_backend($1::int4)", [.int(first ?? 0)])
        // The backend says good-bye before it goes.
        while try killer.query("SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int4", [.int(first ?? 0)]).int(0, 0) != 0 {}
        let second = try await pool.withSession { try $0.query("SELECT pg_backend_pid()").int(0, 0) }
        #expect(first != second)
    }
}
