import ADQL
import Formats
package import Foundation
package import Logging
package import Names
package import Postgres
import SQL
package import TAPSchema
package import TableModel
import Uploads
package import VOTable

/// From an ADQL text to the bytes of its result.
///
/// The way: parse, give names their columns, write SQL, open the COPY, and wait for its first row; whatever is refused up to there is a
/// ``TAPError``. The rest is ``RunningQuery``'s.
package final class QueryService: Sendable {
    package struct Settings: Sendable {
        /// The archive's own address, without a slash at the end, as in `https://archive.example.org`.
        package var baseURL: String
        /// Rows of a result when the client gives no MAXREC.
        package var defaultMAXREC: Int
        /// Rows of a result whatever the client gives.
        package var hardMAXREC: Int
        /// How long a query may run; the connections of the pool enforce it.
        package var timeLimit: Duration
        /// What the planner may expect of a query that is answered at once; nil where it may be anything.
        package var syncCostLimit: Double?

        package init(baseURL: String, defaultMAXREC: Int, hardMAXREC: Int, timeLimit: Duration, syncCostLimit: Double? = nil) {
            self.baseURL = baseURL
            self.defaultMAXREC = min(defaultMAXREC, hardMAXREC)
            self.hardMAXREC = hardMAXREC
            self.timeLimit = timeLimit
            self.syncCostLimit = syncCostLimit
        }
    }

    /// A query whose result carries links: what the client's cache keeps.
    package struct Linked: Sendable {
        /// Names whoever follows the links of this result.
        package var client: UUID
        package var query: String
        /// Rows that the result holds at most.
        package var maxrec: Int
        /// Published names, as in `gaia.completesource`.
        package var tables: [String]
    }

    /// What other rooms add to results; put together where the house is assembled.
    package struct Companions: Sendable {
        /// Keeps a query whose result carries links. A failure is the keeper's own matter: the result comes all the same.
        package var remember: @Sendable (Linked) async -> Void
        /// Services around the rows of a result: (fields, which of them name rows, client).
        package var services: @Sendable ([Field], [ResolvedQuery.RowColumn], UUID) -> [ServiceDescriptor]

        package init(
            remember: @escaping @Sendable (Linked) async -> Void,
            services: @escaping @Sendable ([Field], [ResolvedQuery.RowColumn], UUID) -> [ServiceDescriptor]
        ) {
            self.remember = remember
            self.services = services
        }
    }

    package let settings: Settings
    package let functions: FunctionList
    private let catalogue: LiveCatalogue
    private let copies: CopyPool
    private let inspector: QueryInspector
    private let companions: Companions
    private let logger: Logger

    package init(
        settings: Settings, functions: FunctionList, catalogue: LiveCatalogue, copies: CopyPool, inspector: QueryInspector,
        companions: Companions, logger: Logger = Logger(label: "almagest.tap")
    ) {
        self.settings = settings
        self.functions = functions
        self.catalogue = catalogue
        self.copies = copies
        self.inspector = inspector
        self.companions = companions
        self.logger = logger
    }

    /// Starts a query and waits for its first row.
    ///
    /// - Throws: ``TAPError``; `CancellationError` when the client has gone.
    package func run(_ request: QueryRequest) async throws -> RunningQuery {
        let resolved = try await resolve(request.query, as: request.version, uploads: request.uploads)
        let client = UUID()
        let form = accessURLForm(for: client)
        let limit = RowLimit(asked: request.maxrec, settings)
        let document = document(for: resolved, query: request.query, client: client, isRepeatable: request.uploads.isEmpty)
        let encoder: any ResultEncoder
        do throws(FormatError) { encoder = try request.format.encoder(for: document, accessURL: form) } catch { throw TAPError(error) }
        let sql = sql(for: resolved, form: form, limit: limit.rows == 0 ? 0 : limit.rows + 1)
        if let costLimit = request.costLimit, resolved.mayCost(costLimit), let estimate = await inspector.estimate(sql),
            estimate.cost > costLimit
        {
            throw TAPError.tooCostly(estimate, limit: costLimit, jobs: "\(settings.baseURL)/tap/async")
        }
        let suspects = Suspects(in: resolved, of: request.query)
        let rows = try await open(sql, suspects)
        if !resolved.rowColumns.isEmpty {
            await companions.remember(
                Linked(client: client, query: request.query, maxrec: limit.rows, tables: resolved.tables.map { "\($0.schema).\($0.name)" }))
        }
        let running = RunningQuery(
            rows: rows, encoder: encoder, format: request.format, fileName: fileName(for: resolved, request.format), limit: limit,
            executor: copies.executor,
            explain: { [timeLimit = settings.timeLimit] in TAPError($0, timeLimit: timeLimit, suspects: suspects) }, logger: logger)
        try await running.prepare()
        return running
    }

    /// The tables' names, so that files of several queries can be told apart.
    private func fileName(for query: ResolvedQuery, _ format: ResultFormat) -> String {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_-"
        let names = query.tables.prefix(3).map { table in table.name.lowercased().filter { letters.contains($0) } }.filter { !$0.isEmpty }
        return (names.isEmpty ? "result" : names.joined(separator: "_")) + ".\(format.fileExtension)"
    }

    /// The rows of tables with data that a query's result names, each once, in the order of the result.
    ///
    /// - Parameters:
    ///   - maxrec: rows of the result that count; the client saw no more.
    ///   - limit: rows of tables with data at which to stop.
    /// - Throws: ``TAPError``, also when the result names none.
    package func rowIdentifiers(of query: String, maxrec: Int, limit: Int) async throws -> [RowIdentifier] {
        // It was accepted once, in whichever version: 2.0 allows names that 2.1 reserves, and reads all else alike.
        let resolved = try await resolve(query, as: .adql20, uploads: [])
        guard !resolved.rowColumns.isEmpty else { throw TAPError.noIdentifier }
        let suspects = Suspects(in: resolved, of: query)
        let sql = sql(for: resolved, form: accessURLForm(for: UUID()), limit: min(maxrec, settings.hardMAXREC))
        let rows = try await open(sql, suspects)
        var collected = KeyCollector(columns: resolved.columns.count, places: resolved.rowColumns.map { ($0.index, $0.tag) })
        do {
            try await withTaskExecutorPreference(copies.executor) {
                while try await rows.nextBatch({ row in
                    try collected.append(row: row)
                    return collected.identifiers.count < limit
                }) {
                    if collected.identifiers.count >= limit { break }
                }
            }
        } catch let error as PostgresError {
            throw TAPError(error, timeLimit: settings.timeLimit, suspects: suspects)
        }
        return collected.identifiers
    }

    // MARK: - The stages

    private func resolve(_ text: String, as version: ADQLVersion, uploads: [UploadedTable]) async throws(TAPError) -> ResolvedQuery {
        let query: Query
        do { query = try Query.parse(text, as: version) } catch { throw TAPError(error) }
        let archive = catalogue.current
        do {
            return try Resolver(catalogue: archive.catalogue.adding(uploads), functions: functions).resolve(query)
        } catch {
            // What is unknown may have been published a moment ago.
            guard await catalogue.refreshAfterMiss(in: archive.generation) else { throw TAPError(error, query: text) }
        }
        do {
            return try Resolver(catalogue: catalogue.current.catalogue.adding(uploads), functions: functions).resolve(query)
        } catch { throw TAPError(error, query: text) }
    }

    private func sql(for query: ResolvedQuery, form: AccessURLForm, limit: Int) -> SQL.SQLText {
        SQLWriter(.init(accessURLPrefix: form.prefix, accessURLSuffix: form.suffix, limit: limit)).sql(for: query)
    }

    private func open(_ sql: SQL.SQLText, _ suspects: Suspects) async throws -> CopyOut {
        do {
            return try await withTaskExecutorPreference(copies.executor) {
                try await copies.open(sql.copyingOut.text)
            }
        } catch let error as PostgresError {
            throw TAPError(error, timeLimit: settings.timeLimit, suspects: suspects)
        }
    }

    private func document(for query: ResolvedQuery, query text: String, client: UUID, isRepeatable: Bool) -> ResultDocument {
        let rowColumns = query.rowColumns
        let fields = query.columns.enumerated().map { index, column in
            Field(column, id: rowColumns.contains { $0.index == index } ? "row_\(index + 1)" : nil)
        }
        var infos = [Info("standardID", "ivo://ivoa.net/std/TAP"), Info("server_software", Software.nameAndVersion), Info("QUERY", text)]
        let holdings = catalogue.current.holdings
        for credit in Set(query.tags.compactMap { holdings[$0]?.credit }).sorted() { infos.append(Info("credit", credit)) }
        infos += query.warnings.map { Info("warning", $0) }
        return ResultDocument(
            fields: fields, infos: infos, services: rowColumns.isEmpty ? [] : companions.services(fields, rowColumns, client),
            surroundings: .init(
                home: "\(settings.baseURL)/", client: rowColumns.isEmpty ? nil : client.uuidString.lowercased(),
                isRepeatable: isRepeatable))
    }

    private func accessURLForm(for client: UUID) -> AccessURLForm {
        AccessURLForm(prefix: "\(settings.baseURL)/datalink?id=", suffix: "&clientId=\(client.uuidString.lowercased())")
    }
}
