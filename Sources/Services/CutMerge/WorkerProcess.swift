import Foundation
import Glibc

/// A running worker and the server's end of the line to it; the worker ends with this object.
///
/// One caller at a time; every call blocks.
final class WorkerProcess: Sendable {
    let identifier: pid_t
    private let channel: WorkerChannel

    /// Starts a worker.
    ///
    /// It keeps standard error and nothing else that is open here: no listening port, no connection, no other worker's line. What is not
    /// close-on-exec it closes itself before it does anything.
    ///
    /// - Throws: ``CutMergeError`` with the code noWorker when it does not start or does not say that it is ready. So a program that can't
    ///   run is never taken for a damaged file.
    init(executable: String, arguments: [String], until deadline: ContinuousClock.Instant) throws(CutMergeError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .noWorker(String(cString: strerror(errno)))
        }
        do {
            // Held here too, the worker's end would hide that the worker has died.
            defer { close(ends[1]) }
            identifier = try Self.start(executable, arguments, end: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        channel = WorkerChannel(input: ends[0], output: ends[0])
        guard case .ready? = try? channel.receive(CutWorker.Answer.self, until: deadline) else {
            throw .noWorker("it does not say that it is ready")
        }
    }

    deinit {
        close(channel.input)
        kill(identifier, SIGKILL)
        // Not waited for here: a process that hangs in a network file system ends only when that answers.
        Thread.detachNewThread { [identifier] in
            while waitpid(identifier, nil, 0) < 0, errno == EINTR {}
        }
    }

    /// Whether it lives and waits for a request.
    var isReady: Bool { channel.isQuiet }

    /// What it makes of a request. After an error it is of no more use.
    func cut(_ request: CutRequest, until deadline: ContinuousClock.Instant) throws(WorkerChannel.Failure) -> CutWorker.Answer {
        try channel.send(request, until: deadline)
        return try channel.receive(CutWorker.Answer.self, until: deadline)
    }

    /// Removes what the worker, which is dead or about to be, has left of a product beside its path.
    func clear(_ product: String) {
        kill(identifier, SIGKILL)
        let product = URL(filePath: product)
        // As the writer names them: the product, the process, a number.
        let beginning = ".\(product.lastPathComponent).\(identifier)-"
        let folder = product.deletingLastPathComponent()
        let entries = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        for entry in entries where entry.lastPathComponent.hasPrefix(beginning) {
            try? FileManager.default.removeItem(at: entry)
        }
    }

    // MARK: - Starting

    private static func start(_ executable: String, _ arguments: [String], end: Int32) throws(CutMergeError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO)

        // Signals that the server blocks or ignores are the server's matter. A group of its own: Ctrl-C is meant for the server, which
        // finishes what is under way.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var texts = (["almagest"] + arguments).map { strdup($0) } + [nil]
        var environment = Self.environment.map { strdup($0) } + [nil]
        defer { for text in texts + environment { free(text) } }
        var identifier: pid_t = 0
        let failure = posix_spawn(&identifier, executable, &actions, &attributes, &texts, &environment)
        guard failure == 0 else { throw .noWorker(String(cString: strerror(failure))) }
        return identifier
    }

    /// The server's, without its settings, which may hold passwords. A crash is expected here and needs no report, which would take
    /// seconds.
    private static var environment: [String] {
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ALMAGEST_") && $0.key != "SWIFT_BACKTRACE" }
        return inherited.map { "\($0.key)=\($0.value)" } + ["SWIFT_BACKTRACE=enable=no"]
    }
}
