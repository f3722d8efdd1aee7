import Foundation
import Glibc

/// A running child and this process's end of the line to it; the child ends with this object.
///
/// One caller at a time.
package final class ChildProcess: Sendable {
    package let identifier: Int32
    package let channel: MessageChannel

    /// Why a child could not be started; the system's words, for the log.
    package struct StartFailure: Error {
        package let reason: String
    }

    /// Starts a child.
    ///
    /// It keeps standard error and nothing else that is open here: no listening port, no connection, no other child's line. What is not
    /// close-on-exec it closes itself in ``ChildSide/prepare(name:memory:)``.
    package init(executable: String, arguments: [String]) throws(StartFailure) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw StartFailure(reason: String(cString: strerror(errno)))
        }
        do {
            // Held here too, the child's end would hide that the child has died.
            defer { close(ends[1]) }
            identifier = try Self.start(executable, arguments, end: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        channel = MessageChannel(input: ends[0], output: ends[0])
    }

    deinit {
        close(channel.input)
        end()
        // Not waited for here: a process that hangs in a network file system ends only when that answers.
        Thread.detachNewThread { [identifier] in
            while waitpid(identifier, nil, 0) < 0, errno == EINTR {}
        }
    }

    /// Whether it lives and waits for a message.
    package var isReady: Bool { channel.isQuiet }

    /// Kills it.
    package func end() {
        kill(identifier, SIGKILL)
    }

    // MARK: - Starting

    private static func start(_ executable: String, _ arguments: [String], end: Int32) throws(StartFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO)

        // Signals that this process blocks or ignores are its own matter. A group of its own: Ctrl-C is meant for the parent, which finishes
        // what is under way.
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
        guard failure == 0 else { throw StartFailure(reason: String(cString: strerror(failure))) }
        return identifier
    }

    /// The parent's, without its settings, which may hold passwords. A crash is expected of a child and needs no report, which would take
    /// seconds.
    private static var environment: [String] {
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("ALMAGEST_") && $0.key != "SWIFT_BACKTRACE" }
        return inherited.map { "\($0.key)=\($0.value)" } + ["SWIFT_BACKTRACE=enable=no"]
    }
}

/// What a process does that ``ChildProcess`` has started.
package enum ChildSide {
    /// To be called before anything else.
    ///
    /// - Parameters:
    ///   - name: what the list of processes shows.
    ///   - memory: bytes that the process may have of its own; beyond that an allocation fails. Nil for no limit.
    package static func prepare(name: String, memory: Int?) {
        // The parent decides when a child ends, and a crash is dealt with there: no core file of the size of the archive's memory.
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ] { Glibc.signal(signal, SIG_IGN) }
        limit(RLIMIT_CORE, to: 0)
        if let memory { limit(RLIMIT_DATA, to: memory) }
        // What a library of the parent opened without close-on-exec: a listening port held here would outlive the parent. What the run-time library of
        // this process waits on stays, or its thread would spin.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")) ?? ""
            if !target.utf8.starts(with: "anon_inode:".utf8) { close(descriptor) }
        }
        // Otherwise the list of processes shows the link that the process was started by.
        try? Data(name.utf8).write(to: URL(filePath: "/proc/self/comm"))
    }

    /// Ends the process when the other side has gone away, after calling `gone` and so many seconds.
    package static func watch(_ channel: MessageChannel, grace: UInt32, gone: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            channel.awaitEnd()
            gone()
            sleep(grace)
            _exit(1)
        }
    }

    private static func limit(_ resource: __rlimit_resource, to bytes: Int) {
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
}
