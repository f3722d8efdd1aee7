import ArgumentParser
import CutMerge
import Ingest

/// `almagest cut-worker`: what the server starts to cut in; people have no use for it.
struct CutWorkerCommand: ParsableCommand {
    static let name = "cut-worker"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Cut for a server, which talks to it over standard input and output.", shouldDisplay: false)

    @Option(help: "Bytes of memory that it may have.")
    var memory: Int?

    func run() {
        CutWorker.run(memory: memory)
    }
}

/// `almagest ingest-worker`: what an ingest starts to read files in; people have no use for it.
struct IngestWorkerCommand: ParsableCommand {
    static let name = "ingest-worker"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Read data files for an ingest, which talks to it over standard input and output.",
        shouldDisplay: false)

    @Option(help: "Bytes of memory that it may have.")
    var memory: Int?

    func run() {
        IngestWorker.run(memory: memory)
    }
}
