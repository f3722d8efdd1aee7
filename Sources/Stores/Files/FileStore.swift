import Executors
package import Foundation
import Synchronization

/// Files that are handed out as they lie on the disk, and the threads on which the disk may be waited for.
///
/// What the archive records about a file is true of its bytes then. Whoever reads must not take another file for it, so each is held
/// against the record: its size always, its checksum once when the file was touched since.
package final class FileStore: Sendable {
    /// One for the process: what is known of a file's state is the same for all who read it.
    package static let shared = FileStore()

    /// What the archive recorded about a file.
    package struct Record: Sendable {
        /// Bytes.
        package var size: Int
        /// SHA-256, lower-case hexadecimal.
        package var checksum: String
        /// When the checksum was true; nil for files that nobody but the archive itself writes.
        package var taken: Date?

        package init(size: Int, checksum: String, taken: Date? = nil) {
            self.size = size
            self.checksum = checksum
            self.taken = taken
        }
    }

    private let threads = ThreadPool(threads: 4, name: "almagest-files")
    /// Verifying takes seconds for each gigabyte, and must not hold up those who read.
    private let verifiers = ThreadPool(threads: 1, name: "almagest-verify")
    private let verdicts = Mutex<[FileState: Task<String?, Never>]>([:])
    /// How long a reader waits for a checksum.
    private let patience: Duration

    package init(patience: Duration = .seconds(20)) {
        self.patience = patience
    }

    // MARK: - Opening

    /// Opens a file if it is the one that was recorded.
    ///
    /// - Throws: ``FileError``
    package func open(_ path: String, name: String, as record: Record) async throws -> OpenFile {
        let file = try await threads.run { () throws(FileError) in try Self.openNow(path, name, record) }
        if isTouched(file, since: record) { try await verify(file, record) }
        return file
    }

    /// Opens a file and reads a part of it, in one go.
    ///
    /// - Throws: ``FileError``
    package func read(_ range: Range<Int>, of path: String, name: String, as record: Record) async throws -> [UInt8] {
        if record.taken != nil { return try await read(range, of: open(path, name: name, as: record)) }
        return try await threads.run { () throws(FileError) in try Self.openNow(path, name, record).read(range) }
    }

    private static func openNow(_ path: String, _ name: String, _ record: Record) throws(FileError) -> OpenFile {
        let file = try OpenFile(path: path, name: name)
        guard file.size == record.size else { throw .otherSize(name, bytes: file.size, expected: record.size) }
        return file
    }

    // MARK: - Reading

    /// Exactly these bytes of an open file.
    ///
    /// - Throws: ``FileError`` when the file was written to or cut since it was opened.
    package func read(_ range: Range<Int>, of file: OpenFile) async throws -> [UInt8] {
        try await threads.run { () throws(FileError) in try file.read(range) }
    }

    /// Sees to it that sending these bytes won't wait for the disk.
    ///
    /// - Throws: ``FileError`` when the file was written to or cut since it was opened.
    package func fetch(_ range: Range<Int>, of file: OpenFile) async throws {
        try await threads.run { () throws(FileError) in
            guard file.isUnchanged else { throw .changedMeanwhile(file.name) }
            file.fetch(range)
        }
    }

    // MARK: - Verifying

    private func isTouched(_ file: OpenFile, since record: Record) -> Bool {
        guard let taken = record.taken else { return false }
        return file.state.touched > taken
    }

    private func verify(_ file: OpenFile, _ record: Record) async throws {
        guard let found = try await checksum(of: file) else {
            // It is being written to; the next request looks again.
            verdicts.withLock { _ = $0.removeValue(forKey: file.state) }
            throw FileError.changedMeanwhile(file.name)
        }
        guard found == record.checksum else { throw FileError.otherContent(file.name) }
    }

    /// The checksum of a file in this very state, worked out once for all who ask.
    private func checksum(of file: OpenFile) async throws -> String? {
        let task = verdicts.withLock { verdicts in
            if let known = verdicts[file.state] { return known }
            if verdicts.count >= Self.mostVerdicts { verdicts = [:] }
            let task = Task { [verifiers] in await verifiers.run { file.checksum() } }
            verdicts[file.state] = task
            return task
        }
        // Who has waited long enough leaves; the work goes on for those who ask again.
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        Task { continuation.yield(.verdict(await task.value)) }
        let clock = Task { [patience] in
            try? await Task.sleep(for: patience)
            continuation.yield(.tooLate)
        }
        defer { clock.cancel() }
        for await answer in answers {
            switch answer {
            case .verdict(let checksum): return checksum
            case .tooLate: throw FileError.underVerification(file.name)
            }
        }
        throw CancellationError()
    }

    private enum Answer {
        case verdict(String?)
        case tooLate
    }

    private static let mostVerdicts = 100_000
}
