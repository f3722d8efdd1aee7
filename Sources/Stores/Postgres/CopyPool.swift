package import Executors
import Synchronization

/// Connections for results: each streams one `COPY … TO STDOUT (FORMAT binary)` at a time.
///
/// Their number is bounded, apart from the connections of ``PostgresPool``, so that however many results are read
/// and however slowly, small statements keep theirs. Who comes when all are taken waits in line, and is told
/// (``PostgresError`` with SQLSTATE 53300) when the line is too long or does not move.
package final class CopyPool: Sendable {
    /// Where streams run: blocking for a moment is allowed here. `withTaskExecutorPreference(pool.executor) { … }`
    package let executor: ThreadPool
    let reactor = Reactor()
    private let uri: String
    private let applicationName: String
    private let settings: [String: String]
    private let limits: Limits
    /// Connects and cancels, which may block for as long as a network does.
    private let threads = ThreadPool(threads: 2, name: "postgres-connect")
    private let state = Mutex(State())

    package struct Limits: Sendable {
        /// Streams at once.
        package var connections: Int
        /// Requests that may wait for a connection.
        package var queue: Int
        /// How long each of them waits.
        package var patience: Duration

        package init(connections: Int = 40, queue: Int = 200, patience: Duration = .seconds(20)) {
            self.connections = connections
            self.queue = queue
            self.patience = patience
        }
    }

    // @unchecked: sessions have one owner at a time, handed over under the mutex.
    private struct State: @unchecked Sendable {
        var idle: [PostgresSession] = []
        var open = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextTicket: UInt64 = 0
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
        executor = ThreadPool(threads: streamThreads, name: "postgres-stream")
    }

    /// Starts a COPY and waits for its first row, so that whatever fails at once fails here.
    ///
    /// - Parameter sql: `COPY (…) TO STDOUT (FORMAT binary)`.
    /// - Throws: ``PostgresError``, or `CancellationError` when the task was cancelled; the statement is cancelled then too.
    package func open(_ sql: String) async throws -> CopyOut {
        let lease = try await acquire()
        let stream = CopyOut(lease: lease, pool: self)
        try await stream.start(sql)
        return stream
    }

    // MARK: - Connections

    func acquire() async throws -> Lease {
        if try await !slot() { throw CancellationError() }
        while let session = state.withLock({ state in state.idle.popLast().map { Lease(session: $0) } }) {
            if session.session.isIdle, session.session.answers { return session }
        }
        do {
            return try await threads.run { [uri, applicationName, settings] () throws(PostgresError) in
                Lease(session: try PostgresSession(uri: uri, applicationName: applicationName, settings: settings))
            }
        } catch {
            releaseSlot()
            throw error
        }
    }

    /// Takes a connection back after its COPY has ended well.
    func give(back lease: Lease) {
        state.withLock { state in
            if lease.session.isIdle { state.idle.append(lease.session) }
        }
        releaseSlot()
    }

    /// Ends a connection whose COPY nobody reads any more: the statement is cancelled, then the connection closed.
    func abandon(_ lease: Lease) {
        // Keeps the pool until the backend is gone.
        Task { [self] in
            await threads.run { lease.session.cancel() }
            releaseSlot()
        }
    }

    /// Waits for the right to a connection; false when the task was cancelled meanwhile.
    private func slot() async throws -> Bool {
        let ticket: UInt64? = try state.withLock { state throws(PostgresError) in
            if state.open < limits.connections {
                state.open += 1
                return nil
            }
            guard state.waiting.count < limits.queue else { throw .budgetExhausted(connections: limits.connections) }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return true }
        let timer = Task { [self, patience = limits.patience] in
            try await Task.sleep(for: patience)
            giveUp(ticket)
        }
        defer { timer.cancel() }
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let taken = state.withLock { state in
                    // A connection may have come free since the ticket was drawn.
                    if state.open < limits.connections {
                        state.open += 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return false
                }
                if taken { continuation.resume(returning: true) } else if Task.isCancelled { giveUp(ticket) }
            }
        } onCancel: {
            giveUp(ticket)
        }
        if granted { return true }
        if Task.isCancelled { return false }
        throw PostgresError.budgetExhausted(connections: limits.connections)
    }

    private func giveUp(_ ticket: UInt64) {
        let continuation = state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(returning: false)
    }

    /// Passes the right to a connection on to the next in line.
    private func releaseSlot() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.open -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
