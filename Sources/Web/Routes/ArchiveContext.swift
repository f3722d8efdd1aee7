package import Hummingbird

/// What a request carries through the routes.
package typealias ArchiveContext = BasicRequestContext

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
