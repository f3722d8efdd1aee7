import Foundation
import QueryGeneration

/// Starts workers and watches them.
struct FuzzParent {
    let seed: UInt64
    /// No input may take so long.
    private static let patience = 20.0
    /// So many crashes say enough.
    private static let crashLimit = 20

    /// Whether all inputs went well.
    func run(_ count: Int) throws -> Bool {
        let progress = FileManager.default.temporaryDirectory.appending(path: "fuzz-queries-\(getpid())").path()
        defer { try? FileManager.default.removeItem(atPath: progress) }
        let started = Date()
        var next = 0
        var crashes = 0
        var isWell = true
        while next < count, crashes < Self.crashLimit {
            let worker = Process()
            worker.executableURL = URL(filePath: CommandLine.arguments[0])
            worker.arguments = ["--child", "\(next)", "\(count)", "\(seed)", progress]
            try worker.run()
            let hung = watch(worker, progress)
            worker.waitUntilExit()
            if worker.terminationReason == .exit, worker.terminationStatus == 0 || worker.terminationStatus == 3 {
                isWell = isWell && worker.terminationStatus == 0
                break
            }
            let number = Self.number(in: progress)
            crashes += 1
            isWell = false
            let bytes = QueryMutator(seeds: Corpus.seeds).text(number: number, seed: seed)
            Found.keep(bytes, number: number, seed: seed, because: hung ? "hangs" : "crashes the process")
            next = number + 1
        }
        let seconds = Date().timeIntervalSince(started)
        print("\(count) inputs of seed \(seed) in \(Int(seconds.rounded())) s: \(isWell ? "all well" : "some did harm")")
        return isWell
    }

    /// Waits for the worker's end, and ends it itself when it stays at one input; true if so.
    private func watch(_ worker: Process, _ progress: String) -> Bool {
        var last = -1
        var since = Date()
        while worker.isRunning {
            usleep(100_000)
            let number = Self.number(in: progress)
            if number != last {
                last = number
                since = Date()
            } else if Date().timeIntervalSince(since) > Self.patience, worker.isRunning {
                kill(worker.processIdentifier, SIGKILL)
                return true
            }
        }
        return false
    }

    private static func number(in progress: String) -> Int {
        guard let data = FileManager.default.contents(atPath: progress), data.count >= MemoryLayout<Int>.size else { return 0 }
        return data.withUnsafeBytes { $0.loadUnaligned(as: Int.self) }
    }
}
