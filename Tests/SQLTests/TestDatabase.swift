import Foundation
import Postgres
import TAPSchema
import Testing

/// A database of its own for all tests of this room: made before the first, dropped after the last.
struct TestDatabase: Sendable {
    let uri: String

    @TaskLocal static var current: TestDatabase?

    static func session() throws -> PostgresSession {
        let database = try #require(current, "the test must run inside the suite SQLTests")
        return try PostgresSession(uri: database.uri, applicationName: "SQLTests", settings: ["TimeZone": "UTC"])
    }

    fileprivate static func create() throws -> TestDatabase {
        let uri = try #require(
            ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATABASE_URL"], "ALMAGEST_TEST_DATABASE_URL must name a PostgreSQL")
        let name = "almagest_sql_\(UInt32.random(in: 0 ... .max))"
        try PostgresSession(uri: uri, applicationName: "SQLTests").execute("CREATE DATABASE \(name) TEMPLATE template0")
        var components = try #require(URLComponents(string: uri))
        components.path = "/\(name)"
        let database = TestDatabase(uri: try #require(components.string))
        let session = try PostgresSession(uri: database.uri, applicationName: "SQLTests")
        // pgSphere, Q3C and the functions that translated queries call, as an archive gets them.
        try ArchiveSchema.install(on: session)
        try session.execute(Sky.ddl)
        return database
    }

    fileprivate func drop() throws {
        let name = try #require(URLComponents(string: uri)).path.dropFirst()
        let base = try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATABASE_URL"])
        try PostgresSession(uri: base, applicationName: "SQLTests").execute("DROP DATABASE \(name) WITH (FORCE)")
    }
}

struct DatabaseTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let database = try TestDatabase.create()
        let outcome: Result<Void, any Error>
        do {
            try await TestDatabase.$current.withValue(database) { try await function() }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try database.drop()
        try outcome.get()
    }
}

extension Trait where Self == DatabaseTrait {
    static var database: Self { Self() }
}

/// All tests that need the database stand inside.
@Suite(.database) enum SQLTests {}
