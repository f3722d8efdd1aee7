import ArgumentParser
import CutMerge

/// `almagest cut-worker`: what the server starts to cut in; people have no use for it.
struct CutWorkerCommand: ParsableCommand {
    static let name = "cut-worker"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Cut for a server, which talks to it over standard input and output.", shouldDisplay: false)

    func run() {
        CutWorker.run()
    }
}
