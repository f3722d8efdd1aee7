import Executors
import Formats
import Logging
package import NIOCore
import Postgres
import Synchronization
import VOTable

/// A query whose first row is there: its status is known, its bytes are yet to be written.
// @unchecked: it is opened by one task and streamed once by one task.
package final class RunningQuery: @unchecked Sendable {
    /// For Content-Type.
    package let mediaType: String
    private let written = Atomic(0)
    private let rows: CopyOut
    private let encoder: any ResultEncoder
    private let limit: RowLimit
    private let executor: ThreadPool
    private let explain: @Sendable (PostgresError) -> TAPError
    private let logger: Logger

    /// Bytes that are staged before they are sent on.
    private static let batch = 64 * 1024

    init(
        rows: CopyOut, encoder: any ResultEncoder, mediaType: String, limit: RowLimit, executor: ThreadPool,
        explain: @escaping @Sendable (PostgresError) -> TAPError, logger: Logger
    ) {
        self.rows = rows
        self.encoder = encoder
        self.mediaType = mediaType
        self.limit = limit
        self.executor = executor
        self.explain = explain
        self.logger = logger
    }

    /// Rows at which the result is cut.
    package var rowLimit: Int { limit.rows }
    /// Rows written so far; read by whoever, while it streams.
    package var rowsWritten: Int { written.load(ordering: .relaxed) }

    /// How a result ended that could say so itself.
    package struct Ending: Sendable {
        /// What cut it short, where something did.
        package var overflow: String?
        /// What went wrong after its first rows.
        package var failure: TAPError?
    }

    /// Writes the whole result, a batch at a time; while `sink` waits for a slow reader, PostgreSQL waits too.
    ///
    /// A query that fails after rows were sent ends its VOTable with the error (DALI 1.1 §4.4.1).
    /// - Throws: what `sink` throws; ``TAPError`` when the format can't say that the result is incomplete, so that the caller breaks the connection.
    @discardableResult
    package func stream(to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        // Waiting for PostgreSQL may block for a moment, which the cooperative threads must not.
        try await withTaskExecutorPreference(executor) { try await write(to: sink) }
    }

    private func write(to sink: (ByteBuffer) async throws -> Void) async throws -> Ending {
        var buffer = ByteBuffer()
        encoder.writeHead(into: &buffer)
        var status = QueryStatus.ok
        var ending = Ending()
        var sent = 0
        do {
            var more = true
            while more {
                more = try await rows.nextBatch { [encoder, limit] row in
                    guard sent < limit.rows else {
                        status = .overflow(limit.overflow)
                        return true
                    }
                    try encoder.append(row: row)
                    sent += 1
                    return encoder.staged < Self.batch
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
        if let failure = ending.failure { status = .error(failure.message) }
        if limit.rows == 0, status == .ok { status = .overflow(limit.overflow) }
        let told = encoder.writeTail(status, into: &buffer)
        guard told else { throw ending.failure ?? .unforeseen("a result that can't tell of its failure was broken off") }
        try await sink(buffer)
        if case .overflow(let cause) = status { ending.overflow = cause }
        return ending
    }

    private func failure(_ error: TAPError) -> TAPError {
        logger.warning("a query failed after its first rows", metadata: ["code": "\(error.code)", "internals": "\(error.internals ?? "")"])
        return error
    }
}
