import Executors
package import Formats
import Logging
package import NIOCore
import Postgres
import Synchronization
import VOTable

/// A query whose first row is there: its status is known, its bytes are yet to be written.
// @unchecked: it is opened by one task and streamed once by one task.
package final class RunningQuery: @unchecked Sendable {
    package let format: ResultFormat
    /// What a client may save the result as: `completesource.csv`.
    package let fileName: String
    private let limit: RowLimit
    private let written = Atomic(0)
    private let rows: any RowStream
    private let encoder: any ResultEncoder
    private let executor: ThreadPool
    private let explain: @Sendable (PostgresError) -> TAPError
    private let logger: Logger
    /// Hears how many rows there were.
    var known: KnownQuery?

    // How far it is.
    private var isBegun = false
    private var sent = 0
    private var isCut = false
    /// What is to be sent next.
    private var staged = ByteBuffer()
    /// How the rows ended, and whether the format could say so.
    private var ending: Ending?
    private var isTold = true

    init(
        rows: any RowStream, encoder: any ResultEncoder, format: ResultFormat, fileName: String, limit: RowLimit, executor: ThreadPool,
        explain: @escaping @Sendable (PostgresError) -> TAPError, logger: Logger
    ) {
        self.rows = rows
        self.encoder = encoder
        self.format = format
        self.fileName = fileName
        self.limit = limit
        self.executor = executor
        self.explain = explain
        self.logger = logger
    }

    /// For Content-Type.
    package var mediaType: String { format.contentType }

    /// Rows at which the result is cut.
    package var rowLimit: Int { limit.rows }

    /// Rows read so far; for whoever asks, while it streams.
    package var rowsWritten: Int { written.load(ordering: .relaxed) }

    /// Bytes of the whole, where they are known before the first is written.
    package var contentLength: Int? {
        ending == nil ? nil : (encoder as? any SpoolingEncoder)?.contentLength
    }

    /// How a result ended that could say so itself.
    package struct Ending: Sendable {
        /// What cut it short, where something did.
        package var overflow: String?
        /// What went wrong after its first rows.
        package var failure: TAPError?

        /// For QUERY_STATUS.
        var status: QueryStatus {
            if let failure { return .error(failure.message) }
            return overflow.map { .overflow($0) } ?? .ok
        }
    }

    /// Reads all rows of a format that can't begin before it has them; nothing happens for the others.
    ///
    /// - Throws: ``TAPError`` when the query fails at any row, so that the failure has its own status.
    func prepare() async throws {
        guard encoder is any SpoolingEncoder, ending == nil else { return }
        try await withTaskExecutorPreference(executor) {
            while try await readBatch() {}
            if let failure = ending?.failure { throw failure }
        }
    }

    /// The whole result, where it is there at once and small.
    ///
    /// A slow query's first rows don't wait for it: nil then, and ``stream(to:)`` goes on from there. It runs wherever its caller does, which
    /// for a known query's rows costs no thread a wait.
    /// - Throws: ``TAPError`` when the query fails meanwhile, so that the failure has its own status.
    package func whole() async throws -> (bytes: ByteBuffer, ending: Ending)? {
        if encoder is any SpoolingEncoder { return nil }
        let more = rows is PreparedRows ? try await readBatch() : try await withTaskExecutorPreference(executor) { try await readBatch() }
        guard !more, let ending else { return nil }
        if let failure = ending.failure { throw failure }
        defer { staged = ByteBuffer() }
        return (staged, ending)
    }

    /// Ends the query wherever it is: nobody reads it any more. ``stream(to:)`` throws `CancellationError`.
    package func interrupt() { rows.interrupt() }

    /// Writes the whole result, a batch at a time; while `sink` waits for a slow reader, PostgreSQL waits too.
    ///
    /// A query that fails after rows were sent ends its VOTable with the error (DALI 1.1 §4.4.1).
    /// - Throws: what `sink` throws; ``TAPError`` when the format can't say that the result is incomplete, so that the caller breaks the connection.
    @discardableResult
    package func stream(to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        // Waiting for PostgreSQL may block for a moment, which the cooperative threads must not.
        try await withTaskExecutorPreference(executor) {
            if let encoder = encoder as? any SpoolingEncoder {
                try await prepare()
                return try await write(encoder, to: sink)
            }
            return try await write(to: sink)
        }
    }

    private func write(to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        var more = true
        while more {
            // What ``whole()`` has staged goes first.
            if staged.readableBytes == 0 || ending != nil { more = try await readBatch() }
            // The rows up to a failure are sent too: people see them, and programs see the connection break.
            if !more || staged.readableBytes > 0 { try await sink(staged) }
            staged = ByteBuffer()
        }
        let ending = ending ?? Ending()
        guard isTold else { throw ending.failure ?? .unforeseen("a result that can't tell of its failure was broken off") }
        return ending
    }

    private func write(_ encoder: any SpoolingEncoder, to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        while true {
            var buffer = ByteBuffer()
            do throws(FormatError) {
                guard try encoder.next(into: &buffer) else { return ending ?? Ending() }
            } catch { throw failure(TAPError(error)) }
            if buffer.readableBytes > 0 { try await sink(buffer) }
        }
    }

    // MARK: - Rows

    /// Reads the rows that are there, waits for some where there are none, and stages what they become; behind the last one the tail.
    ///
    /// - Returns: false when all is staged.
    private func readBatch() async throws -> Bool {
        guard ending == nil else { return false }
        if sent == 0, !isBegun {
            isBegun = true
            encoder.writeHead(into: &staged)
        }
        var ended = Ending()
        do {
            if try await readRows() { return true }
        } catch let error as PostgresError {
            ended.failure = failure(explain(error))
        } catch let error as FormatError {
            ended.failure = failure(TAPError(error))
        }
        // Where none are allowed, rows were not even asked for.
        if isCut || limit.rows == 0 { ended.overflow = limit.overflow }
        if ended.failure == nil { known?.note(rows: sent) }
        isTold = encoder.writeTail(ended.status, into: &staged)
        ending = ended
        return false
    }

    private func readRows() async throws -> Bool {
        // The loop must not touch the instance.
        var count = sent
        var isBeyond = isCut
        defer {
            sent = count
            isCut = isBeyond
            written.store(count, ordering: .relaxed)
        }
        let batch = rows.batchBytes
        let more = try await rows.nextBatch { [encoder, limit] row in
            guard count < limit.rows else {
                isBeyond = true
                return true
            }
            try encoder.append(row: row)
            count += 1
            return encoder.staged < batch
        }
        encoder.drain(into: &staged)
        return more
    }

    private func failure(_ error: TAPError) -> TAPError {
        logger.warning("a query failed after its first rows", metadata: ["code": "\(error.code)", "internals": "\(error.internals ?? "")"])
        return error
    }
}
