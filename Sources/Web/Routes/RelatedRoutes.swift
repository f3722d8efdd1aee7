import Compression
import DataLink
import Formats
import HTTPTypes
import Hummingbird
import Postgres
import TAP
import TAPSchema
import TableModel
import Uploads

/// Rows of another table that belong to the marked ones, as a result with links of its own: `/datalink/related`.
struct RelatedRoutes: Sendable {
    let finder: RowFinder
    let queries: QueryService
    let uploads: UploadDesk
    let catalogue: LiveCatalogue
    let database: PostgresPool
    let visitors: Visitors
    let compression: CompressionPolicy

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(use: related)
        router.post(use: related)
    }

    @Sendable private func related(request: Request, context: ArchiveContext) async throws -> Response {
        let token = try await visitors.enter(request, context)
        var request = request
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        guard let name = try parameters.single("relation") else {
            throw Failure(status: .badRequest, message: "UsageFault: the parameter relation is missing")
        }
        let format: ResultFormat
        do { format = try ResultFormat.asked(try parameters.single("RESPONSEFORMAT")) } catch {
            throw Failure(status: .badRequest, message: "UsageFault: \(error)")
        }
        let steps = try steps(name, from: try await finder.rows(parameters).identifiers)
        let (running, lease) = try await untilHangUp { [queries, uploads] in
            let (query, tables) = try await query(for: steps)
            let lease = uploads.lease(tables)
            var request = QueryRequest(query: query, format: format)
            request.uploads = tables
            return (try await queries.run(request), lease)
        }
        return Response(streaming: running, for: request, compression: compression, while: token, keeping: lease)
    }

    /// From rows of one table to those of another.
    private struct Step: Sendable {
        var dataset: Dataset
        var relation: Dataset.Relation
        var target: Dataset
        /// The marked rows of the first table.
        var keys: [Int64]
    }

    private func steps(_ name: String, from identifiers: [RowIdentifier]) throws -> [Step] {
        let holdings = catalogue.current.holdings
        let steps = Dictionary(grouping: identifiers, by: \.tag).compactMap { tag, rows -> Step? in
            guard let dataset = holdings[tag], let relation = dataset.relation(named: name), let target = holdings[relation.target] else {
                return nil
            }
            return Step(dataset: dataset, relation: relation, target: target, keys: rows.map(\.key))
        }
        guard let first = steps.first else {
            throw Failure(status: .badRequest, message: "UsageFault: the rows asked for have no relation \"\(name.prefix(80))\"")
        }
        guard steps.allSatisfy({ $0.target.tag == first.target.tag }) else {
            let tables = Set(steps.map { $0.dataset.fullName }).sorted().joined(separator: " and ")
            throw Failure(
                status: .badRequest,
                message:
                    "UsageFault: \"\(name.prefix(80))\" leads from \(tables) to different tables; ask for the rows of one table at a time")
        }
        return steps
    }

    /// Keys that stand in the query's text: reading them takes less time than making a table.
    private static let keysInText = 1000

    /// An ADQL query like any other, so that its result is one too: its links lead on, however far.
    ///
    /// COPY takes no parameters. So few keys stand in the query, and many in a table beside it, which is kept with the query like one that
    /// was uploaded.
    private func query(for steps: [Step]) async throws -> (String, [UploadedTable]) {
        guard let target = steps.first?.target else { return ("", []) }
        let table = "\(Identifier.adql(target.schema)).\(Identifier.adql(target.table))"
        let key = Identifier.adql(target.keyColumn)
        if steps.reduce(0, { $0 + $1.keys.count }) <= Self.keysInText {
            let keys = try await database.withSession { session in
                try steps.flatMap {
                    try $0.dataset.related($0.relation, to: $0.keys, limit: Self.keysInText + 1, on: session).values.joined()
                }
            }
            let list = Set(keys).sorted()
            if list.isEmpty { return ("SELECT * FROM \(table) WHERE 1 = 0", []) }
            if list.count <= Self.keysInText {
                let text = list.map(String.init).joined(separator: ",")
                return ("SELECT * FROM \(table) WHERE \(key) IN (\(text)) ORDER BY \(key)", [])
            }
        }
        let related = try await uploads.make(
            "related", columns: [Column("related_key", .bigint)],
            of: steps.map { .init($0.dataset.relatedKeysSQL($0.relation), [.intArray($0.keys)]) })
        return ("SELECT * FROM \(table) WHERE \(key) IN (SELECT related_key FROM TAP_UPLOAD.related) ORDER BY \(key)", [related])
    }
}
