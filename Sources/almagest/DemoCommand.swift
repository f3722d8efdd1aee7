import ArgumentParser
import Foundation
import HDF5
import Ingest
import Logging

/// `almagest demo --files DIR`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Write a demo collection of keyed HDF5 files and ingest it.",
        discussion: "A seeded sky of open clusters and field stars: the same files on every machine, so it can be run again.")

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: "The folder for the files; made when missing.")
    var files: String

    @Option(name: .long, help: "Another seed makes another sky.")
    var seed: UInt64 = 2016

    func run() async throws {
        let settings = try await options.read()
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var terminal = ProgressLine()
        do {
            _ = try DemoSky(seed: seed).write(into: files) { progress in
                terminal.show(
                    "\(progress.filesDone) of \(progress.filesTotal) demo files written", final: progress.filesDone == progress.filesTotal)
            }
        } catch let error as HDF5Error {
            throw Complaint("the demo files can't be written to \(files)", detail: error.message)
        }
        terminal.end()
        try Ingesting(settings: settings).run(collection: "gaia", files: [files])
    }
}
