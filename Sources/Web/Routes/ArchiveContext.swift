package import Hummingbird

/// What a request carries through the routes.
package struct ArchiveContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Where the request came from: an IP address, or nothing that tells.
    package let address: String

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}

extension RouterMethods where Context == ArchiveContext {
    /// A document that GET hands out whole, and HEAD without its bytes.
    func document(_ path: RouterPath, use handler: @escaping @Sendable (Request, ArchiveContext) async throws -> Response) {
        get(path, use: handler)
        on(path, method: .head) { request, context in
            var response = try await handler(request, context)
            if let length = response.body.contentLength { response.headers[.contentLength] = String(length) }
            response.body = ResponseBody()
            return response
        }
    }
}

/// Gives every error of the rooms below its place in the one table of failures.
struct FailureMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            throw Failure.from(error, logger: context.logger)
        }
    }
}
