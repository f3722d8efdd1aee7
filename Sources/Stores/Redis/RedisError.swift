/// What Redis or the way to it had to say.
///
/// `message` may name internals and belongs into the log; ``description`` is safe for strangers.
package struct RedisError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// No connection, or none that answers in time. Whether the command was carried out is unknown.
        case unavailable
        /// Redis answered with an error.
        case reply
        /// The URL of the server can't be used.
        case address
    }

    package var code: Code
    package var message: String
    package var hint: String?

    package var description: String {
        switch code {
        case .unavailable: "the cache is away"
        case .reply: "the cache refused"
        case .address: "the cache's address can't be used"
        }
    }
}

extension RedisError {
    static func unreachable(_ message: String) -> Self {
        Self(code: .unavailable, message: message)
    }

    /// Redis was away a moment ago and is not asked again yet.
    static func stillAway(_ last: RedisError) -> Self {
        Self(code: .unavailable, message: "not asked again so soon after: \(last.message)")
    }

    static func reply(_ message: String) -> Self {
        Self(code: .reply, message: message)
    }

    static func unexpected(_ value: RedisValue) -> Self {
        Self(code: .reply, message: "an unexpected reply: \(value.kind)")
    }

    static func address(_ url: String) -> Self {
        Self(
            code: .address, message: "unusable Redis URL \"\(url)\"",
            hint: "write redis://host:port/database, redis://user:password@host or unix:///path/to.sock")
    }
}
