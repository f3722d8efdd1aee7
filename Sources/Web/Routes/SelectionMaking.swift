import CutMerge
import DataLink
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Postgres
import TAP
import TAPSchema
import TableModel
import Uploads

/// Makes selections without a click for each row: of a query, a table of identifiers, a job's result, or identifiers themselves.
struct SelectionMaking: Sendable {
    let selections: Selections
    let finder: RowFinder
    let queries: QueryService
    let jobs: JobService<QueryJob>
    let uploads: UploadDesk
    let catalogue: LiveCatalogue
    let database: PostgresPool
    /// Rows of a selection.
    let limit: Int

    /// What a selection is made of.
    private struct Content: Sendable {
        var identifiers: [RowIdentifier] = []
        /// Named in the request, and no rows.
        var unreadable = 0
        var query: String?
        var maxrec: Int?
    }

    /// A new selection.
    struct Made: Sendable {
        var selection: Selection.Summary
        /// Under this name further rows join it while it is open.
        var client: UUID
        /// Named in the request, and not there.
        var notFound: Int
    }

    /// Up to so many rows a new selection is open, so that rows can join it and be taken out; a larger one stays as it is.
    private static let mostOpen = 10_000

    /// Reads a request to its end and makes what it asks for.
    ///
    /// - Parameter client: whose jobs may be named.
    func make(of request: inout Request, by client: JobClient) async throws -> Made {
        let incoming = uploads.newRequest()
        let (parameters, parts) = try await request.parameters(uploads: incoming, isLasting: false, atMost: Request.mostIdentifiers)
        var content: Content
        if let id = try parameters.single("JOB") {
            await incoming.clear(parts)
            content = try await ofJob(id, by: client)
        } else {
            let names = parameters.all("UPLOAD") + Self.unnamed(parts, in: parameters)
            let tables = uploads.lease(try await incoming.receive(names, parts: parts, isLasting: false))
            defer { withExtendedLifetime(tables) {} }
            if try parameters.single("QUERY") != nil {
                let query = try QueryRequest(parameters.withLanguage())
                content = try await ofQuery(query.query, uploads: tables.tables, maxrec: query.maxrec)
            } else if !tables.tables.isEmpty {
                content = try await ofTables(tables.tables)
            } else {
                let marked = try await finder.rows(parameters)
                content = Content(identifiers: marked.identifiers, unreadable: marked.unreadable.count, query: marked.query)
            }
        }
        return try await select(content)
    }

    private func select(_ content: Content) async throws -> Made {
        var seen: Set<RowIdentifier> = []
        let asked = content.identifiers.filter { seen.insert($0).inserted }
        guard asked.count <= limit else { throw tooMany }
        let holdings = catalogue.current.holdings
        let bytes = try await database.withSession { try holdings.objectBytes(asked, on: $0) }
        let rows = asked.compactMap { row in bytes[row].map { SelectedRow(row, bytes: $0) } }
        let notFound = asked.count - rows.count + content.unreadable
        guard !rows.isEmpty else { throw Failure.nothingSelected(notFound) }
        let client = UUID()
        let selection =
            rows.count <= Self.mostOpen
            ? try await selections.activate(rows, client: client) : try await selections.fix(rows, client: client)
        if let query = content.query {
            try await selections.remember(
                client: client, ClientRecord(query: query, maxrec: content.maxrec ?? queries.settings.hardMAXREC, tables: [], time: Date()))
        }
        return Made(selection: selection, client: client, notFound: notFound)
    }

    private var tooMany: Failure {
        Failure(
            status: .contentTooLarge,
            message: "UsageFault: more rows were asked for than the \(limit) that a selection may hold; ask for them in parts")
    }

    // MARK: - Where rows come from

    private func ofQuery(_ query: String, uploads: [UploadedTable], maxrec: Int?) async throws -> Content {
        let rows = min(maxrec ?? queries.settings.defaultMAXREC, queries.settings.hardMAXREC)
        let identifiers = try await untilHangUp { [queries, limit] in
            try await queries.rowIdentifiers(
                of: query, uploads: uploads, maxrec: rows, limit: limit + 1, costLimit: queries.settings.syncCostLimit)
        }
        return Content(identifiers: identifiers, query: query, maxrec: rows)
    }

