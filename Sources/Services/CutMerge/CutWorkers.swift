import Executors
import Foundation
import HDF5
package import Logging
import Synchronization

/// Cuts in processes of their own, which are started when they are needed and kept for the next request.
///
/// libhdf5 can be crashed by a damaged file. Here that ends a worker, never the server: what the worker had to do is done once more without
/// the file at fault, whose rows stand in the manifest as unreadable.
package final class CutWorkers: Sendable {
    package struct Settings: Sendable {
        /// The program to start; it has to run ``CutWorker``.
        package var executable: String
        package var arguments: [String]
        /// How long one request may take, with all that is tried for it.
        package var timeLimit: Duration

        package init(executable: String, arguments: [String], timeLimit: Duration) {
            self.executable = executable
            self.arguments = arguments
            self.timeLimit = timeLimit
        }
    }

    private let settings: Settings
    private let logger: Logger
    private let idle = Mutex<[WorkerProcess]>([])

    package init(settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Workers that wait for a request, for those who look on from outside.
    package var idleWorkers: [Int32] { idle.withLock { $0.map(\.identifier) } }

    /// Makes the product of a request, as ``Cutter`` does. Blocks; there are as many workers as threads that call it.
    ///
    /// - Throws: ``CutMergeError``; then nothing is left on disk.
    package func cut(_ request: CutRequest, for control: CutControl = CutControl()) throws(CutMergeError) -> CutSummary {
        let deadline = ContinuousClock.now.advanced(by: settings.timeLimit)
        if let summary = try attempt(request, for: control, until: deadline) { return summary }
        logger.warning("a worker of Cut & Merge has died; its request is tried again", metadata: ["product": "\(request.product)"])
        let rest = try withoutCrashing(request.canonical, for: control, until: deadline)
        if let summary = try attempt(rest, for: control, until: deadline) { return summary }
        throw .crashed
    }

    // MARK: - One worker

    /// Nil when the worker died of it.
    private func attempt(
        _ request: CutRequest, for control: CutControl, afresh: Bool = false, until deadline: ContinuousClock.Instant
    ) throws(CutMergeError) -> CutSummary? {
        let worker = try worker(afresh: afresh, until: deadline)
        let answer: CutWorker.Answer
        do {
            answer = try worker.cut(request, for: control, until: deadline)
        } catch {
            worker.clear(request.product)
            switch error {
            case .closed: return nil
            case .late: throw .tookTooLong(settings.timeLimit)
            case .abandoned: throw .cancelled
            }
        }
        idle.withLock { $0.append(worker) }
        switch answer {
        case .made(let summary): return summary
        case .failed(let error): throw error
        case .ready, .progress: return nil
        }
    }

    private func worker(afresh: Bool, until deadline: ContinuousClock.Instant) throws(CutMergeError) -> WorkerProcess {
        // One that died while it was idle is dropped here.
        while !afresh, let worker = idle.withLock({ $0.popLast() }) {
            if worker.isReady { return worker }
        }
        return try WorkerProcess(executable: settings.executable, arguments: settings.arguments, until: deadline)
    }

    // MARK: - The file at fault

    /// The request with the rows of all files that crash a worker refused.
    private func withoutCrashing(
        _ request: CutRequest, for control: CutControl, until deadline: ContinuousClock.Instant
    ) throws(CutMergeError) -> CutRequest {
        var rest = request
        rest.files = []
        for file in request.files {
            if try crashes(file, of: request, for: control, until: deadline) {
                logger.error(
                    "a data file crashes libhdf5: it is damaged", metadata: ["file": "\(file.path)", "checksum": "\(file.checksum)"])
                rest.refused += file.cuts.map { cut in
                    ManifestRow(
                        id: cut.id, table: cut.table, sourceFile: file.name, key: cut.key, checksum: file.checksum, status: .unreadable,
                        reason: "the data file is damaged")
                }
            } else {
                rest.files.append(file)
            }
        }
        return rest
    }

    /// Cuts the file's part alone, to see whether a worker survives it.
    ///
    /// A worker that did something before may die of that. So what it dies of is tried in a fresh one, and only what kills that is at fault.
    private func crashes(
        _ file: CutRequest.SourceFile, of request: CutRequest, for control: CutControl, until deadline: ContinuousClock.Instant
    ) throws(CutMergeError) -> Bool {
        let product = URL(filePath: request.product)
        var part = request
        part.files = [file]
        part.refused = []
        // A temporary name, so that it is cleared away if the server dies meanwhile.
        part.product = product.deletingLastPathComponent()
            .appending(path: ".\(product.lastPathComponent).\(UUID().uuidString)\(HDF5Writer.temporarySuffix)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: part.product) }
        let silent = CutControl(isCancelled: control.isCancelled)
        for afresh in [false, true] {
            do {
                if try attempt(part, for: silent, afresh: afresh, until: deadline) != nil { return false }
            } catch {
                // An answer, if only that nothing can be cut; but not without a worker or the time.
                if error.isOfTheWorker { throw error }
                return false
            }
        }
        return true
    }
}
