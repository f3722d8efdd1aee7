import ADQL
import ArgumentParser
import Foundation
import Logging
import Names
import Postgres
import SQL
import TAP
import TAPSchema
import TableModel

/// `almagest adql "SELECT …"`: what becomes of a query, stage by stage.
struct ADQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adql",
        abstract: "Look inside a query: its tree, the columns of its result, its SQL and PostgreSQL's plan.",
        discussion: "Nothing runs and nothing is written. The exit code is 1 where the query has an error.")

    @OptionGroup var options: SettingsOptions

    @Flag(name: .long, help: "Print JSON, as /tap/adql/check answers, with the SQL and the plan.")
    var json = false

    @Argument(help: "The query; read from standard input when it is left out.")
    var query: String?

    func run() async throws {
        let settings = try await options.read()
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .error
            return handler
        }
        let text: String
        if let query { text = query } else { text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self) }
        let inspection: QueryInspector.Inspection
        do {
            inspection = try await inspector(settings).inspect(text, inWords: true)
        } catch let error as PostgresError {
            throw Complaint.database(error)
        } catch let error as TAPSchemaError {
            throw Complaint(error.description, detail: error.internals)
        } catch let error as TAPError {
            throw Complaint(error.message, detail: error.internals)
        }
        if json { try printJSON(inspection) } else { printSections(inspection) }
        if inspection.error != nil { throw ExitCode(1) }
    }

    private func inspector(_ settings: Settings) async throws -> QueryInspector {
        let database = PostgresPool(uri: settings.databaseURL, connections: 1, applicationName: "almagest-adql")
        let catalogue = LiveCatalogue(pool: database)
        try await catalogue.refresh()
        let listed = try settings.functionList()
        let (isReader, functions) = try await database.withSession { session in
            (try ReaderRole.isUsable(on: session), listed.limited(toExtensions: try FunctionCheck.extensions(on: session)))
        }
        return QueryInspector(
            functions: functions, catalogue: catalogue, planner: QueryConnections(settings, isReader: isReader).planner)
    }

    // MARK: - Sections

    private func printSections(_ inspection: QueryInspector.Inspection) {
        if let query = inspection.query {
            section("Tree", query.outline(in: inspection.text))
            section("ADQL", query.adql)
        }
        if let resolved = inspection.resolved {
            section("Columns", columns(QueryVerdict(inspection).columns))
            section("Tables", resolved.tables.map(\.adqlName).joined(separator: "\n"))
            section("Warnings", resolved.warnings.joined(separator: "\n"))
        }
        section("SQL", inspection.sql?.text)
        section("Plan", inspection.plan)
        section("Error", inspection.error.map { message($0, in: inspection.text) })
    }

    private func section(_ title: String, _ text: String?) {
        guard let text, !text.isEmpty else { return }
        print("# \(title)\n\(text)\n")
    }

    /// Aligned: name, type, unit, UCD, origin.
    private func columns(_ columns: [QueryVerdict.ResultColumn]) -> String {
        var rows = [["name", "datatype", "arraysize", "xtype", "unit", "ucd", "from"]]
        for column in columns {
            let origin = column.table.flatMap { table in column.column.map { "\(table).\($0)" } }
            rows.append(
                [column.name, column.datatype, column.arraysize, column.xtype, column.unit, column.ucd, origin].map { $0 ?? "-" })
        }
        let widths = rows[0].indices.map { index in rows.map(\.[index].count).max() ?? 0 }
        return rows.map { row in
            // The last column ends its line.
            (zip(row, widths).dropLast().map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) } + row.suffix(1)).joined(
                separator: "  ")
        }.joined(separator: "\n")
    }

    private func message(_ fault: QueryFault, in text: String) -> String {
        switch fault {
        case .syntax(let error): error.rendering
        case .names(let error): error.diagnostics.map { $0.rendering(in: text) }.joined(separator: "\n")
        case .plan(let error): error.message
        }
    }

    // MARK: - JSON

    /// The verdict and, for the operator, what editors do not get.
    private struct Report: Encodable {
        var verdict: QueryVerdict
        var tree: String?
        var sql: String?
        var plan: String?

        private enum Key: String, CodingKey {
            case tree, sql, plan
        }

        func encode(to encoder: any Encoder) throws {
            try verdict.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(tree, forKey: .tree)
            try container.encodeIfPresent(sql, forKey: .sql)
            try container.encodeIfPresent(plan, forKey: .plan)
        }
    }

    private func printJSON(_ inspection: QueryInspector.Inspection) throws {
        let report = Report(
            verdict: QueryVerdict(inspection), tree: inspection.query?.outline(in: inspection.text), sql: inspection.sql?.text,
            plan: inspection.plan)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}
