import Compression
import Hummingbird
import TAP
import Uploads

/// The TAP service's queries now: `/tap/sync` (TAP 1.1 §2). Those of `/tap/async` are ``JobRoutes``'s.
struct TAPRoutes: Sendable {
    let queries: QueryService
    let uploads: UploadDesk
    let visitors: Visitors
    let compression: CompressionPolicy

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("sync", use: sync)
        router.post("sync", use: sync)
        router.on("sync", method: .head, use: syncHead)
    }

    /// A query now. The answer starts when its first row is there, so that what fails at once has its own status.
    @Sendable private func sync(request: Request, context: ArchiveContext) async throws -> Response {
        // Before the body is read: a client without a share need not send its tables.
        let token = try await visitors.enter(request, context)
        // What is read in a moment is answered on the connection's event loop.
        if request.isShort { return try await answer(request, token, on: HangUp.current?.executor) }
        return try await aside { try await answer(request, token, on: nil) }
    }

    private func answer(_ request: Request, _ token: ClientLimit.Token, on executor: LoopExecutor?) async throws -> Response {
        var request = request
        let tables = uploads.newRequest()
        let (parameters, parts) = try await request.parameters(uploads: tables, isLasting: false)
        var query: QueryRequest
        do {
            query = try QueryRequest(parameters, accept: request.headers[.accept])
        } catch {
            await tables.clear(parts)
            throw error
        }
        query.costLimit = queries.settings.syncCostLimit
        query.isThreadPatient = executor != nil
        let names = parameters.all("UPLOAD")
        let (running, whole, lease) = try await untilHangUp(on: executor) { [queries, uploads, query] in
            let lease = uploads.lease(try await tables.receive(names, parts: parts, isLasting: false))
            var query = query
            query.uploads = lease.tables
            let running = try await queries.run(query)
            return (running, try await running.whole(), lease)
        }
        if let whole { return try await Response.whole(whole.bytes, whole.ending, of: running, for: request, compression: compression) }
        return Response(streaming: running, for: request, compression: compression, while: token, keeping: lease)
    }

    /// The head of a query's answer: the query is checked and planned, but asked for no rows.
    @Sendable private func syncHead(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        var query = try QueryRequest(await request.parameters(), accept: request.headers[.accept])
        query.maxrec = 0
        let token = try await visitors.enter(request, context)
        let running = try await queries.run(query)
        var response = Response(streaming: running, for: request, compression: compression, while: token)
        // The length of the answer is not known, and chunks without a body have no end: the connection is the end.
        response.headers[.connection] = "close"
        response.body = ResponseBody { _ in throw CancellationError() }
        return response
    }
}

extension Request {
    /// Whether its parameters are a few, in the URL or a small form.
    fileprivate var isShort: Bool {
        guard uri.string.utf8.count <= Self.shortBytes else { return false }
        guard method == .post else { return true }
        guard let length = headers[.contentLength].flatMap({ Int($0) }), length <= Self.shortBytes else { return false }
        return headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? true
    }

    private static let shortBytes = 16 * 1024
}
