import Executors
import Foundation

/// A running worker and the server's end of the line to it; the worker ends with this object.
///
/// One caller at a time; every call blocks.
final class WorkerProcess: Sendable {
    private let child: ChildProcess

    var identifier: Int32 { child.identifier }

    /// Starts a worker.
    ///
    /// - Throws: ``CutMergeError`` with the code noWorker when it does not start or does not say that it is ready. So a program that can't
    ///   run is never taken for a damaged file.
    init(executable: String, arguments: [String], until deadline: ContinuousClock.Instant) throws(CutMergeError) {
        do throws(ChildProcess.StartFailure) {
            child = try ChildProcess(executable: executable, arguments: arguments)
        } catch {
            throw .noWorker(error.reason)
        }
        guard let first = try? child.channel.receive(until: deadline), case .ready? = CutWorker.Answer(first) else {
            throw .noWorker("it does not say that it is ready")
        }
    }

    /// Whether it lives and waits for a request.
    var isReady: Bool { child.isReady }

    /// What it makes of a request. After an error it is of no more use.
    func cut(
        _ request: CutRequest, for control: CutControl, until deadline: ContinuousClock.Instant
    ) throws(MessageChannel.Failure) -> CutWorker.Answer {
        try child.channel.send(.init(kind: CutWorker.request, body: request.bytes), until: deadline, givesUp: control.isCancelled)
        while true {
            guard let answer = CutWorker.Answer(try child.channel.receive(until: deadline, givesUp: control.isCancelled)) else {
                throw .closed
            }
            guard case .progress(let progress) = answer else { return answer }
            control.report(progress)
        }
    }

    /// Removes what the worker, which is dead or about to be, has left of a product beside its path.
    func clear(_ product: String) {
        child.end()
        let product = URL(filePath: product)
        // As the writer names them: the product, the process, a number.
        let beginning = ".\(product.lastPathComponent).\(identifier)-"
        let folder = product.deletingLastPathComponent()
        let entries = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        for entry in entries where entry.lastPathComponent.hasPrefix(beginning) {
            try? FileManager.default.removeItem(at: entry)
        }
    }
}
