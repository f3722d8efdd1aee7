import HTTPTypes
import Hummingbird
package import TAP

/// Who asks, and how much each may ask at a time.
package struct Visitors: Sendable {
    private let limit: ClientLimit
    private let proxies: TrustedProxies

    package init(limit: ClientLimit, proxies: TrustedProxies) {
        self.limit = limit
        self.proxies = proxies
    }

    /// Queries of one client at a time; nil for any number.
    var queries: Int? { limit.queries }

    /// The client behind a request: an address, not a person.
    func client(of request: Request, _ context: ArchiveContext) -> String {
        let forwarded = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        return proxies.client(peer: context.peer?.ipAddress, forwarded: forwarded)
    }

    /// Lets a client's query in; it counts until the token goes.
    ///
    /// - Throws: ``Failure`` with 429 where the client has as many under way as it may.
    func enter(_ request: Request, _ context: ArchiveContext) async throws -> ClientLimit.Token {
        guard let token = await limit.token(for: client(of: request, context)) else { throw Failure.tooManyQueries(limit.queries ?? 0) }
        return token
    }
}
