import Foundation

/// Why a selection can't be had.
package struct SelectionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// There is no Redis, or it is away: links must carry their rows themselves.
        case unavailable
        /// Never was, or has expired.
        case unknown
        /// Its product was fetched, so that its rows must stay as they are.
        case closed
        /// It holds as many rows as a selection may.
        case full
    }

    package var code: Code
    package var message: String
    package var hint: String?

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension SelectionError {
    static let unavailable = Self(
        code: .unavailable, message: "selections are not available at the moment", hint: "name the rows in the request itself")

    static func unknown(_ id: UUID) -> Self {
        Self(
            code: .unknown, message: "unknown or expired selection \"\(id.uuidString.lowercased())\"",
            hint: "activate the rows again, or name them in the request itself")
    }

    static func closed(_ id: UUID) -> Self {
        Self(
            code: .closed,
            message: "selection \"\(id.uuidString.lowercased())\" is closed, because its product was fetched or a newer one was begun",
            hint: "activate the rows again to begin a new one")
    }

    static func full(limit: Int) -> Self {
        Self(code: .full, message: "a selection holds at most \(limit) rows", hint: "fetch its product, then begin a new one")
    }
}
