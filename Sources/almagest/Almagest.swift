import ArgumentParser
import TAP

/// The archive server's command.
@main
struct Almagest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "almagest",
        abstract: "An archive server for astronomy: ADQL over TAP, DataLink, and Cut & Merge of data files.",
        version: Software.version,
        subcommands: [
            ServeCommand.self, IngestCommand.self, DemoCommand.self, CheckCommand.self, ADQLCommand.self, CutWorkerCommand.self,
            IngestWorkerCommand.self,
        ])
}

/// Options that all commands have.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: "A YAML file with settings; the environment wins over it.")
    var settings: String?

    func read() async throws -> Settings {
        do { return try await Settings(file: settings) } catch let error as SettingsError { throw ValidationError(error.message) }
    }
}
