import Foundation
package import Postgres

/// A database of a test's own, gone when the test is over.
package final class TestDatabase: Sendable {
    package let name: String
    package let uri: String
    private static let maintenance = ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATABASE_URL"] ?? ""

    /// - Parameters:
    ///   - purpose: a word in its name, for who looks at what a test has left behind.
    ///   - template: `template0` is PostgreSQL as it comes, without anything that the cluster's owner has put into template1.
    package init(for purpose: String, template: String = "template1") throws {
        name = "almagest_\(purpose)_\(UUID().uuidString.prefix(13).lowercased().replacingOccurrences(of: "-", with: "_"))"
        uri = Self.uri(database: name)
        let session = try PostgresSession(uri: Self.maintenance, applicationName: "almagest-tests")
        // Two CREATE DATABASE from one template can't run at once.
        try session.execute("SELECT pg_advisory_lock(7331)")
        try session.execute("CREATE DATABASE \(name) TEMPLATE \(template)")
    }

    deinit {
        let session = try? PostgresSession(uri: Self.maintenance, applicationName: "almagest-tests")
        try? session?.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    package func session() throws -> PostgresSession {
        try PostgresSession(uri: uri, applicationName: "almagest-tests")
    }

    private static func uri(database: String) -> String {
        guard maintenance.contains("://") else { return "\(maintenance) dbname=\(database)" }
        return maintenance + (maintenance.contains("?") ? "&" : "?") + "dbname=\(database)"
    }
}
