import Crypto
import Executors
import Foundation
import Glibc
import NIOCore
import Synchronization

/// The folder of results: one file for each execution that came to its end, named by job and attempt.
///
/// A result is written under a name for drafts, brought to the disk, and renamed; so what has its final name is whole.
package final class ResultFiles: Sendable {
    private let folder: String
    let threads = ThreadPool(threads: 2, name: "job-results")

    /// - Throws: when the folder is not there and can't be made.
    package init(folder: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// What a file's name tells: `20260131-k3v8q2n5x7m4t6wa.2`, with `.part` behind it as long as it is a draft.
    struct Name: Hashable, Sendable {
        var job: String
        var attempt: Int
        var isDraft = false

        var text: String { "\(job).\(attempt)" + (isDraft ? ".part" : "") }

        init(job: String, attempt: Int, isDraft: Bool = false) {
            self.job = job
            self.attempt = attempt
            self.isDraft = isDraft
        }

        init?(_ text: String) {
            guard let match = text.wholeMatch(of: /([0-9]{8}-[a-z2-7]{16})\.([0-9]{1,9})(\.part)?/), let attempt = Int(match.2) else {
                return nil
            }
            self.init(job: String(match.1), attempt: attempt, isDraft: match.3 != nil)
        }
    }

    func path(_ name: Name) -> String {
        "\(folder)/\(name.text)"
    }

    func draft(job: String, attempt: Int) async throws -> ResultDraft {
        try await threads.run { [self] in
            try ResultDraft(
                draft: path(Name(job: job, attempt: attempt, isDraft: true)), path: path(Name(job: job, attempt: attempt)),
                folder: folder, threads: threads)
        }
    }

    func remove(_ names: [Name]) async {
        await threads.run { [self] in
            // One that is not there is as good as removed. Who reads it now keeps it open; the name alone goes.
            for name in names { unlink(path(name)) }
        }
    }

    /// Everything of a job, whichever executions left it.
    func remove(job: String, attempts: Int) async {
        await remove((0...max(0, attempts)).flatMap { [Name(job: job, attempt: $0), Name(job: job, attempt: $0, isDraft: true)] })
    }

    /// Whether the folder is this archive's: the first one to ask signs it. In another's, every file would look like nobody's.
    func belong(to archive: String) async -> Bool {
        await threads.run { [folder] in
            let sign = "\(folder)/.archive"
            if let signed = try? String(contentsOfFile: sign, encoding: .utf8) { return signed == archive }
            return (try? archive.write(toFile: sign, atomically: true, encoding: .utf8)) != nil
        }
    }

    /// Reads a file from front to back, a piece at a time, until `take` says false.
    ///
    /// - Throws: ``JobLoss`` where it can't be read to its end; what `take` throws.
    static func read(_ path: String, on threads: ThreadPool, _ take: (ByteBuffer) async throws -> Bool) async throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JobLoss(reason: "what was made for it had gone from the disk") }
        defer { close(descriptor) }
        while true {
            let piece = try await threads.run { () throws(JobLoss) in
                var piece = ByteBuffer()
                var count = 0
                piece.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 20) { bytes in
                    count = Glibc.read(descriptor, bytes.baseAddress, 1 << 20)
                    return max(0, count)
                }
                guard count >= 0 else { throw JobLoss(reason: "what was made for it can't be read from the disk") }
                return piece
            }
            guard piece.readableBytes > 0, try await take(piece) else { return }
        }
    }

    func names() async -> [Name] {
        await threads.run { [folder] in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).compactMap { Name($0) }
        }
    }
}

/// A result in the making.
final class ResultDraft: Sendable {
    private let draft: String
    private let path: String
    private let folder: String
    private let threads: ThreadPool
    private let state: Mutex<State>

    private struct State {
        var descriptor: Int32
        var progress = JobProgress()
        var hash = SHA256()
    }

    init(draft: String, path: String, folder: String, threads: ThreadPool) throws(JobFault) {
        self.draft = draft
        self.path = path
        self.folder = folder
        self.threads = threads
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .disk }
        state = Mutex(State(descriptor: descriptor))
    }

    deinit {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
        }
    }

    var progress: JobProgress { state.withLock { $0.progress } }

    func report(rows: Int, limit: Int?) {
        state.withLock { state in
            state.progress.rows = rows
            state.progress.rowLimit = limit
        }
    }

    func append(_ buffer: ByteBuffer) async throws {
        try Task.checkCancellation()
        try await threads.run { [self] () throws(JobFault) in
            let descriptor = state.withLock { $0.descriptor }
            let isWritten = buffer.withUnsafeReadableBytes { bytes in Self.write(bytes, to: descriptor) }
            guard isWritten else { throw .disk }
            state.withLock { state in
                buffer.withUnsafeReadableBytes { state.hash.update(bufferPointer: $0) }
                state.progress.bytes += buffer.readableBytes
            }
        }
    }

    /// - Throws: ``JobLoss`` where the other file can't be read to its end.
    func append(fileAt source: String) async throws {
        try await ResultFiles.read(source, on: threads) { piece in
            try await append(piece)
            return true
        }
    }

    /// Brings the file to the disk and gives it its name.
    func finish() async throws(JobFault) -> (size: Int, checksum: String) {
        try await threads.run { [self] () throws(JobFault) in
            let (descriptor, size, digest) = state.withLock { state in
                defer { state.descriptor = -1 }
                return (state.descriptor, state.progress.bytes, state.hash.finalize())
            }
            let isOnDisk = fsync(descriptor) == 0
            let isClosed = close(descriptor) == 0
            guard isOnDisk, isClosed, rename(draft, path) == 0, Self.sync(folder: folder) else { throw .disk }
            return (size, digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined())
        }
    }

    func discard() async {
        await threads.run { [self] in
            unlink(draft)
            unlink(path)
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes
        while rest.count > 0 {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return true
    }

    /// A new name lasts once its folder is on the disk.
    private static func sync(folder: String) -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
