/// Why a request for links fails as a whole; what concerns one ID alone is a row of the answer.
package struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// DataLink 1.1 §3.4.
    package enum Fault: String, Hashable, Sendable {
        case usage = "UsageFault"
        case transient = "TransientFault"
    }

    package var fault: Fault
    package var message: String
    package var hint: String?
    /// For the log, not for strangers.
    package var cause: String?

    /// As an error document has it: `UsageFault: malformed clientId "x"; …`.
    package var description: String { "\(fault.rawValue): \(message)\(hint.map { "; \($0)" } ?? "")" }
}

extension LinkError {
    static func malformedUUID(_ name: String, _ value: String) -> Self {
        Self(fault: .usage, message: "malformed \(name) \"\(value)\"", hint: "it is a UUID, as in access_url; it may be left out")
    }

    static func repeated(_ name: String) -> Self {
        Self(fault: .usage, message: "\(name) is given several times with different values", hint: "give it once")
    }

    static func unknownFormat(_ value: String) -> Self {
        Self(
            fault: .usage, message: "unknown RESPONSEFORMAT \"\(value)\"",
            hint: "votable, application/x-votable+xml, html and text/html are known")
    }

    static func lookUpFailed(_ cause: any Error) -> Self {
        Self(
            fault: .transient, message: "the archive's tables can't be read at the moment", hint: "ask again in a minute",
            cause: String(reflecting: cause))
    }
}

/// What stands in the error_message of an ID that has no links.
enum IDFault {
    static func notAnIdentifier(_ id: String) -> String {
        "UsageFault: \"\(id.prefix(80))\" is not an identifier of this archive, which is a UUID as in access_url, or ivo://authority/collection?table/key"
    }

    static func notFound(_ id: String) -> String {
        "NotFoundFault: no row has the identifier \"\(id.prefix(80))\""
    }
}
