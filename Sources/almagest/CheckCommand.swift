import ArgumentParser
import Foundation
import Logging
import Names
import Postgres
import Redis
import TAP
import TAPSchema
import TableModel

/// `almagest check`: each part with a verdict.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look at settings, database, extensions, TAP_SCHEMA, files and Redis, and give a verdict on each.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0).with(level: .error) }
        var verdicts = Verdicts()
        let settings: Settings
        do {
            settings = try await Settings(file: options.settings)
            let wire = settings.httpIdentity == nil ? "" : " over TLS"
            verdicts.good("settings", "serves \(settings.baseURL) on \(settings.httpHost):\(settings.httpPort)\(wire)")
        } catch {
            verdicts.bad("settings", "\(error)")
            throw ExitCode(1)
        }
        checkDatabase(settings, &verdicts)
        await checkRedis(settings, &verdicts)
        checkState(settings, &verdicts)
        if verdicts.failed { throw ExitCode(1) }
    }

    private func checkDatabase(_ settings: Settings, _ verdicts: inout Verdicts) {
        let session: PostgresSession
        do {
            session = try PostgresSession(uri: settings.databaseURL, applicationName: "almagest-check")
            let version = try session.query("SHOW server_version").string(0, 0) ?? "?"
            verdicts.good("database", "PostgreSQL \(version)")
        } catch {
            return verdicts.bad("database", "\(Complaint.database(error))")
        }
        do {
            let provision = try SphereExtension.provision(on: session)
            if provision == .missing {
                verdicts.bad(
                    "extensions",
                    "\(provision); `almagest ingest`, `demo` or `serve` install it where the package postgresql-15-pgsphere is")
            } else {
                verdicts.good("extensions", "\(provision)")
            }
            let archive = try CatalogueReader.read(on: session)
            let tables = archive.catalogue.tables
            if archive.omissions.isEmpty {
                verdicts.good("TAP_SCHEMA", "\(tables.count) tables, \(tables.reduce(0) { $0 + $1.columns.count }) columns")
            } else {
                verdicts.bad("TAP_SCHEMA", archive.omissions.joined(separator: "; "))
            }
            checkFunctions(settings, archive.catalogue, session, &verdicts)
            checkFiles(session, &verdicts)
        } catch {
            verdicts.bad("TAP_SCHEMA", "\(error)" + (error.internals.map { " (\($0))" } ?? ""))
        }
    }

    /// PostgreSQL looks at the SQL of every function, and every example is run.
    private func checkFunctions(_ settings: Settings, _ catalogue: Catalogue, _ session: PostgresSession, _ verdicts: inout Verdicts) {
        do {
            let functions = try settings.functionList().limited(toExtensions: FunctionCheck.extensions(on: session))
            let check = FunctionCheck(functions: functions, catalogue: catalogue)
            let faults = check.faults(of: functions.functions, on: session) + check.wrongExamples(of: functions.functions, on: session)
            let own = functions.functions.count(where: \.isOwn)
            let examples = functions.functions.reduce(0) { $0 + $1.examples.count }
            if faults.isEmpty {
                verdicts.good("functions", "\(functions.functions.count), \(own) of the archive's own; \(examples) examples are right")
            } else {
                verdicts.bad("functions", faults.joined(separator: "\n" + String(repeating: " ", count: 18)))
            }
        } catch {
            verdicts.bad("functions", "\((error as? PostgresError).map { Complaint.database($0).description } ?? "\(error)")")
        }
    }

    private func checkFiles(_ session: PostgresSession, _ verdicts: inout Verdicts) {
        do {
            let files = try FileFacts.all(on: session)
            let missing = files.filter { (try? FileManager.default.attributesOfItem(atPath: $0.location))?[.size] as? Int != $0.size }
            if missing.isEmpty {
                verdicts.good("files", "\(files.count) files, all in their place with their size")
            } else {
                let names = missing.prefix(5).map(\.location).joined(separator: ", ")
                verdicts.bad("files", "\(missing.count) of \(files.count) are missing or have another size: \(names)")
            }
        } catch {
            verdicts.bad("files", "\(Complaint.database(error))")
        }
    }

    private func checkRedis(_ settings: Settings, _ verdicts: inout Verdicts) async {
        guard let url = settings.redisURL else {
            return verdicts.good("Redis", "not set; there are no selections, and #this covers the rows that a request names")
        }
        do {
            let client = try RedisClient(url: url, logger: Logger(label: "almagest.redis"))
            try await client.send(RedisCommand("PING"))
            verdicts.good("Redis", "answers")
        } catch {
            verdicts.bad("Redis", "\(error)")
        }
    }

    private func checkState(_ settings: Settings, _ verdicts: inout Verdicts) {
        guard FileManager.default.fileExists(atPath: settings.stateDir) else {
            return verdicts.good("state", "\(settings.stateDir) is not there yet; serve makes it")
        }
        do {
            let probe = "\(settings.stateDir)/.check-\(ProcessInfo.processInfo.processIdentifier)"
            try Data().write(to: URL(filePath: probe))
            try FileManager.default.removeItem(atPath: probe)
            verdicts.good("state", "\(settings.stateDir) can be written")
        } catch {
            verdicts.bad("state", "\(settings.stateDir) can't be written: \(error.localizedDescription)")
        }
    }
}

/// Lines of verdicts on standard output.
private struct Verdicts {
    private(set) var failed = false

    func good(_ part: String, _ text: String) {
        write("ok  ", part, text)
    }

    mutating func bad(_ part: String, _ text: String) {
        failed = true
        write("FAIL", part, text)
    }

    private func write(_ verdict: String, _ part: String, _ text: String) {
        print("\(verdict)  \(part.padding(toLength: 11, withPad: " ", startingAt: 0)) \(text)")
    }
}

extension StreamLogHandler {
    fileprivate func with(level: Logger.Level) -> Self {
        var handler = self
        handler.logLevel = level
        return handler
    }
}
