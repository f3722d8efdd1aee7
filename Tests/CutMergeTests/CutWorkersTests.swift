import CutMerge
import Foundation
import Glibc
import HDF5
import Logging
import Synchronization
import Testing

@Suite("Cutting in processes of their own", .serialized)
struct CutWorkersTests {
    @Test("makes the same bytes and the same summary as in this process, with one worker after another request")
    func exact() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            for transits in [4, 30] {
                var request = try Samples.request(product: "\(folder)/here.h5", sourcesPerFile: 3, transitsPerFile: transits, files: 3)
                request.refused = [ManifestRow(id: Samples.uuid(9), table: "gaia.astroelementary", status: .dropped, reason: "r\u{e9}ason")]
                request.query = String(repeating: "SELECT * FROM gaia.completesource -- ", count: 30_000)
                let here = try Cutter.cut(request)
                request.product = "\(folder)/there.h5"
                #expect(try workers.cut(request) == here.withoutRows)
                #expect(try bytes("\(folder)/there.h5") == bytes("\(folder)/here.h5"))
                #expect(workers.idleWorkers.count == 1)
            }
            #expect(try contents(of: folder) == ["here.h5", "there.h5"])
        }
    }

    @Test("hands an error through as it is, and keeps the worker")
    func failing() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 1, transitsPerFile: 0, files: 1)
            request.files[0].cuts[0].key = "/no"
            let here = #expect(throws: CutMergeError.self) { try Cutter.cut(request) }
            let there = #expect(throws: CutMergeError.self) { try workers.cut(request) }
            #expect(there == here)
            #expect(workers.idleWorkers.count == 1)
        }
    }

    @Test("replaces a worker that is killed in the middle of its work, and the product is whole")
    func killedAtWork() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            var request = try Samples.request(product: "\(folder)/here.h5", sourcesPerFile: 400, transitsPerFile: 400, files: 3)
            let here = try Cutter.cut(request)
            request.product = "\(folder)/there.h5"
            let first = try Self.warm(workers, folder)
            let (there, isKilled) = try withKiller(of: first, at: ".there.h5.\(first)-", in: folder) { try workers.cut(request) }
            #expect(isKilled)
            #expect(there == here.withoutRows)
            #expect(try bytes("\(folder)/there.h5") == bytes("\(folder)/here.h5"))
            #expect(!workers.idleWorkers.contains(first))
            #expect(try contents(of: folder) == ["here.h5", "there.h5", "warm.h5"])
        }
    }

    @Test("starts another worker when the idle one was killed")
    func killedIdle() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            let first = try Self.warm(workers, folder)
            kill(first, SIGKILL)
            #expect(try Self.warm(workers, folder) != first)
        }
    }

    @Test("fails the rows of a file that crashes libhdf5, and only those")
    func crashing() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            var crashes = 0
            for seed in 0..<UInt64(64) where crashes == 0 {
                var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 60, transitsPerFile: 3, files: 2)
                let bad = request.files[0]
                let path = "\(folder)/flipped.h5"
                try flipped(bad.path, seed: seed).write(to: URL(filePath: path))
                request.files[0].path = path
                let summary = try workers.cut(request)
                #expect(try contents(of: folder) == ["flipped.h5", "p.h5"])
                var product = try HDF5File(path: request.product)
                let manifest = try Manifest.read(from: &product)
                guard manifest.contains(where: { $0.reason == "the data file is damaged" }) else { continue }
                crashes += 1
                let rows = manifest.filter { $0.sourceFile == bad.name }
                #expect(rows.map(\.key).sorted() == bad.cuts.map(\.key).sorted())
                #expect(rows.allSatisfy { $0.status == .unreadable && $0.path.isEmpty && $0.checksum == bad.checksum })
                #expect(summary.unreadable == rows.count)
                #expect(manifest.count == request.files.reduce(0) { $0 + $1.cuts.count })
                #expect(manifest.allSatisfy { $0.sourceFile == bad.name || $0.status == .ok })

                request.files = [request.files[0]]
                let error = #expect(throws: CutMergeError.self) { try workers.cut(request) }
                #expect(error?.code == .nothingCut)
                #expect(error?.description == "none of the 60 rows could be cut: the data file is damaged")
            }
            #expect(crashes > 0, "no seed crashes this libhdf5")
        }
    }

    @Test("kills a worker that takes longer than the limit")
    func late() throws {
        try withFolder { folder in
            let workers = try Self.workers(timeLimit: .seconds(1))
            let first = try Self.warm(workers, folder)
            kill(first, SIGSTOP)
            let error = #expect(throws: CutMergeError.self) { try Self.warm(workers, folder) }
            #expect(error?.code == .tookTooLong)
            #expect(error?.message == "the product took longer than the 1 s that one may take")
            #expect(try eventually { kill(first, 0) != 0 })
            #expect(try Self.warm(workers, folder) != first)
        }
    }

    @Test("ends a worker whose work nobody waits for any more, in the middle of it, and reports how far it is until then")
    func cancelled() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            let first = try Self.warm(workers, folder)
            let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2000, transitsPerFile: 2000, files: 12)
            let reports = Mutex<[CutProgress]>([])
            let error = #expect(throws: CutMergeError.self) {
                try workers.cut(
                    request,
                    for: CutControl(
                        report: { progress in reports.withLock { $0.append(progress) } },
                        isCancelled: { reports.withLock { $0.count >= 2 } }))
            }
            #expect(error?.code == .cancelled)
            #expect(workers.idleWorkers.isEmpty)
            #expect(try eventually { kill(first, 0) != 0 })
            #expect(try contents(of: folder) == ["warm.h5"])
            let seen = reports.withLock(\.self)
            let total = request.files.reduce(0) { $0 + $1.cuts.count }
            #expect(seen.allSatisfy { $0.total == total && (1..<total).contains($0.done) })
            #expect(seen.map(\.done) == seen.map(\.done).sorted())
        }
    }

    @Test("refuses a product of more bytes than the limit, and keeps the worker")
    func tooLarge() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 200, transitsPerFile: 0, files: 2)
            request.byteLimit = 1_000_000
            let error = #expect(throws: CutMergeError.self) { try workers.cut(request) }
            #expect(error?.code == .tooLarge)
            #expect(error?.message == "the product would have more than the 1000000 bytes that one may have")
            #expect(try contents(of: folder).isEmpty)
            #expect(workers.idleWorkers.count == 1)
            request.byteLimit = 100_000_000
            #expect(try workers.cut(request).objects == 400)
        }
    }

    @Test("gives a worker as much memory as the limit says, and what does not fit is an error")
    func memory() throws {
        try withFolder { folder in
            let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 200, transitsPerFile: 0, files: 1)
            let tight = try Self.workers(memory: 12 << 20)
            // Either the worker dies of it or libhdf5 says that it has no memory; neither makes a product or ends this process.
            #expect(throws: CutMergeError.self) { try tight.cut(request) }
            #expect(try contents(of: folder).isEmpty)
            #expect(try Self.workers(memory: 1 << 30).cut(request).objects == 200)
        }
    }

    @Test("blames no file when the program is missing or can't run", arguments: ["/nowhere/almagest", "/bin/false"])
    func unfit(executable: String) throws {
        try withFolder { folder in
            let workers = CutWorkers(
                settings: .init(executable: executable, arguments: [], timeLimit: .seconds(60)), logger: Logger(label: "test"))
            let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 1, transitsPerFile: 0, files: 1)
            let error = #expect(throws: CutMergeError.self) { try workers.cut(request) }
            #expect(error?.code == .noWorker)
            #expect(error?.description == "the product can't be made just now; try again later")
        }
    }

    @Test("gives a worker none of what is open here, and no setting")
    func closed() throws {
        try withFolder { folder in
            // As a careless library opens it: without close-on-exec.
            let port = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(port) }
            let workers = try Self.workers()
            let worker = try Self.warm(workers, folder)
            // Beside its line and standard error there is what its own run-time library needs to wait.
            let open = try contents(of: "/proc/\(worker)/fd").filter { $0.count > 1 || $0 > "2" }
            for descriptor in open {
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(worker)/fd/\(descriptor)")
                #expect(target.hasPrefix("anon_inode:"), "\(descriptor) is \(target)")
            }
            let environment = String(decoding: try bytes("/proc/\(worker)/environ"), as: UTF8.self)
            #expect(environment.contains("SWIFT_BACKTRACE=enable=no"))
            #expect(!environment.contains("ALMAGEST_"))
        }
    }

    @Test("a worker that waits for work uses no processor time")
    func idle() throws {
        try withFolder { folder in
            let workers = try Self.workers()
            let worker = try Self.warm(workers, folder)
            defer { withExtendedLifetime(workers) {} }
            func ticks() throws -> Int {
                let fields = String(decoding: try bytes("/proc/\(worker)/stat"), as: UTF8.self).split(separator: " ")
                return (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
            }
            // A tick is 10 ms; one that spins has twenty or more in this time, however busy the machine is otherwise.
            let before = try ticks()
            Thread.sleep(forTimeInterval: 0.5)
            #expect(try ticks() - before <= 2)
        }
    }

    @Test("ends a worker with the workers that it belongs to")
    func dropped() throws {
        try withFolder { folder in
            func started() throws -> Int32 { try Self.warm(try Self.workers(), folder) }
            let worker = try started()
            #expect(try eventually { kill(worker, 0) != 0 })
        }
    }

    @Test("a worker ends by itself when the line closes: idle at once, at work after giving that up")
    func orphan() throws {
        try withFolder { folder in
            for isAtWork in [false, true] {
                let (line, answers) = (Pipe(), Pipe())
                let process = Process()
                process.executableURL = URL(filePath: try Self.executable)
                process.arguments = ["cut-worker"]
                (process.standardInput, process.standardOutput) = (line, answers)
                try process.run()
                if isAtWork {
                    let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2000, transitsPerFile: 2000, files: 5)
                    let body = request.bytes
                    let length = withUnsafeBytes(of: UInt32(body.count).bigEndian) { Data($0) }
                    try line.fileHandleForWriting.write(contentsOf: length + [1] + body)
                    #expect(try eventually { try !contents(of: folder).isEmpty })
                }
                try line.fileHandleForWriting.close()
                #expect(try eventually { !process.isRunning })
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                #expect(try contents(of: folder).isEmpty)
            }
        }
    }

    // MARK: - Workers

    /// The program that was built with these tests.
    private static var executable: String {
        get throws {
            let path = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "almagest").path()
            try #require(FileManager.default.isExecutableFile(atPath: path), "build all targets: no program at \(path)")
            return path
        }
    }

    private static func workers(timeLimit: Duration = .seconds(120), memory: Int? = nil) throws -> CutWorkers {
        CutWorkers(
            settings: .init(
                executable: try executable, arguments: ["cut-worker"] + (memory.map { ["--memory", "\($0)"] } ?? []), timeLimit: timeLimit),
            logger: Logger(label: "test"))
    }

    /// Has something made, so that one worker is there; its process identifier.
    private static func warm(_ workers: CutWorkers, _ folder: String) throws -> Int32 {
        _ = try workers.cut(Samples.request(product: "\(folder)/warm.h5", sourcesPerFile: 1, transitsPerFile: 0, files: 1))
        return try #require(workers.idleWorkers.last)
    }
}

