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
    private let connection: OpaquePointer
    private let socket: Int32
    /// The row that ``start(_:)`` waited for.
    private var first: UnsafeMutablePointer<CChar>?
    private var firstCount = 0
    private var bytesReceived = 0
    private let isInterrupted = Atomic(false)

    init(lease: CopyPool.Lease, pool: CopyPool) {
        self.lease = lease
        self.pool = pool
        connection = lease.session.connection
        socket = PQsocket(connection)
    }

    deinit {
        if let first { PQfreemem(first) }
        if let lease { pool.abandon(lease) }
    }

    /// Ends the stream from outside its reader, who is told by `CancellationError`, also while it waits.
    package func interrupt() {
        isInterrupted.store(true, ordering: .sequentiallyConsistent)
        pool.reactor.wake(socket)
    }

    private func checkInterruption() throws {
        if isInterrupted.load(ordering: .sequentiallyConsistent) { throw CancellationError() }
        try Task.checkCancellation()
    }

    /// Sends the statement and waits until its first row, its end or its failure is there.
    func start(_ sql: String) async throws {
        guard PQsetnonblocking(connection, 1) == 0, Self.send(sql, on: connection) else { throw failure }
        while PQflush(connection) == 1 { usleep(100) }
        while PQisBusy(connection) == 1 { try await receive() }
        let opened = PQgetResult(connection)
        defer { PQclear(opened) }
        guard PQresultStatus(opened) == PGRES_COPY_OUT else {
            let error = PQresultStatus(opened) == PGRES_FATAL_ERROR ? PostgresError(result: opened) : .unexpected("not a COPY TO STDOUT")
            try drain()
            throw error
        }
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &message, 1)
            if count > 0 {
                first = message
                firstCount = Int(count)
                return
            }
            guard count == 0 else { return try finish(count) }
            try await receive()
        }
    }

    /// Hands the rows that have arrived to `take`, one after the other, and waits for more until `take` says that it has enough.
    ///
    /// It also comes back early, with what there is, when the server keeps it waiting.
    /// - Parameter take: gets a row's bytes, lent for the call; false means that this row was the last for now.
    /// - Returns: false when that was the last batch.
    /// - Throws: ``PostgresError`` when the statement failed, `CancellationError` when the task was cancelled.
    package func nextBatch(_ take: (UnsafeRawBufferPointer) throws -> Bool) async throws -> Bool {
        guard lease != nil else { return false }
        try checkInterruption()
        var taken = 0
        if let message = first {
            first = nil
            defer { PQfreemem(message) }
            let row = UnsafeRawBufferPointer(start: message, count: firstCount)
            guard let header = Self.headerLength(row) else { throw PostgresError.unexpected("COPY did not begin with its signature") }
            let body = UnsafeRawBufferPointer(rebasing: row[header...])
            if !Self.isTrailer(body), body.count > 0 {
                taken += 1
                if try !take(body) { return true }
            }
        }
        while true {
            var message: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(connection, &message, 1)
            if count > 0 {
                defer { PQfreemem(message) }
                let row = UnsafeRawBufferPointer(start: message, count: Int(count))
                if Self.isTrailer(row) { continue }
                bytesReceived += Int(count)
                taken += 1
                if try !take(row) { return true }
            } else if count == 0 {
                if try await !receive(orReturnAtOnce: taken > 0) { return true }
            } else {
                try finish(count)
                return false
            }
        }
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
    /// A fast stream is let grow for a moment before it is read, since PostgreSQL sends 8 KiB at a time and a wake-up for each
    /// costs more than the bytes. A thread waits at most a millisecond; longer waits are the reactor's.
    /// - Returns: false when `orReturnAtOnce` and the wait would be a long one.
    @discardableResult
    private func receive(orReturnAtOnce: Bool = false) async throws -> Bool {
        // Here and not only before a wait: a fast stream may never have to wait.
        try checkInterruption()
        var available = socket_available(socket)
        if available < 65_536, bytesReceived > 262_144 {
            usleep(200)
            available = socket_available(socket)
        }
        // libpq takes 8 to 16 KiB a call.
        var reads = 0
        while available > 0, reads < 32 {
            guard PQconsumeInput(connection) == 1 else { throw failure }
            reads += 1
            available = socket_available(socket)
        }
        if reads > 0 { return true }
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, 1) == 0 {
            if orReturnAtOnce { return false }
            await pool.reactor.readable(socket) { isInterrupted.load(ordering: .sequentiallyConsistent) }
            try checkInterruption()
        }
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
            pool.give(back: lease)
        }
        if let error { throw error }
    }

    private var failure: PostgresError {
        .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
    }
}
