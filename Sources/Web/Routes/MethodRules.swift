import HTTPTypes
import Hummingbird

/// What each address answers to the methods that it does not serve (RFC 9110 §9.1, §15.5.6).
enum MethodRules {
    private static let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    /// Completes a router once all services are in it: HEAD where there is GET, OPTIONS everywhere, and 405 with Allow for the rest.
    static func complete(_ router: Router<ArchiveContext>) {
        let byPath = Dictionary(grouping: router.routes, by: { "\($0.path)" })
        for routes in byPath.values {
            guard let path = routes.first?.path else { continue }
            let served = Set(routes.map(\.method))
            var allowed = known.filter { served.contains($0) || $0 == .options }
            if served.contains(.get), !served.contains(.head) { allowed.insert(.head, at: 1) }
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            if !served.contains(.options) {
                router.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allow]) }
            }
            for method in known where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> Response in throw Failure.methodNotAllowed(method, allow: allow) }
            }
        }
    }
}
