import Executors
import Synchronization

/// Connections for small statements, each run on one of the pool's own threads.
///
/// There are as many connections as threads, made when first needed; who finds all of them busy waits its turn.
/// A connection that broke is replaced at the next use, so the pool outlives a restart of PostgreSQL.
package final class PostgresPool: Sendable {
    private let uri: String
    private let applicationName: String
    private let settings: [String: String]
    private let threads: ThreadPool
    private let idle = Mutex<[Idle]>([])

    /// A session between two uses.
    // @unchecked: it has one owner at a time, handed over under the mutex.
    private struct Idle: @unchecked Sendable {
        let session: PostgresSession
    }

    package init(uri: String, connections: Int, applicationName: String, settings: [String: String] = [:]) {
        self.uri = uri
        self.applicationName = applicationName
        self.settings = settings
        threads = ThreadPool(threads: connections, name: "postgres")
    }

    /// Lends a session to `body`, which may block, on a thread of the pool.
    package func withSession<Result: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Result) async throws -> Result {
        try await threads.run { [self] in
            let session = try take()
            // An open transaction or a lost connection is not handed to the next one.
            defer { if session.isIdle { give(session) } }
            return try body(session)
        }
    }

    private func take() throws(PostgresError) -> PostgresSession {
        while let kept = idle.withLock({ $0.popLast() }) {
            if kept.session.isIdle, kept.session.answers { return kept.session }
        }
        return try PostgresSession(uri: uri, applicationName: applicationName, settings: settings)
    }

    private func give(_ session: PostgresSession) {
        let kept = Idle(session: session)
        idle.withLock { $0.append(kept) }
    }
}
