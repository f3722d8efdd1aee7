package import Foundation

/// What a client asks the links service for (DataLink 1.1 §2.1).
package struct LinkRequest: Hashable, Sendable {
    /// As sent, each once, in the order of their first appearance.
    package var ids: [String]
    /// Whose open selection the row joins.
    package var client: UUID?
    /// The selection that the row is to begin.
    package var begin: UUID?
    /// Nil when none was asked for.
    package var format: LinkFormat?

    package init(ids: [String], client: UUID? = nil, begin: UUID? = nil, format: LinkFormat? = nil) {
        var seen: Set<String> = []
        self.ids = ids.filter { seen.insert($0).inserted }
        self.client = client
        self.begin = begin
        self.format = format
    }

    /// Reads decoded parameters, of URL and body alike. Letter case of names does not matter; unknown ones and empty IDs are ignored.
    ///
    /// - Throws: ``LinkError`` with the fault `usage`.
    package init(parameters: [(name: String, value: String)]) throws(LinkError) {
        func values(_ name: String) -> [String] {
            let wanted = name.lowercased()
            // The length first: thousands of IDs are not turned to lower case in search of a clientId.
            return parameters.filter { $0.name.utf8.count == wanted.utf8.count && $0.name.lowercased() == wanted && !$0.value.isEmpty }
                .map(\.value)
        }
        func single(_ name: String) throws(LinkError) -> String? {
            let values = values(name)
            guard values.allSatisfy({ $0 == values.first }) else { throw .repeated(name) }
            return values.first
        }
        func uuid(_ name: String) throws(LinkError) -> UUID? {
            guard let value = try single(name) else { return nil }
            guard let uuid = UUID(uuidString: value) else { throw .malformedUUID(name, value) }
            return uuid
        }
        let format = try single("RESPONSEFORMAT")
        self.init(
            ids: values("ID"), client: try uuid("clientId"), begin: try uuid("begin"),
            format: try format.map { value throws(LinkError) in try LinkFormat(responseFormat: value) })
    }
}

/// How links are written.
package enum LinkFormat: Hashable, Sendable {
    case votable(contentType: String)
    case html

    /// What a client gets that asks for nothing.
    package static let standard = LinkFormat.votable(contentType: LinkAddresses.linksType)

    /// Reads RESPONSEFORMAT: a short name or a media type, whose parameters are ignored.
    init(responseFormat value: String) throws(LinkError) {
        let type = value.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        switch type {
        case "votable", "application/x-votable+xml": self = .standard
        case "text/xml": self = .votable(contentType: "text/xml")
        case "html", "text/html": self = .html
        default: throw .unknownFormat(value)
        }
    }

    /// Chooses where RESPONSEFORMAT is missing: a page for whoever names text/html, as browsers do.
    ///
    /// Java's own HTTP client, and so TOPCAT and STILTS, names text/html too when it is told nothing: its standing header is
    /// `text/html, image/gif, image/jpeg, */*; q=0.2`, and image/gif, which no browser names, gives it away.
    package static func preferred(accept: String?) -> LinkFormat {
        let types = (accept ?? "").lowercased().split(separator: ",").map { $0.prefix { $0 != ";" }.filter { !$0.isWhitespace } }
        let isBrowser = types.contains("text/html") && !types.contains("application/x-votable+xml") && !types.contains("image/gif")
        return isBrowser ? .html : .standard
    }

    package var contentType: String {
        switch self {
        case .votable(let contentType): contentType
        case .html: "text/html; charset=utf-8"
        }
    }
}
