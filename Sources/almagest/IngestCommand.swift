import ArgumentParser
import Foundation
import Ingest
import Logging
import Postgres
import TAPSchema

/// `almagest ingest gaia FILES…`
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Bring data files into a collection.",
        discussion: """
            Each object of a file becomes a row; the files stay where they are. Files that are in the archive already are skipped, a changed file
            under a known name is refused, a damaged one fails alone. It can be run while the archive serves.
            """)

    @OptionGroup var options: SettingsOptions

    @Argument(help: "A collection that ships with the archive, such as gaia, or the path of a descriptor (YAML).")
    var collection: String

    @Argument(help: "Data files, or folders of them.")
    var files: [String]

    func run() async throws {
        let settings = try await options.read()
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        try Ingesting(settings: settings).run(collection: collection, files: files)
    }
}

/// An ingest with its progress on the terminal; `ingest` and `demo` share it.
struct Ingesting {
    let settings: Settings

    /// - Throws: `ExitCode` when not every file is in the archive at the end, `ValidationError` when there is no way to begin.
    func run(collection: String, files: [String]) throws {
        var logger = Logger(label: "almagest.ingest")
        // What fails is told in the summary.
        logger.logLevel = .error
        let summary: IngestSummary
        do {
            let descriptor = try Descriptor.find(collection)
            let session = try PostgresSession(uri: settings.databaseURL, applicationName: "almagest-ingest")
            var terminal = ProgressLine()
            let workers = IngestWorkers(
                settings: .init(
                    executable: Archive.executable, arguments: [IngestWorkerCommand.name, "--memory", "\(settings.cutMemory)"],
                    databaseURI: settings.databaseURL))
            summary = try Ingestion(descriptor, into: session, workers: workers, logger: logger).run(files: files) { progress in
                terminal.show(
                    "\(progress.filesDone) of \(progress.files) files, \(progress.rows) rows, \(Int(progress.rowsPerSecond)) rows/s",
                    final: progress.filesDone == progress.files)
            }
            terminal.end()
        } catch let error as TAPSchemaError {
            throw Complaint(error.description, detail: error.internals)
        } catch let error as PostgresError {
            throw Complaint.database(error)
        } catch let error as IngestError {
            throw Complaint(error.description, detail: error.internals)
        }
        for file in summary.files {
            switch file.fate {
            case .refused(let error): print("refused: \(file.name): \(error)")
            case .failed(let error): print("failed: \(file.name): \(error)")
            case .ingested, .unchanged, .relocated: break
            }
        }
        for (table, fields) in summary.unknownFields.sorted(by: { $0.key < $1.key }) {
            let names = fields.sorted { $0.key < $1.key }.prefix(20).map { "\($0.key) (\($0.value) objects)" }.joined(separator: ", ")
            let more = fields.count > 20 ? " and \(fields.count - 20) more" : ""
            print("fields that no column of \(table) takes: \(names)\(more)")
        }
        if summary.passedOver > 0 { print("objects with other names, passed over: \(summary.passedOver)") }
        if summary.ignored > 0 { print("other files in the folders: \(summary.ignored)") }
        print(summary)
        if !summary.isComplete { throw ExitCode(1) }
    }
}
