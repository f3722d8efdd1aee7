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
    private let rows: CopyOut
    private let encoder: any ResultEncoder
    private let executor: ThreadPool
    private let explain: @Sendable (PostgresError) -> TAPError
    private let logger: Logger
    /// How the rows of a spooled format ended.
    private var spooled: Ending?

    init(
        rows: CopyOut, encoder: any ResultEncoder, format: ResultFormat, fileName: String, limit: RowLimit, executor: ThreadPool,
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
        spooled == nil ? nil : (encoder as? any SpoolingEncoder)?.contentLength
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
        guard encoder is any SpoolingEncoder, spooled == nil else { return }
        try await withTaskExecutorPreference(executor) {
            var buffer = ByteBuffer()
            let ending = try await readRows(into: &buffer) { _ in }
            if let failure = ending.failure { throw failure }
            _ = encoder.writeTail(ending.status, into: &buffer)
            spooled = ending
        }
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
        var buffer = ByteBuffer()
        encoder.writeHead(into: &buffer)
        let ending = try await readRows(into: &buffer, sink: sink)
        let told = encoder.writeTail(ending.status, into: &buffer)
        // The rows up to a failure are sent too: people see them, and programs see the connection break.
        try await sink(buffer)
        guard told else { throw ending.failure ?? .unforeseen("a result that can't tell of its failure was broken off") }
        return ending
    }

    private func write(_ encoder: any SpoolingEncoder, to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        while true {
            var buffer = ByteBuffer()
            do throws(FormatError) {
                guard try encoder.next(into: &buffer) else { return spooled ?? Ending() }
            } catch { throw failure(TAPError(error)) }
            if buffer.readableBytes > 0 { try await sink(buffer) }
        }
    }

    /// Reads the rows, and hands over what is staged as it comes; what is left stays in the buffer.
    private func readRows(
        into buffer: inout ByteBuffer, sink: (ByteBuffer) async throws -> Void
    ) async throws -> Ending {
        var ending = Ending()
        var sent = 0
        do {
            var more = true
            while more {
                let batch = rows.batchBytes
                more = try await rows.nextBatch { [encoder, limit] row in
                    guard sent < limit.rows else {
                        ending.overflow = limit.overflow
                        return true
                    }
                    try encoder.append(row: row)
                    sent += 1
                    return encoder.staged < batch
                }
                written.store(sent, ordering: .relaxed)
                encoder.drain(into: &buffer)
                if more, buffer.readableBytes > 0 {
                    try await sink(buffer)
                    buffer = ByteBuffer()
                }
            }
        } catch let error as PostgresError {
            ending.failure = failure(explain(error))
        } catch let error as FormatError {
            ending.failure = failure(TAPError(error))
        }
        // Rows were not even asked for.
        if limit.rows == 0 { ending.overflow = limit.overflow }
        return ending
    }

    private func failure(_ error: TAPError) -> TAPError {
        logger.warning("a query failed after its first rows", metadata: ["code": "\(error.code)", "internals": "\(error.internals ?? "")"])
        return error
    }
}
