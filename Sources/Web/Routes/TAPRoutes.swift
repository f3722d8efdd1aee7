import Hummingbird
import TAP

/// The TAP service's queries now: `/tap/sync` (TAP 1.1 §2). Those of `/tap/async` are ``JobRoutes``'s.
struct TAPRoutes: Sendable {
    let queries: QueryService
    let visitors: Visitors

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("sync", use: sync)
        router.post("sync", use: sync)
    }

    /// A query now. The answer starts when its first row is there, so that what fails at once has its own status.
    @Sendable private func sync(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        var query = try QueryRequest(await request.parameters())
        query.costLimit = queries.settings.syncCostLimit
        let token = try await visitors.enter(request, context)
        let running = try await request.awaiting { [queries, query] in try await queries.run(query) }
        return Response(streaming: running, while: token)
    }
}