    /// The rows of a result that lies on disk; where its format can't be read here, its query runs again.
    private func ofJob(_ id: String, by client: JobClient) async throws -> Content {
        let job = try await jobs.job(id, for: client)
        _ = try jobs.resultPath(of: job)
        let asked = try QueryRequest(TAP.Parameters(job.parameters.map { ($0.name, $0.value) }))
        guard asked.format.isReadable else {
            return try await ofQuery(asked.query, uploads: try jobs.kept(with: job)?.uploads ?? [], maxrec: asked.maxrec)
        }
        guard job.progress.rows <= limit else { throw tooMany }
        let incoming = uploads.newRequest()
        let intake = incoming.intake(isLasting: false)
        async let feeding: Void = feed(job, into: intake)
        let received = try await incoming.receive(
            ["result,param:result"], parts: [UploadPart(name: "result", intake: intake)], isLasting: false)
        let tables = uploads.lease(received)
        defer { withExtendedLifetime(tables) {} }
        _ = await feeding
        var content = try await ofTables(tables.tables)
        content.query = asked.query
        content.maxrec = job.progress.rows
        return content
    }

    private func feed(_ job: Job, into intake: UploadIntake) async {
        do {
            try await jobs.readResult(of: job) { await intake.write($0) }
            intake.end()
        } catch {
            intake.abandon()
        }
    }

    /// All texts of the tables that name rows: identifiers, and the addresses of link tables.
    private func ofTables(_ tables: [UploadedTable]) async throws -> Content {
        var content = Content()
        for table in tables {
            let texts = table.columns.indices.filter { table.columns[$0].type.isText }
            let cells = try await uploads.read(table, limit: limit + 1) { [naming = finder.naming] rows, row -> [RowIdentifier] in
                texts.compactMap { column in
                    guard let text = rows.string(row, column) else { return nil }
                    return naming(LinkAddresses.identifier(inAccessURL: text) ?? text)
                }
            }
            guard cells.contains(where: { !$0.isEmpty }) else { throw Failure.noIdentifiers(in: table.name) }
            content.identifiers += cells.joined()
            content.unreadable += cells.count { $0.isEmpty }
        }
        return content
    }

    /// A table may come without UPLOAD, which would only name it.
    private static func unnamed(_ parts: [UploadPart], in parameters: TAP.Parameters) -> [String] {
        let named = Set(parameters.all("UPLOAD").flatMap { UploadRequest.parts(namedIn: $0) })
        let rest = parts.map(\.name).filter { !named.contains($0) }
        return rest.enumerated().map { "ids\($0.offset + 1),param:\($0.element)" }
    }
}

extension TAP.Parameters {
    /// LANG may be left out where the query is ADQL anyway.
    fileprivate func withLanguage() -> TAP.Parameters {
        all("LANG").isEmpty ? TAP.Parameters(pairs.map { ($0.name, $0.value) } + [("LANG", "ADQL")]) : self
    }
}

extension ResultFormat {
    /// Whether tables in this format are taken as uploads.
    fileprivate var isReadable: Bool {
        switch kind {
        case .binary2, .binary, .tableData, .csv, .tsv, .fits: true
        case .json, .parquet, .text, .html: false
        }
    }
}

extension ValueType {
    fileprivate var isText: Bool {
        switch self {
        case .char, .varchar: true
        default: false
        }
    }
}

extension Failure {
    fileprivate static func nothingSelected(_ notFound: Int) -> Self {
        Self(
            status: .notFound,
            message: notFound == 0
                ? "NotFoundFault: the request stands for no rows, and an empty selection is of no use"
                : "NotFoundFault: none of the \(notFound) identifiers names a row of this archive")
    }

    fileprivate static func noIdentifiers(in table: String) -> Self {
        Self(
            status: .badRequest,
            message:
                "UsageFault: the table \"\(table.prefix(80))\" has no column that names rows of this archive; select id or access_url, or send a table with such a column"
        )
    }
}
