import CPostgres
import Glibc
import Synchronization

/// The rows of a ``PreparedStatement`` as it runs.
///
/// They are read one by one from libpq's buffer, so that a result may have any size; a row costs more than one of COPY does, and the statement
/// much less. Each row is handed out as COPY would have written it.
// @unchecked: a stream has one reader at a time; it is Sendable so that the task that opened it may hand it to the task that reads it.
package final class PreparedRows: RowStream, @unchecked Sendable {
    private let pool: CopyPool
    private var lease: CopyPool.Lease?
    private let connection: OpaquePointer
    private let socket: Int32
    /// The result that ``start(_:_:)`` waited for.
    private var first: OpaquePointer?
    private var row = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
    private let isInterrupted = Atomic(false)
    /// How often the thread itself may wait a millisecond for PostgreSQL; afterwards the reactor waits.
    private var patience: Int
    /// Whether the rows have a place among the large results.
    private var isLarge = false
    private let started = ContinuousClock.now
    /// How long PostgreSQL has kept the stream waiting.
    private var waited = Duration.zero
    /// Bytes of rows handed out.
    private var handedOut = 0

    init(lease: CopyPool.Lease, pool: CopyPool, patience: Int) {
        self.lease = lease
        self.pool = pool
        self.patience = patience
        connection = lease.session.connection
        socket = PQsocket(connection)
    }

    deinit {
        row.deallocate()
        if let first { PQclear(first) }
        if let lease { pool.abandon(lease, isLarge: isLarge) }
    }

    package func interrupt() {
        isInterrupted.store(true, ordering: .sequentiallyConsistent)
        pool.reactor.wake(socket)
    }

    private func checkInterruption() throws {
        if isInterrupted.load(ordering: .sequentiallyConsistent) { throw CancellationError() }
        try Task.checkCancellation()
    }

    // MARK: - Starting

    /// Sends the statement and waits until its first row, its end or its failure is there.
    func start(_ statement: PreparedStatement, _ values: [String]) async throws {
        guard let lease, PQsetnonblocking(connection, 1) == 0 else { throw failure }
        if !lease.session.statements.use(statement.name) { try await prepare(statement, lease.session) }
        let isSent = Self.withCStrings(values) { values in
            PQsendQueryPrepared(connection, statement.name, Int32(statement.types.count), values, nil, nil, 1) == 1
        }
        guard isSent, PQsetSingleRowMode(connection) == 1 else { throw failure }
        try flush()
        first = try await nextResult()
        if PQresultStatus(first) == PGRES_FATAL_ERROR {
            let error = PostgresError(result: first)
            PQclear(first)
            first = nil
            try end(with: error)
        }
    }

    private func prepare(_ statement: PreparedStatement, _ session: PostgresSession) async throws {
        if let old = session.statements.makeRoom() {
            try await run { PQsendQueryParams(connection, "DEALLOCATE \(old)", 0, nil, nil, nil, nil, 0) }
        }
        try await run { PQsendPrepare(connection, statement.name, statement.sql, Int32(statement.types.count), statement.types) }
        session.statements.add(statement.name)
    }

    /// Carries out a command without rows.
    private func run(_ send: () -> Int32) async throws {
        guard send() == 1 else { throw failure }
        try flush()
        var error: PostgresError?
        while let result = try await nextResult() {
            if PQresultStatus(result) == PGRES_FATAL_ERROR { error = error ?? PostgresError(result: result) }
            PQclear(result)
        }
        if let error { try end(with: error) }
    }

    /// Statements are small: the socket's buffer takes them at once but for the odd moment.
    private func flush() throws {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1: usleep(100)
            default: throw failure
            }
        }
    }

    // MARK: - Rows

    package var batchBytes: Int { 64 * 1024 }

    /// Takes a place among the large results: the reserve is for small ones, whatever the statement was before.
    ///
    /// Before the first row is handed out, the caller may begin anew and wait in line without a connection; later the wait is here.
    private func enlarge() async throws {
        guard !isLarge, !pool.enlarge() else { return isLarge = true }
        guard handedOut > 0 else { throw PostgresError.budgetExhausted(connections: pool.limits.connections - pool.limits.reserve) }
        try await pool.enlargeInTurn()
        isLarge = true
    }

    /// Rows that are handed out at a time: the caller's thread may have other things to do.
    private static let mostAtOnce = 2000

    package func nextBatch(_ take: (UnsafeRawBufferPointer) throws -> Bool) async throws -> Bool {
        guard lease != nil else { return false }
        try checkInterruption()
        if let limit = pool.limits.transferLimit, ContinuousClock.now - started > limit { throw PostgresError.transferLimitReached }
        var taken = 0
        while true {
            let result: OpaquePointer?
            if let first {
                result = first
                self.first = nil
            } else {
                if taken > 0, PQisBusy(connection) == 1, !arrives() { return true }
                result = try await nextResult()
            }
            guard let result else {
                try end(with: nil)
                return false
            }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE:
                taken += 1
                let row = copyRow(of: result)
                let isEnough = try !take(row)
                handedOut += row.count
                if handedOut > pool.limits.smallBytes { try await enlarge() }
                if isEnough { return true }
                if taken >= Self.mostAtOnce { return true }
            // The end of the rows; what is left is that of the statement.
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
            default: try end(with: PostgresError(result: result))
            }
        }
    }

    /// Lays the fields out as COPY does.
    private func copyRow(of result: OpaquePointer) -> UnsafeRawBufferPointer {
        let count = PQnfields(result)
        var size = 2
        for field in 0..<count { size += 4 + Int(PQgetlength(result, 0, field)) }
        if size > row.count {
            row.deallocate()
            row = .allocate(byteCount: size * 2, alignment: 16)
        }
        row.storeBytes(of: Int16(truncatingIfNeeded: count).bigEndian, as: Int16.self)
        var end = 2
        for field in 0..<count {
            guard PQgetisnull(result, 0, field) == 0, let value = PQgetvalue(result, 0, field) else {
                row.storeBytes(of: -1, toByteOffset: end, as: Int32.self)
                end += 4
                continue
            }
            let length = Int(PQgetlength(result, 0, field))
            row.storeBytes(of: Int32(truncatingIfNeeded: length).bigEndian, toByteOffset: end, as: Int32.self)
            end += 4
            UnsafeMutableRawBufferPointer(rebasing: row[end..<end + length]).copyMemory(
                from: UnsafeRawBufferPointer(start: value, count: length))
            end += length
        }
        return UnsafeRawBufferPointer(rebasing: row[..<end])
    }

    // MARK: - The wire

    /// The next result; nil when the statement has ended.
    private func nextResult() async throws -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            try checkInterruption()
            if try arrived() { continue }
            // Quick as it was before, it may be slow this time.
            let limits = pool.limits
            let begin = ContinuousClock.now
            let end = isLarge ? limits.timeLimit.map { begin + $0 - waited } : begin + max(limits.smallTime - waited, .zero)
            await pool.reactor.readable(socket, until: end) { isInterrupted.load(ordering: .sequentiallyConsistent) }
            try checkInterruption()
            let now = ContinuousClock.now
            waited += now - begin
            if let end, now >= end {
                if isLarge { throw PostgresError.timeLimitReached }
                try await enlarge()
            }
            guard PQconsumeInput(connection) == 1 else { throw failure }
        }
        return PQgetResult(connection)
    }

    /// Whether something came while the thread had the patience to wait; it is in libpq's buffer then.
    private func arrived() throws -> Bool {
        guard arrives() else { return false }
        guard PQconsumeInput(connection) == 1 else { throw failure }
        return true
    }

    private func arrives() -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard patience > 0 else { return poll(&descriptor, 1, 0) > 0 }
        if poll(&descriptor, 1, 1) > 0 { return true }
        patience -= 1
        return false
    }

    /// Gives the connection back.
    ///
    /// - Throws: the error, where there is one.
    private func end(with error: PostgresError?) throws {
        while let result = PQgetResult(connection) { PQclear(result) }
        PQsetnonblocking(connection, 0)
        if let lease {
            self.lease = nil
            // What the connection knows of its statements is not what we thought.
            let isConfused = error.map { ["0A000", "26000", "42P05"].contains($0.sqlstate) } ?? false
            isConfused ? pool.abandon(lease, isLarge: isLarge) : pool.give(back: lease, isLarge: isLarge)
        }
        if let error { throw error }
    }

    private var failure: PostgresError {
        .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
    }

    private static func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

extension CopyPool {
    /// Runs a statement and waits for its first row, so that whatever fails at once fails here.
    ///
    /// Runs wherever its caller does: it blocks no thread for longer than `patience`.
    /// - Parameters:
    ///   - values: the parameters, as text, without NUL.
    ///   - patience: milliseconds for which the thread itself waits for PostgreSQL before the task is suspended: for a statement that is known to
    ///     be quick, two changes of threads cost more than the wait.
    /// - Throws: ``PostgresError``, or `CancellationError` when the task was cancelled; the statement is cancelled then too.
    package func open(_ statement: PreparedStatement, _ values: [String], patience: Int) async throws -> PreparedRows {
        let rows = PreparedRows(lease: try await acquire(), pool: self, patience: patience)
        try await rows.start(statement, values)
        return rows
    }
}
