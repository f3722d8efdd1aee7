import Foundation

/// Where a Redis listens, and how to enter: what a URL says.
///
/// `redis://user:password@host:6379/2` and `unix:///run/redis.sock?db=2`; port 6379 and database 0 may be left out.
package struct RedisAddress: Hashable, Sendable {
    package enum Endpoint: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package var endpoint: Endpoint
    package var user: String?
    package var password: String?
    package var database: Int

    package init(url: String) throws(RedisError) {
        guard let parts = URLComponents(string: url) else { throw .address(url) }
        // The password must not reach a log through an error.
        var shown = parts
        shown.password = parts.password.map { _ in "…" }
        let failure = RedisError.address(shown.string ?? "")
        let user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        self.user = user
        password = parts.password
        switch parts.scheme {
        case "redis":
            guard let host = parts.host, !host.isEmpty else { throw failure }
            let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            endpoint = .tcp(host: bare, port: parts.port ?? 6379)
            let path = parts.path.drop { $0 == "/" }
            guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { throw failure }
            self.database = database
        case "unix":
            guard parts.host?.isEmpty ?? true, parts.path.count > 1 else { throw failure }
            endpoint = .unix(path: parts.path)
            let db = parts.queryItems?.first { $0.name == "db" }?.value
            guard let database = db.map({ Int($0) }) ?? 0, database >= 0 else { throw failure }
            self.database = database
        default:
            throw failure
        }
    }
}
