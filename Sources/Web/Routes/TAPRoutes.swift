import Hummingbird
import TAP
import Uploads

/// The TAP service's queries now: `/tap/sync` (TAP 1.1 §2). Those of `/tap/async` are ``JobRoutes``'s.
struct TAPRoutes: Sendable {
    let queries: QueryService
    let uploads: UploadDesk
    let visitors: Visitors

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("sync", use: sync)
        router.post("sync", use: sync)
    }

    /// A query now. The answer starts when its first row is there, so that what fails at once has its own status.
    @Sendable private func sync(request: Request, context: ArchiveContext) async throws -> Response {
        // Before the body is read: a client without a share need not send its tables.
        let token = try await visitors.enter(request, context)
        var request = request
        let tables = uploads.newRequest()
        let (parameters, parts) = try await request.parameters(uploads: tables, isLasting: false)
        let query: QueryRequest
        do {
            query = try QueryRequest(parameters)
        } catch {
            await tables.clear(parts)
            throw error
        }
        let names = parameters.all("UPLOAD")
        let (running, lease) = try await request.awaiting { [queries, uploads] in
            let lease = uploads.lease(try await tables.receive(names, parts: parts, isLasting: false))
            var query = query
            query.costLimit = queries.settings.syncCostLimit
            query.uploads = lease.tables
            return (try await queries.run(query), lease)
        }
        return Response(streaming: running, while: token, keeping: lease)
    }
}
