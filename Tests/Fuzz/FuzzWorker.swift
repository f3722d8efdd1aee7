import Foundation
import QueryGeneration

/// Goes through a range of inputs in this process, and tells the parent which one it is at.
struct FuzzWorker {
    let seed: UInt64
    private let descriptor: Int32
    private let mutator = QueryMutator(seeds: Corpus.seeds)

    init(seed: UInt64, progress: String) {
        self.seed = seed
        descriptor = open(progress, O_WRONLY | O_CREAT, 0o600)
    }

    /// How many inputs did harm.
    func run(_ numbers: Range<Int>) -> Int {
        let clock = ContinuousClock()
        let step = max(numbers.count / 10, 1)
        var accepted = 0
        var harm = 0
        var slowest = Duration.zero
        for number in numbers {
            tell(number)
            let bytes = mutator.text(number: number, seed: seed)
            let start = clock.now
            let outcome = ParserCheck.outcome(of: bytes)
            let time = start.duration(to: clock.now)
            slowest = max(slowest, time)
            switch outcome {
            case .accepted: accepted += 1
            case .rejected: break
            case .wrong(let reason):
                harm += 1
                Found.keep(bytes, number: number, seed: seed, because: reason)
            }
            if time > .seconds(1) {
                harm += 1
                Found.keep(bytes, number: number, seed: seed, because: "took \(time)")
            }
            let done = number - numbers.lowerBound + 1
            if done % step == 0 || done == step / 100 {
                print("\(done) inputs, \(accepted) accepted, slowest \(slowest), resident \(Self.residentKilobytes) kB")
                fflush(nil)
            }
        }
        return harm
    }

    private func tell(_ number: Int) {
        var number = number
        pwrite(descriptor, &number, MemoryLayout<Int>.size, 0)
    }

    /// From /proc/self/statm; 0 where there is none.
    private static var residentKilobytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }
}

/// Where inputs that did harm are kept.
enum Found {
    static func keep(_ bytes: [UInt8], number: Int, seed: UInt64, because reason: String) {
        let file = Corpus.folder("found").appending(path: "\(seed)-\(number).input")
        try? FileManager.default.createDirectory(at: Corpus.folder("found"), withIntermediateDirectories: true)
        try? Data(bytes).write(to: file)
        print("input \(number) of seed \(seed): \(reason)\n  kept as \(file.lastPathComponent)")
        fflush(nil)
    }
}
