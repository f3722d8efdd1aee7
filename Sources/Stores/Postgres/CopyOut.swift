import CPostgres
import Glibc
import Synchronization

/// The rows of one running `COPY … TO STDOUT (FORMAT binary)`.
///
/// A row reaches the reader as libpq received it: int16 field count, then each field as int32 byte count (-1 for NULL)
/// and bytes (PostgreSQL, COPY, "Binary Format"). Letting go of a stream before its end cancels the statement.
// @unchecked: a stream has one reader at a time; it is Sendable so that the task that opened it may hand it to the task that reads it.
package final class CopyOut: RowStream, @unchecked Sendable {
    private let pool: CopyPool
    private var lease: CopyPool.Lease?
    /// Whether the stream has a place among the large results.
    private var isLarge: Bool
    private let connection: OpaquePointer
    private let socket: Int32
    /// The rows that ``start(_:)`` waited for, in memory that libpq has allocated.
    private var ahead: ArraySlice<(start: UnsafeMutablePointer<CChar>, count: Int)> = []
    private var isHeaderTaken = false
    private let isInterrupted = Atomic(false)

    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant
    /// How long PostgreSQL kept the stream waiting so far.
    private var waited = Duration.zero
    private var pace = ReaderPace()
    /// When the reader got its last batch, and how much that was.
    private var handedOver: (moment: ContinuousClock.Instant, bytes: Int)?

    init(lease: CopyPool.Lease, pool: CopyPool, isLarge: Bool) {
        self.lease = lease
        self.pool = pool
        self.isLarge = isLarge
        connection = lease.session.connection
        socket = PQsocket(connection)
        started = clock.now
    }

    deinit {
        for row in ahead { PQfreemem(row.start) }
        if let lease { pool.abandon(lease, isLarge: isLarge) }
    }

    /// Ends the stream from outside its reader, who is told by `CancellationError`, also while it waits.
    package func interrupt() {
        isInterrupted.store(true, ordering: .sequentiallyConsistent)
        pool.reactor.wake(socket)
    }

    /// How many bytes the reader does best to take at a time, before it makes something of them.
    ///
    /// A reader that is fast is woken less often; for a slow one, more would only lie about in memory.
    package var batchBytes: Int { (pace.isFast ? 192 : pace.isSlow ? 16 : 64) * 1024 }

    private func checkInterruption() throws {
        if isInterrupted.load(ordering: .sequentiallyConsistent) { throw CancellationError() }
        try Task.checkCancellation()
    }

    // MARK: - The beginning

    /// Sends the statement and waits until its first row, its end or its failure is there.
    ///
    /// Without a place among the large results it waits until all rows are there; then the connection is free before the first is read.
    /// - Returns: false when there are too many for that, or it takes too long.
    func start(_ sql: String) async throws -> Bool {
        guard PQsetnonblocking(connection, 1) == 0, Self.send(sql, on: connection) else { throw failure }
        while PQflush(connection) == 1 { usleep(100) }
        while PQisBusy(connection) == 1 {
            guard try await receiveAtFirst() else { return false }
        }
        let opened = PQgetResult(connection)
        defer { PQclear(opened) }
        guard PQresultStatus(opened) == PGRES_COPY_OUT else {
            let error = PQresultStatus(opened) == PGRES_FATAL_ERROR ? PostgresError(result: opened) : .unexpected("not a COPY TO STDOUT")
            try drain()
            throw error
        }
        var bytes = 0
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &message, 1)
            if count > 0, let message {
                ahead.append((message, Int(count)))
                bytes += Int(count)
                if enlarge() { return true }
                if bytes > pool.limits.smallBytes { return false }
            } else if count == 0 {
                guard try await receiveAtFirst() else { return false }
            } else {
                try finish(count)
                return true
            }
        }
    }

    /// Waits for more; false when that takes longer than a small result may, and there is no place for a large one.
    private func receiveAtFirst() async throws -> Bool {
        if isLarge { return try await receive() }
        let end = started + pool.limits.smallTime
        try await receive(until: end)
        return clock.now < end || enlarge()
    }

    /// Takes a place among the large results, where one is free.
    private func enlarge() -> Bool {
        if !isLarge { isLarge = pool.enlarge() }
        return isLarge
    }

    // MARK: - The rows

    /// Hands the rows that have arrived to `take`, one after the other, and waits for more until `take` says that it has enough.
    ///
    /// It also comes back early, with what there is, when the server keeps it waiting.
    /// - Parameter take: gets a row's bytes, lent for the call; false means that this row was the last for now.
    /// - Returns: false when that was the last batch.
    /// - Throws: ``PostgresError`` when the statement failed or a limit of time was reached, `CancellationError` when the task was cancelled.
    package func nextBatch(_ take: (UnsafeRawBufferPointer) throws -> Bool) async throws -> Bool {
        try checkInterruption()
        try comeBack()
        var bytes = 0
        defer { handedOver = (clock.now, bytes) }
        while let (start, count) = ahead.popFirst() {
            defer { PQfreemem(start) }
            if let row = try row(start, count) {
                bytes += count
                if try !take(row) { return true }
            }
        }
        guard lease != nil else { return false }
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &message, 1)
            if count > 0 {
                defer { PQfreemem(message) }
                if let row = try row(message, Int(count)) {
                    bytes += Int(count)
                    if try !take(row) { return true }
                }
            } else if count == 0 {
                if try await !receive(orReturnAtOnce: bytes > 0) { return true }
            } else {
                try finish(count)
                return false
            }
        }
    }

    /// Notes that the reader has done its part, and holds the whole against its limit.
    private func comeBack() throws(PostgresError) {
        let now = clock.now
        if let handedOver {
            let (seconds, attoseconds) = (now - handedOver.moment).components
            pace.note(bytes: handedOver.bytes, nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
        if lease != nil, let limit = pool.limits.transferLimit, now - started > limit { throw .transferLimitReached }
    }

    /// What a message holds of a row: the first has COPY's header before it, the last is a trailer.
    @inline(__always)
    private func row(_ message: UnsafeMutablePointer<CChar>?, _ count: Int) throws -> UnsafeRawBufferPointer? {
        var row = UnsafeRawBufferPointer(start: message, count: count)
        if !isHeaderTaken {
            guard let header = Self.headerLength(row) else { throw PostgresError.unexpected("COPY did not begin with its signature") }
            row = UnsafeRawBufferPointer(rebasing: row[header...])
            isHeaderTaken = true
        }
        return row.count == 0 || Self.isTrailer(row) ? nil : row
    }

    /// Sends exactly one statement: the extended protocol refuses a second one behind a semicolon, whatever the text holds.
    private static func send(_ sql: String, on connection: OpaquePointer) -> Bool {
        PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 0) == 1
    }

    // MARK: - The wire

    /// `PGCOPY\n\377\r\n\0`, flags, and the length of an extension that is skipped.
    private static func headerLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 19, bytes[0] == UInt8(ascii: "P"), bytes[6] == UInt8(ascii: "\n") else { return nil }
        let header = 19 + Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 15, as: UInt32.self)))
        return header <= bytes.count ? header : nil
    }

    /// A field count of -1 ends the rows.
    private static func isTrailer(_ row: UnsafeRawBufferPointer) -> Bool {
        row.count == 2 && row[0] == 0xFF && row[1] == 0xFF
    }

    /// Takes what the socket has into libpq's buffer, and waits when it has nothing.
    ///
    /// While the reader is fast, the stream is let grow for a moment before it is read, since PostgreSQL sends 8 KiB at a time and a wake-up
    /// for each costs more than the bytes. For others libpq's buffer, which never shrinks, is kept small.
    /// A thread waits at most a millisecond; longer waits are the reactor's.
    /// - Parameter end: when to come back all the same.
    /// - Returns: false when `orReturnAtOnce` and the wait would be a long one.
    @discardableResult
    private func receive(orReturnAtOnce: Bool = false, until end: ContinuousClock.Instant? = nil) async throws -> Bool {
        // Here and not only before a wait: a fast stream may never have to wait.
        try checkInterruption()
        var available = socket_available(socket)
        if available < 65_536, pace.isFast {
            usleep(200)
            available = socket_available(socket)
        }
        // libpq takes 8 to 16 KiB a call.
        var reads = pace.isFast ? 32 : 1
        let hasBytes = available > 0
        while available > 0, reads > 0 {
            guard PQconsumeInput(connection) == 1 else { throw failure }
            reads -= 1
            available = reads > 0 ? socket_available(socket) : 0
        }
        if hasBytes { return true }
        let begin = clock.now
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        let isLong = poll(&descriptor, 1, 1) == 0
        if isLong, orReturnAtOnce {
            waited += clock.now - begin
            return false
        }
        if isLong {
            let limits = pool.limits
            let computing = limits.timeLimit.map { begin + $0 - waited }
            let whole = limits.transferLimit.map { started + $0 }
            await pool.reactor.readable(socket, until: [end, computing, whole].compactMap(\.self).min()) {
                isInterrupted.load(ordering: .sequentiallyConsistent)
            }
            try checkInterruption()
            let now = clock.now
            if let computing, now >= computing { throw PostgresError.timeLimitReached }
            if let whole, now >= whole { throw PostgresError.transferLimitReached }
        }
        waited += clock.now - begin
        guard PQconsumeInput(connection) == 1 else { throw failure }
        return true
    }

    /// Reads the end of a COPY (`-1`) or its failure (`-2`) and gives the connection back.
    private func finish(_ count: Int32) throws {
        guard count == -1 else { throw failure }
        try drain()
    }

    /// Reads results until the connection is idle again; the first failure among them is thrown.
    private func drain() throws {
        var error: PostgresError?
        while let result = PQgetResult(connection) {
            if PQresultStatus(result) == PGRES_FATAL_ERROR { error = error ?? PostgresError(result: result) }
            PQclear(result)
        }
        PQsetnonblocking(connection, 0)
        if let lease {
            self.lease = nil
            pool.give(back: lease, isLarge: isLarge)
        }
        if let error { throw error }
    }

    private var failure: PostgresError {
        .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
    }
}
