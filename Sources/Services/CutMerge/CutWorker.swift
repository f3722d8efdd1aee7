import Foundation
import Glibc
import Synchronization

/// The work of a process that cuts for the server, so that a data file which crashes libhdf5 crashes no server.
package enum CutWorker {
    /// What a worker says.
    enum Answer: Codable, Sendable {
        /// The first that it says, before any request.
        case ready
        case made(CutSummary)
        case failed(CutMergeError)
    }

    /// How long a cut that can't be interrupted may go on after the server is gone.
    private static let grace: UInt32 = 5

    /// Says that it is ready, then reads requests, cuts, and answers each, until the input ends.
    ///
    /// When the other side goes away the cut at hand is cancelled, and the process ends in any case: no worker outlives its server,
    /// however that died. Call it in a process of its own, and nothing after it.
    ///
    /// - Parameters:
    ///   - input: where ``CutRequest`` after ``CutRequest`` comes in: JSON after its length in 4 bytes.
    ///   - output: where the answers go, in the same form.
    package static func run(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) {
        prepare()
        let channel = WorkerChannel(input: input, output: output)
        let isAlone = Flag()
        Thread.detachNewThread {
            channel.awaitEnd()
            isAlone.value.store(true, ordering: .relaxed)
            sleep(grace)
            _exit(1)
        }
        guard (try? channel.send(Answer.ready)) != nil else { return }
        while let request = try? channel.receive(CutRequest.self) {
            let answer: Answer
            do {
                answer = .made(try Cutter.cut(request, isCancelled: { isAlone.value.load(ordering: .relaxed) }))
            } catch {
                answer = .failed(error)
            }
            guard (try? channel.send(answer)) != nil else { return }
        }
    }

    private static func prepare() {
        // The server decides when a worker ends, and a crash is dealt with there: no core file of the size of the archive's memory.
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { Glibc.signal(signal, SIG_IGN) }
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // What a library of the server opened without close-on-exec: a listening port held here would outlive the server.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > STDERR_FILENO { close(descriptor) }
        }
        // Otherwise the list of processes shows the link that the process was started by.
        try? Data("almagest-cut".utf8).write(to: URL(filePath: "/proc/self/comm"))
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}
