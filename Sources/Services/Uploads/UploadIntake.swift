package import NIOCore
import Synchronization

/// A table on its way in: bytes go in as they arrive, and a table of the database comes out.
///
/// Reading begins once enough bytes wait or no more come, so a client that sends slowly holds up nobody for as long as its table is small.
package final class UploadIntake: Sendable {
    private let pipe: BytePipe
    private let load: @Sendable (BytePipe) async throws -> UploadedTable
    private let task = Mutex<Task<UploadedTable, any Error>?>(nil)

    /// Bytes that must wait before a table is read that is still on its way.
    private static let eagerness = 512 * 1024
    static let capacity = 2 * 1024 * 1024

    init(pipe: BytePipe, load: @escaping @Sendable (BytePipe) async throws -> UploadedTable) {
        self.pipe = pipe
        self.load = load
    }

    deinit {
        pipe.end(UploadError.brokenOff)
        pipe.close()
    }

    /// Takes bytes and waits while too many lie here.
    ///
    /// - Returns: false when the table is refused and further bytes are of no use; ``finish()`` says why.
    package func write(_ bytes: ByteBuffer) async -> Bool {
        guard await pipe.write(bytes, mayWait: task.withLock { $0 != nil }) else { return false }
        if pipe.waiting > Self.eagerness { start() }
        return true
    }

    /// Takes all there is, which lies in memory anyway, and ends.
    package func fill(_ bytes: ByteBuffer) {
        pipe.fill(bytes)
        pipe.end()
    }

    /// The table is refused because its bytes came too slowly.
    package var hasStalled: Bool { pipe.hasStalled }

    /// Nobody reads any more.
    var isClosed: Bool { pipe.hasClosed }

    /// Nobody will ask for the table.
    package func abandon() {
        pipe.end(UploadError.brokenOff)
        pipe.close()
    }

    /// For a source that writes from a thread of its own.
    func writeBlocking(_ bytes: UnsafeRawBufferPointer) -> Bool {
        start()
        return pipe.writeBlocking(bytes)
    }

    /// Nothing more comes.
    package func end(failing failure: (any Error)? = nil) {
        pipe.end(failure)
    }

    /// Waits until the table is in the database.
    ///
    /// - Throws: why it is not.
    func table() async throws -> UploadedTable {
        start()
        guard let task = task.withLock({ $0 }) else { throw UploadError.brokenOff }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: { [pipe] in
            pipe.end(UploadError.brokenOff)
            pipe.close()
        }
    }

    /// The table if one came into being; for clearing up.
    func leftover() async -> UploadedTable? {
        abandon()
        guard let task = task.withLock({ $0 }) else { return nil }
        return try? await task.value
    }

    private func start() {
        task.withLock { task in
            guard task == nil else { return }
            task = Task { [pipe, load] in
                defer { pipe.close() }
                return try await load(pipe)
            }
        }
    }
}

/// A part of a form that may be a table.
package struct UploadPart: Sendable {
    package var name: String
    package var intake: UploadIntake

    package init(name: String, intake: UploadIntake) {
        self.name = name
        self.intake = intake
    }
}
