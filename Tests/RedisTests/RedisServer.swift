import Foundation
import Logging
import Redis
import Testing

/// A redis-server of the test's own on a Unix socket in a temporary folder; needs `redis-server` on the PATH.
final class RedisServer {
    let folder: URL
    private var process: Process?

    var url: String { "unix://\(socket.path())" }
    var pid: pid_t { process?.processIdentifier ?? 0 }
    private var socket: URL { folder.appending(path: "redis.sock") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try start()
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "redis-server", "--port", "0", "--unixsocket", socket.path(), "--save", "", "--appendonly", "no", "--dir", folder.path(),
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        let deadline = Date(timeIntervalSinceNow: 5)
        while !FileManager.default.fileExists(atPath: socket.path()) {
            try #require(process.isRunning && Date() < deadline, "redis-server did not start")
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    func stop() {
        guard let process else { return }
        // Foundation starts children with most signals blocked, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
        // Killed, it leaves its socket behind.
        try? FileManager.default.removeItem(at: socket)
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    static let isInstalled: Bool =
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/redis-server")
        }
}

extension Logger {
    static let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
}
