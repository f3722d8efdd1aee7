import HTTPTypes
import Hummingbird

/// Lets web pages of other hosts use the archive: all that is here is public, and no cookie says who asks (Fetch §3.2, "CORS").
struct BrowserAccess: RouterMiddleware {
    typealias Context = ArchiveContext

    private static let methods = "GET, HEAD, POST, DELETE, OPTIONS"
    /// What a page's script may send beyond what needs no permission.
    private static let sent =
        "Accept, Content-Type, Range, If-Match, If-None-Match, If-Range, Want-Digest, Want-Repr-Digest, Want-Content-Digest"
    /// What it may read.
    private static let read =
        "Location, ETag, Retry-After, Allow, Content-Disposition, Content-Length, Content-Range, Accept-Ranges, Repr-Digest, Content-Digest, Digest"

    func handle(_ request: Request, context: ArchiveContext, next: (Request, ArchiveContext) async throws -> Response) async throws
        -> Response
    {
        guard request.headers.contains(.origin) else { return try await next(request, context) }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            // A page must be able to read why it failed, too.
            response = try error.response(from: request, context: context)
        }
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = Self.read
        if request.method == .options {
            response.headers[.accessControlAllowMethods] = Self.methods
            response.headers[.accessControlAllowHeaders] = Self.sent
            response.headers[.accessControlMaxAge] = "86400"
        }
        return response
    }
}