private func bytes(_ path: String) throws -> Data {
    try Data(contentsOf: URL(filePath: path))
}

/// The file's bytes with some bits turned over, the same for the same seed.
private func flipped(_ path: String, seed: UInt64) throws -> Data {
    var data = try bytes(path)
    var state = seed
    func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
    // The superblock stays, so that the file opens.
    for _ in 0..<data.count / 400 { data[96 + Int(next() % UInt64(data.count - 96))] ^= 1 << UInt8(next() % 8) }
    return data
}

/// Kills a process as soon as a file of that beginning appears, and tells whether it came to that.
private func withKiller<Result>(
    of process: Int32, at beginning: String, in folder: String, _ body: () throws -> Result
) throws -> (result: Result, isKilled: Bool) {
    let (isOver, isKilled) = (Flag(), Flag())
    defer { isOver.value.store(true, ordering: .relaxed) }
    Thread.detachNewThread {
        while !isOver.value.load(ordering: .relaxed) {
            if (try? contents(of: folder))?.contains(where: { $0.hasPrefix(beginning) }) == true {
                kill(process, SIGKILL)
                return isKilled.value.store(true, ordering: .relaxed)
            }
        }
    }
    return (try body(), isKilled.value.load(ordering: .relaxed))
}

private final class Flag: Sendable {
    let value = Atomic(false)
}

/// Whether it comes true within ten seconds.
private func eventually(_ condition: () throws -> Bool) throws -> Bool {
    for _ in 0..<1000 {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: 0.01)
    }
    return false
}
