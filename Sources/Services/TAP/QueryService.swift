import ADQL
import Formats
package import Foundation
package import Logging
package import Names
package import Postgres
import SQL
package import TAPSchema
package import TableModel
package import Uploads
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
        /// Tables that came with the query, to be kept as long as it.
        package var uploads: [UploadedTable]
    }

    /// What other rooms add to results; put together where the house is assembled.
    package struct Companions: Sendable {
        /// Keeps a query whose result carries links, and takes its time only for tables that came along. A failure is the keeper's own matter:
        /// the result comes all the same.
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
    private let known = KnownQueries()

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
    /// A query that is known, and known to be small, runs where its caller does, and is one round trip to PostgreSQL; any other runs on the
    /// threads for results.
    /// - Throws: ``TAPError``; `CancellationError` when the client has gone.
    package func run(_ request: QueryRequest) async throws -> RunningQuery {
        let archive = catalogue.current
        let limit = RowLimit(asked: request.maxrec, settings)
        let asked = request.uploads.isEmpty ? QueryShape(request.query).map { Asked($0, request, limit) } : nil
        if let asked, let known = known.query(asked.key, asked.shape, generation: archive.generation), known.isSmall,
            let running = try await run(request, as: known, asked, limit)
        {
            return running
        }
        return try await withTaskExecutorPreference(copies.executor) { try await run(request, asked, limit) }
    }

    /// A query and what it would be known by.
    private struct Asked {
        var shape: QueryShape
        var key: KnownQueries.Key

        init(_ shape: QueryShape, _ request: QueryRequest, _ limit: RowLimit) {
            self.shape = shape
            key = KnownQueries.Key(skeleton: shape.skeleton, version: request.version, limit: limit.rows)
        }
    }

    /// The way of a query that has not come before, or that has many rows.
    private func run(_ request: QueryRequest, _ asked: Asked?, _ limit: RowLimit) async throws -> RunningQuery {
        let generation = catalogue.current.generation
        let resolved = try await resolve(request.query, as: request.version, uploads: request.uploads)
        let client = UUID.fresh
        let form = accessURLForm(for: client)
        let fields = fields(of: resolved)
        let document = document(for: resolved, fields, query: request.query, client: client, isRepeatable: request.uploads.isEmpty)
        let encoder: any ResultEncoder
        do throws(FormatError) { encoder = try request.format.encoder(for: document, accessURL: form) } catch { throw TAPError(error) }
        let sql = sql(for: resolved, form: form, limit: limit.rows == 0 ? 0 : limit.rows + 1)
        let estimate = try await check(resolved, sql, against: request.costLimit)
        let suspects = Suspects(in: resolved, of: request.query)
        let rows = try await open(sql, suspects)
        await remember(request, resolved, client, limit)
        let running = RunningQuery(
            rows: rows, encoder: encoder, format: request.format, fileName: fileName(for: resolved, request.format), limit: limit,
            executor: copies.executor,
            explain: { [timeLimit = settings.timeLimit] in TAPError($0, timeLimit: timeLimit, suspects: suspects) }, logger: logger)
        // One that was refused for its cost with other keys would have to be asked about each time.
        if let asked, request.costLimit == nil || !(estimate.map { $0.cost * 10 > request.costLimit ?? .infinity } ?? false) {
            running.known = learn(resolved, fields, asked, limit, generation: generation)
        }
        try await running.prepare()
        return running
    }

    /// The way of a query that has come before, with other keys perhaps: nothing of it is read but the keys.
    ///
    /// - Returns: nil when it did not work, for whichever reason; the long way then tells it.
    private func run(_ request: QueryRequest, as known: KnownQuery, _ asked: Asked, _ limit: RowLimit) async throws -> RunningQuery? {
        guard let values = known.values(asked.shape) else { return nil }
        let client = UUID.fresh
        let form = accessURLForm(for: client)
        var document = document(
            for: known.resolved, known.fields, query: request.query, client: client,
            withServices: !request.format.hasFrames)
        document.frame = KnownFrame(known.frames, query: request.query, client: client.text)
        let encoder: any ResultEncoder
        do throws(FormatError) { encoder = try request.format.encoder(for: document, accessURL: form) } catch { throw TAPError(error) }
        let start = ContinuousClock.now
        let rows: PreparedRows
        do {
            rows = try await copies.open(known.statement, values, patience: request.isThreadPatient ? known.patience : 0)
        } catch let error as PostgresError {
            // Who has waited in line for a connection is not sent to its end again.
            let hasWaited = error.sqlstate == "53300" && ContinuousClock.now - start > .seconds(3)
            if error.isCancellation || hasWaited { throw explained(error, request) }
            // Neither too few connections nor a broken one say anything of the statement.
            if error.sqlstate != "53300", !error.isConnectionFailure { known.noteFailure() }
            return nil
        }
        known.note(wait: ContinuousClock.now - start)
        await remember(request, known.resolved, client, limit)
        let running = RunningQuery(
            rows: rows, encoder: encoder, format: request.format, fileName: fileName(for: known.resolved, request.format), limit: limit,
            executor: copies.executor, explain: { [self] in explained($0, request) }, logger: logger)
        running.known = known
        try await running.prepare()
        return running
    }

    /// An error in words for the user. The query is read again for it, since its text is not the one that is known.
    private func explained(_ error: PostgresError, _ request: QueryRequest) -> TAPError {
        let query = try? Query.parse(request.query, as: request.version)
        let resolved = query.flatMap { try? Resolver(catalogue: catalogue.current.catalogue, functions: functions).resolve($0) }
        return TAPError(error, timeLimit: settings.timeLimit, suspects: resolved.map { Suspects(in: $0, of: request.query) })
    }

    /// Keeps what became of a query for those of its shape that follow.
    ///
    /// - Returns: nil where its statement is good for this one request only.
    private func learn(
        _ resolved: ResolvedQuery, _ fields: [Field], _ asked: Asked, _ limit: RowLimit, generation: Int64
    ) -> KnownQuery? {
        guard resolved.warnings.isEmpty, limit.rows > 0 else { return nil }
        if let known = known.query(asked.key, asked.shape, generation: generation) { return known }
        let places = asked.shape.places
        let keys = resolved.keyLiterals.compactMap { literal in
            places.firstIndex { $0.lowerBound == literal.start && $0.upperBound == literal.end }.flatMap { index in
                asked.shape.isText(index) == (literal.kind == .text) ? (index: index, literal: literal) : nil
            }
        }
        // The client's name may stand in the statement, where an access_url is worked with as a text.
        let form = AccessURLForm(prefix: "\(settings.baseURL)/datalink?id=", suffix: UUID().uuidString)
        let sql = SQLWriter(
            .init(
                accessURLPrefix: form.prefix, accessURLSuffix: form.suffix, limit: limit.rows + 1, parameters: keys.map(\.literal))
        ).sql(for: resolved).text
        guard !sql.withCString({ sql in form.suffix.withCString { strstr(sql, $0) != nil } }) else { return nil }
        let statement = PreparedStatement(sql, keys.map { $0.literal.kind == .integer ? .int8 : .asLiteral })
        let client = UUID.fresh
        let marks = VOTableFrame.Marks(query: UUID.fresh.uuidString, client: client.text)
        let frames = ResultFrames(marks: marks) { [self] in document(for: resolved, fields, query: marks.query, client: client) }
        let query = KnownQuery(
            resolved, fields: fields, frames: frames, statement: statement, parameters: keys.map(\.index), kinds: keys.map(\.literal.kind))
        known.add(query, asked.key, asked.shape, generation: generation)
        return query
    }

    private func remember(_ request: QueryRequest, _ resolved: ResolvedQuery, _ client: UUID, _ limit: RowLimit) async {
        guard !resolved.rowColumns.isEmpty else { return }
        await companions.remember(
            Linked(
                client: client, query: request.query, maxrec: limit.rows, tables: resolved.tables.map { "\($0.schema).\($0.name)" },
                uploads: request.uploads))
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
    ///   - uploads: the tables that came with it.
    ///   - maxrec: rows of the result that count; the client saw no more.
    ///   - limit: rows of tables with data at which to stop.
    ///   - costLimit: the planner's cost above which it is refused, for a query that has not been accepted before.
    /// - Throws: ``TAPError``, also when the result names none.
    package func rowIdentifiers(
        of query: String, uploads: [UploadedTable] = [], maxrec: Int, limit: Int, costLimit: Double? = nil
    ) async throws -> [RowIdentifier] {
        // It was accepted once, in whichever version: 2.0 allows names that 2.1 reserves, and reads all else alike.
        let resolved = try await resolve(query, as: .adql20, uploads: uploads)
        guard !resolved.rowColumns.isEmpty else { throw TAPError.noIdentifier }
        let suspects = Suspects(in: resolved, of: query)
        let sql = sql(for: resolved, form: accessURLForm(for: UUID()), limit: min(maxrec, settings.hardMAXREC))
        try await check(resolved, sql, against: costLimit)
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

    /// - Returns: what the planner expects, where it was asked.
    /// - Throws: ``TAPError`` when that is more than the limit.
    @discardableResult
    private func check(_ query: ResolvedQuery, _ sql: SQL.SQLText, against costLimit: Double?) async throws(TAPError) -> PlanEstimate? {
        guard let costLimit, query.mayCost(costLimit), let estimate = await inspector.estimate(sql) else { return nil }
        guard estimate.cost <= costLimit else {
            throw TAPError.tooCostly(estimate, limit: costLimit, jobs: "\(settings.baseURL)/tap/async")
        }
        return estimate
    }

    private func sql(for query: ResolvedQuery, form: AccessURLForm, limit: Int) -> SQL.SQLText {
        SQLWriter(.init(accessURLPrefix: form.prefix, accessURLSuffix: form.suffix, limit: limit)).sql(for: query)
    }

    private func open(_ sql: SQL.SQLText, _ suspects: Suspects) async throws -> CopyOut {
        // Connections that have lain idle may break in the moment of their use, and the next one too. One that breaks later may have broken by
        // what this query asks for, which is not to be asked twice.
        var attempts = 3
        while true {
            let start = ContinuousClock.now
            do {
                return try await withTaskExecutorPreference(copies.executor) {
                    try await copies.open(sql.copyingOut.text)
                }
            } catch let error as PostgresError {
                attempts -= 1
                if error.isConnectionFailure, attempts > 0, ContinuousClock.now - start < .milliseconds(100) { continue }
                throw TAPError(error, timeLimit: settings.timeLimit, suspects: suspects)
            }
        }
    }

    private func fields(of query: ResolvedQuery) -> [Field] {
        let rowColumns = query.rowColumns
        return query.columns.enumerated().map { index, column in
            Field(column, id: rowColumns.contains { $0.index == index } ? "row_\(index + 1)" : nil)
        }
    }

    /// - Parameter withServices: false where they are known to stand in the document's frame.
    private func document(
        for query: ResolvedQuery, _ fields: [Field], query text: String, client: UUID, isRepeatable: Bool = true, withServices: Bool = true
    ) -> ResultDocument {
        let rowColumns = query.rowColumns
        var infos = [Info("standardID", "ivo://ivoa.net/std/TAP"), Info("server_software", Software.nameAndVersion), Info("QUERY", text)]
        let holdings = catalogue.current.holdings
        for credit in Set(query.tags.compactMap { holdings[$0]?.credit }).sorted() { infos.append(Info("credit", credit)) }
        infos += query.warnings.map { Info("warning", $0) }
        return ResultDocument(
            fields: fields, infos: infos,
            services: rowColumns.isEmpty || !withServices ? [] : companions.services(fields, rowColumns, client),
            surroundings: .init(
                home: "\(settings.baseURL)/", client: rowColumns.isEmpty ? nil : client.text, isRepeatable: isRepeatable))
    }

    private func accessURLForm(for client: UUID) -> AccessURLForm {
        AccessURLForm(prefix: "\(settings.baseURL)/datalink?id=", suffix: "&clientId=\(client.text)")
    }
}

extension UUID {
    fileprivate var text: String { uuidString.lowercased() }

    /// A new one of version 4. Foundation's own opens one of the system's files each time.
    fileprivate static var fresh: UUID {
        var random = SystemRandomNumberGenerator()
        let high: UInt64 = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low: UInt64 = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
