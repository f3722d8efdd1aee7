import Foundation
import QueryGeneration

/// Gives changed queries to the parser, as many as are wanted, and keeps those that do harm.
///
/// The work is done in a process of its own, so that a crash or a hang costs one input: the parent finds it by its number, writes it
/// to `adql/corpus/found`, and goes on after it. Usage: `fuzz-queries NUMBER [SEED]`.
@main
struct Fuzz {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "--child", arguments.count == 5, let first = Int(arguments[1]), let end = Int(arguments[2]),
            let seed = UInt64(arguments[3])
        {
            let harm = FuzzWorker(seed: seed, progress: arguments[4]).run(first..<end)
            exit(harm == 0 ? 0 : 3)
        }
        guard let count = arguments.first.flatMap({ Int($0) }), count > 0 else {
            print("usage: fuzz-queries NUMBER [SEED]")
            exit(2)
        }
        let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
        exit(try FuzzParent(seed: seed).run(count) ? 0 : 1)
    }
}
