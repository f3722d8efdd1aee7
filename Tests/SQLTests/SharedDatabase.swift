import Postgres
import TAPSchema
import TestDatabase
import Testing

/// One database for all tests of this room: made before the first, dropped after the last.
enum SharedDatabase {
    @TaskLocal fileprivate static var current: TestDatabase?

    static var uri: String {
        get throws { try #require(current, "the test must run inside the suite SQLTests").uri }
    }

    static func session() throws -> PostgresSession {
        try PostgresSession(uri: uri, applicationName: "SQLTests", settings: ["TimeZone": "UTC"])
    }

    fileprivate static func create() throws -> TestDatabase {
        let database = try TestDatabase(for: "sql", template: "template0")
        let session = try database.session()
        // pgSphere, Q3C and the functions that translated queries call, as an archive gets them.
        try ArchiveSchema.install(on: session)
        try session.execute(Sky.ddl)
        return database
    }
}

struct DatabaseTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await SharedDatabase.$current.withValue(SharedDatabase.create()) { try await function() }
    }
}

extension Trait where Self == DatabaseTrait {
    static var database: Self { Self() }
}

/// All tests that need the database stand inside.
@Suite(.database) enum SQLTests {}
