import Compression
import Foundation
import Hummingbird
import TAP
import TAPSchema
import TableModel

/// The TAP service: `/tap/sync` and the VOSI documents beside it (TAP 1.1 §2).
struct TAPRoutes: Sendable {
    let queries: QueryService
    let catalogue: LiveCatalogue
    let availability: @Sendable () async -> Availability
    let compression: CompressionPolicy

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("sync", use: sync)
        router.post("sync", use: sync)
        router.on("sync", method: .head, use: syncHead)
        router.document("capabilities") { _, _ in
            Response(xml: Capabilities.document(settings: queries.settings, functions: queries.functions))
        }
        router.document("availability") { _, _ in
            Response(xml: await availability().document)
        }
        router.document("tables", use: tables)
        router.document("tables/:name", use: table)
    }

    // MARK: - Queries

    /// A query now. The answer starts when its first row is there, so that what fails at once has its own status.
    @Sendable private func sync(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let query = try QueryRequest(await request.parameters(), accept: request.headers[.accept])
        let running = try await request.awaiting { [queries] in try await queries.run(query) }
        return Response(streaming: running, for: request, compression: compression)
    }

    /// The head of a query's answer: the query is checked and planned, but asked for no rows.
    @Sendable private func syncHead(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        var query = try QueryRequest(await request.parameters(), accept: request.headers[.accept])
        query.maxrec = 0
        let running = try await queries.run(query)
        var response = Response(streaming: running, for: request, compression: compression)
        // The length of the answer is not known, and chunks without a body have no end: the connection is the end.
        response.headers[.connection] = "close"
        response.body = ResponseBody { _ in throw CancellationError() }
        return response
    }

    // MARK: - VOSI

    @Sendable private func tables(request: Request, context: ArchiveContext) async throws -> Response {
        let detail = request.uri.queryParameters["detail"].map { String($0).lowercased() }
        guard let detail = TableSet.Detail(rawValue: detail ?? "max") else {
            throw Failure.badForm("detail can be min or max")
        }
        return Response(xml: TableSet.document(catalogue.current.catalogue, detail: detail))
    }

    @Sendable private func table(request: Request, context: ArchiveContext) async throws -> Response {
        let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
        guard let table = catalogue.current.catalogue.tables.first(where: { $0.adqlName.lowercased() == name.lowercased() }) else {
            throw Failure.notFound("there is no table \"\(name)\"; /tap/tables lists them all")
        }
        return Response(xml: TableSet.document(table))
    }
}
