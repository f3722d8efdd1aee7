import Compression
import CutMerge
import DataLink
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Postgres
import TAP
import TAPSchema
import TableModel

/// Links of rows, Cut & Merge, and related rows: `/datalink`, `/datalink/cutmerge`, `/datalink/related` (DataLink 1.1 §2).
struct DataLinkRoutes: Sendable {
    let links: LinkResponder
    let selections: Selections
    let cutMerge: CutMergeService
    let queries: QueryService
    let catalogue: LiveCatalogue
    let database: PostgresPool
    let compression: CompressionPolicy

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(use: linkTable)
        router.on("", method: .head, use: linkTableHead)
        router.post(use: linkTable)
        router.get("cutmerge", use: product)
        router.post("cutmerge", use: product)
        router.on("cutmerge", method: .head, use: product)
        router.get("related", use: related)
        router.post("related", use: related)
    }

    // MARK: - Links

    @Sendable private func linkTable(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let linkRequest = try LinkRequest(parameters: await request.parameters(atMost: Request.mostIdentifiers).pairs)
        let format = linkRequest.format ?? .preferred(accept: request.headers[.accept])
        let table = try await links.links(linkRequest)
        let body: ResponseBody
        switch format {
        case .html: body = ResponseBody(byteBuffer: table.page())
        case .votable:
            body = ResponseBody { writer in
                for buffer in table.votable { try await writer.write(buffer) }
                try await writer.finish(nil)
            }
        }
        return Response(
            status: .ok, headers: [.contentType: format.contentType, .vary: "Accept", .cacheControl: Self.caching(format)], body: body)
    }

    /// A browser shows the answer to a form again on the way back, if it may keep it.
    private static func caching(_ format: LinkFormat) -> String { format == .html ? "no-cache" : "no-store" }

    /// The head of a link table. No row is added to a selection by it.
    @Sendable private func linkTableHead(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let linkRequest = try LinkRequest(parameters: await request.parameters(atMost: Request.mostIdentifiers).pairs)
        let format = linkRequest.format ?? .preferred(accept: request.headers[.accept])
        return Response(status: .ok, headers: [.contentType: format.contentType, .vary: "Accept", .cacheControl: "no-store"])
    }

    // MARK: - Cut & Merge

    /// The product of a selection, of ids in the request, or of the whole result of a client's query.
    @Sendable private func product(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        let marked = try await rows(parameters, closing: request.method != .head)
        let product = try await untilHangUp { [cutMerge] in
            try await cutMerge.product(of: marked.identifiers, unreadable: marked.unreadable, query: marked.query)
        }
        return try await FileResponse(
            path: product.path, size: product.size, checksum: product.checksum, mediaType: "application/x-hdf5", name: product.name,
            lasts: product.isComplete
        ).response(to: request, context: context)
    }

    /// Rows that a request stands for.
    private struct Marked {
        var identifiers: [RowIdentifier]
        /// Ids in the request that are none.
        var unreadable: [String] = []
        /// The query whose result they are from, where it is known.
        var query: String?
    }

    /// - Parameter closing: whether a selection is closed first, because its product is fetched: what is made then is what the link stands for
    ///   from now on, and the next row begins a new one.
    private func rows(_ parameters: TAP.Parameters, closing: Bool = false) async throws -> Marked {
        let client = try uuid("clientId", parameters)
        if let id = try uuid("selection", parameters) {
            if closing { try await selections.close(id) }
            let selection = try await selections.read(id)
            return Marked(identifiers: selection.rows.map(\.identifier), query: await query(of: selection.summary.client ?? client))
        }
        let ids = parameters.all("id").filter { !$0.isEmpty }
        if !ids.isEmpty {
            return Marked(
                identifiers: ids.compactMap { RowIdentifier(uuid: $0) },
                unreadable: ids.filter { RowIdentifier(uuid: $0) == nil }.map { String(decoding: $0.utf8.prefix(200), as: UTF8.self) },
                query: await query(of: client))
        }
        guard let client else {
            throw Failure(
                status: .badRequest, message: "UsageFault: nothing is asked for; name a selection, ids of rows, or the clientId of a result"
            )
        }
        guard let record = try await selections.recall(client: client) else {
            throw Failure(
                status: .notFound, message: "NotFoundFault: the query of this result is no longer kept; run it again and use the new result"
            )
        }
        let identifiers = try await queries.rowIdentifiers(
            of: record.query, maxrec: record.maxrec, limit: cutMerge.settings.objectLimit + 1)
        return Marked(identifiers: identifiers, query: record.query)
    }

    private func query(of client: UUID?) async -> String? {
        guard let client else { return nil }
        return try? await selections.recall(client: client)?.query
    }

    private func uuid(_ name: String, _ parameters: TAP.Parameters) throws -> UUID? {
        guard let text = try parameters.single(name) else { return nil }
        guard let uuid = UUID(uuidString: text) else {
            throw Failure(status: .badRequest, message: "UsageFault: malformed \(name) \"\(text.prefix(80))\"; it is a UUID")
        }
        return uuid
    }

    // MARK: - Related rows

    /// The rows of another table that belong to the marked ones, as a result with links of its own.
    @Sendable private func related(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        let marked = try await rows(parameters)
        guard let name = try parameters.single("relation") else {
            throw Failure(status: .badRequest, message: "UsageFault: the parameter relation is missing")
        }
        let format: ResultFormat
        do { format = try ResultFormat.asked(try parameters.single("RESPONSEFORMAT")) } catch {
            throw Failure(status: .badRequest, message: "UsageFault: \(error)")
        }
        let query = try await relatedQuery(name, to: marked.identifiers)
        let running = try await untilHangUp { [queries] in
            try await queries.run(QueryRequest(query: query, format: format))
        }
        return Response(streaming: running, for: request, compression: compression)
    }

    /// Rows of one answer; their keys stand in the query.
    private static let relatedLimit = 100_000

    /// An ADQL query like any other, so that its result is one too: its links lead on.
    private func relatedQuery(_ name: String, to identifiers: [RowIdentifier]) async throws -> String {
        let archive = catalogue.current
        let byTag = Dictionary(grouping: identifiers, by: \.tag)
        let steps = byTag.compactMap { tag, rows in
            archive.holdings[tag].flatMap { dataset in dataset.relation(named: name).map { (dataset, $0, rows.map(\.key)) } }
        }
        guard let target = steps.first.flatMap({ archive.holdings[$0.1.target] }) else {
            throw Failure(status: .badRequest, message: "UsageFault: the rows asked for have no relation \"\(name.prefix(80))\"")
        }
        let keys = try await database.withSession { session in
            try steps.flatMap { dataset, relation, keys in try dataset.related(relation, to: keys, on: session).values.joined() }
        }
        guard keys.count <= Self.relatedLimit else {
            throw Failure(
                status: .contentTooLarge,
                message:
                    "UsageFault: \(keys.count) rows are related to those, and one answer gives \(Self.relatedLimit); mark fewer rows, or join the tables in a query"
            )
        }
        let table = "\(Identifier.adql(target.schema)).\(Identifier.adql(target.table))"
        let key = Identifier.adql(target.keyColumn)
        let list = Set(keys).sorted().map(String.init).joined(separator: ",")
        return list.isEmpty
            ? "SELECT * FROM \(table) WHERE 1 = 0" : "SELECT * FROM \(table) WHERE \(key) IN (\(list)) ORDER BY \(key)"
    }
}
