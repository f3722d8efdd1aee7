import Foundation
import Hummingbird
import TAP
import TAPSchema
import TableModel
import Uploads

/// The TAP service: `/tap/sync` and the VOSI documents beside it (TAP 1.1 §2).
struct TAPRoutes: Sendable {
    let queries: QueryService
    let catalogue: LiveCatalogue
    let uploads: UploadDesk
    let availability: @Sendable () async -> Availability

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("sync", use: sync)
        router.post("sync", use: sync)
        router.document("capabilities") { _, _ in
            Response(xml: Capabilities.document(settings: queries.settings, functions: queries.functions, uploads: uploads.limits))
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
        let tables = uploads.newRequest()
        let (parameters, parts) = try await request.parameters(uploads: tables, isLasting: false)
        let query: QueryRequest
        do { query = try QueryRequest(parameters) } catch {
            await tables.clear(parts)
            throw error
        }
        let names = parameters.all("UPLOAD")
        let (running, lease) = try await request.awaiting { [queries, uploads] in
            let lease = uploads.lease(try await tables.receive(names, parts: parts, isLasting: false))
            var query = query
            query.uploads = lease.tables
            return (try await queries.run(query), lease)
        }
        return Response(streaming: running, keeping: lease)
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
