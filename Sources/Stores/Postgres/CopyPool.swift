package import Executors
import Synchronization

/// Connections for results: each streams one `COPY … TO STDOUT (FORMAT binary)` at a time.
///
/// Their number is bounded, apart from the connections of ``PostgresPool``, so that however many results are read
/// and however slowly, metadata keep theirs. Some of the connections are a reserve that large results can't take: who begins while all others
/// are taken is either done within a moment, or waits in line until a large one has ended. Who waits too long is told
/// (``PostgresError`` with SQLSTATE 53300).
package final class CopyPool: Sendable {
    /// Where streams run: blocking for a moment is allowed here. `withTaskExecutorPreference(pool.executor) { … }`
    package let executor: ThreadPool
    let reactor = Reactor()
    let limits: Limits
    private let uri: String
    private let applicationName: String
    private let settings: [String: String]
    /// Connects and cancels, which may block for as long as a network does.
    private let threads = ThreadPool(threads: 2, name: "postgres-connect")
    private let connections: Turnstile
    /// The places that large results may take.
    private let large: Turnstile
    private let idle = Mutex(Idle())

    package struct Limits: Sendable {
        /// Streams at once.
        package var connections: Int
        /// Those of them that only small results may take; at least one is left for the others.
        package var reserve: Int
        /// Requests that may wait for a connection.
        package var queue: Int
        /// How long each of them waits.
        package var patience: Duration
        /// A small result has ended within so much time and so many bytes.
        package var smallTime = Duration.seconds(1)
        package var smallBytes = 1 << 20
        /// How long PostgreSQL may keep the stream waiting, all in all; the time that the reader takes does not count. nil for any time.
        package var timeLimit: Duration?
        /// How long the whole may take from the statement to the last row. nil for any time.
        package var transferLimit: Duration?

        package init(
            connections: Int = 40, reserve: Int = 0, queue: Int = 200, patience: Duration = .seconds(10), timeLimit: Duration? = nil,
            transferLimit: Duration? = nil
        ) {
            self.connections = connections
            self.reserve = max(0, min(reserve, connections - 1))
            self.queue = queue
            self.patience = patience
            self.timeLimit = timeLimit
            self.transferLimit = transferLimit
        }
    }

    // @unchecked: sessions have one owner at a time, handed over under the mutex.
    private struct Idle: @unchecked Sendable {
        var sessions: [PostgresSession] = []
    }

    // @unchecked: one owner at a time; the wrapper only carries a session across a thread's border.
    struct Lease: @unchecked Sendable {
        let session: PostgresSession
    }

    package init(uri: String, limits: Limits, applicationName: String, settings: [String: String] = [:], streamThreads: Int = 2) {
        self.uri = uri
        self.limits = limits
        self.applicationName = applicationName
        self.settings = settings
        connections = Turnstile(places: limits.connections, queue: limits.queue, patience: limits.patience)
        large = Turnstile(places: limits.connections - limits.reserve, queue: limits.queue, patience: limits.patience)
        executor = ThreadPool(threads: streamThreads, name: "postgres-stream")
    }

    /// Starts a COPY and waits for its first row, so that whatever fails at once fails here.
    ///
    /// - Parameter sql: `COPY (…) TO STDOUT (FORMAT binary)`. It is begun a second time when it turns out large while there is no place for it.
    /// - Throws: ``PostgresError``, or `CancellationError` when the task was cancelled; the statement is cancelled then too.
    package func open(_ sql: String) async throws -> CopyOut {
        if let stream = try await begin(sql, isLarge: false) { return stream }
        try await large.enter()
        guard let stream = try await begin(sql, isLarge: true) else { throw PostgresError.unexpected("a large result has its place") }
        return stream
    }

    /// - Returns: nil for a result that is not small and has no place among the large ones; its statement is cancelled.
    private func begin(_ sql: String, isLarge: Bool) async throws -> CopyOut? {
        let lease: Lease
        do { lease = try await acquire() } catch {
            if isLarge { large.leave() }
            throw error
        }
        let stream = CopyOut(lease: lease, pool: self, isLarge: isLarge)
        return try await stream.start(sql) ? stream : nil
    }

    // MARK: - Connections

    func acquire() async throws -> Lease {
        try await connections.enter()
        while let session = idle.withLock({ idle in idle.sessions.popLast().map { Lease(session: $0) } }) {
            if session.session.isIdle, session.session.answers { return session }
        }
        do {
            return try await threads.run { [uri, applicationName, settings] () throws(PostgresError) in
                Lease(session: try PostgresSession(uri: uri, applicationName: applicationName, settings: settings))
            }
        } catch {
            connections.leave()
            throw error
        }
    }

    /// Gives a result that has its connection a place among the large ones, where one is free.
    func enlarge() -> Bool { large.enterAtOnce() }

    /// The same in turn.
    ///
    /// - Throws: ``PostgresError`` when it takes too long, `CancellationError`.
    func enlargeInTurn() async throws { try await large.enter() }

    /// Takes a connection back after its COPY has ended well.
    func give(back lease: Lease, isLarge: Bool = false) {
        idle.withLock { idle in
            if lease.session.isIdle { idle.sessions.append(lease.session) }
        }
        leave(isLarge: isLarge)
    }

    /// Ends a connection whose rows nobody reads any more: the statement is cancelled, then the connection closed.
    ///
    /// A statement whose rows wait to be read ends by the closing alone, at its next row; that spares hundreds of readers who hang up together the
    /// connection that each cancelling takes. PostgreSQL looks every second for one that computes on (`client_connection_check_interval`).
    func abandon(_ lease: Lease, isLarge: Bool = false) {
        // Keeps the pool until the backend is gone.
        Task { [self] in
            await threads.run { if !lease.session.hasUnread { lease.session.cancel() } }
            leave(isLarge: isLarge)
        }
    }

    private func leave(isLarge: Bool) {
        connections.leave()
        if isLarge { large.leave() }
    }
}
