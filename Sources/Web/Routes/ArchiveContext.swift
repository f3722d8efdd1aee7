import HTTPTypes
package import Hummingbird
package import NIOCore

/// What a request carries through the routes.
package struct ArchiveContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection; a proxy where one stands in front.
    package var peer: SocketAddress? { channel.remoteAddress }
    /// The connection; what it sends goes out through the response.
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

extension RouterMethods where Context == ArchiveContext {
    /// A document that GET hands out whole, and HEAD without its bytes.
    func document(_ path: RouterPath, use handler: @escaping @Sendable (Request, ArchiveContext) async throws -> Response) {
        get(path, use: handler)
        on(path, method: .head) { request, context in try await handler(request, context).withoutBody }
    }
}

extension Response {
    /// The answer to HEAD: what GET would say, but for the bytes.
    var withoutBody: Response {
        var response = self
        if let length = response.body.contentLength { response.headers[.contentLength] = String(length) }
        response.body = ResponseBody()
        return response
    }
}

/// Gives every error of the rooms below its place in the one table of failures.
struct FailureMiddleware<Context: RequestContext>: RouterMiddleware {
    /// The archive's front page, for pages that tell of failures.
    let home: String

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let named = Failure.from(error, logger: context.logger)
            guard var failure = named as? Failure else { throw named }
            failure.home = home
            throw failure
        }
    }
}
