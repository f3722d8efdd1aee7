package import XML

/// A named fact about a response: VOTable's INFO.
package struct Info: Hashable, Sendable {
    package var name: String
    package var value: String
    package var ucd: String?
    /// The element's content, as in the message of an error.
    package var text: String?

    package init(_ name: String, _ value: String, ucd: String? = nil, text: String? = nil) {
        self.name = name
        self.value = value
        self.ucd = ucd
        self.text = text
    }
}

/// The outcome of a query, as DALI 1.1 §4.4.1 spells it in the INFO named QUERY_STATUS.
package enum QueryStatus: Hashable, Sendable {
    case ok
    /// Rows were left out; the text says because of which limit.
    case overflow(String?)
    /// The message, safe for strangers.
    case error(String)

    package var info: Info {
        switch self {
        case .ok: Info("QUERY_STATUS", "OK")
        case .overflow(let limit): Info("QUERY_STATUS", "OVERFLOW", text: limit)
        case .error(let message): Info("QUERY_STATUS", "ERROR", text: message)
        }
    }
}

extension XMLWriter {
    package mutating func info(_ info: Info) {
        if let text = info.text {
            element("INFO", ["name": info.name, "value": info.value, "ucd": info.ucd], text: text)
        } else {
            element("INFO", ["name": info.name, "value": info.value, "ucd": info.ucd])
        }
    }
}
