/// A form in which results are handed out, and the names by which clients ask for it (DALI 1.1 §3.4.3, TAP 1.1 §2.3.4).
package struct ResultFormat: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case binary2, tableData, csv, tsv, html
    }

    package let kind: Kind
    /// What Content-Type says.
    package let mediaType: String
    /// Short names, the preferred one first.
    package let aliases: [String]
    /// The identifier in TAPRegExt, where there is one.
    package let ivoid: String?

    package static let binary2 = Self(
        kind: .binary2, mediaType: "application/x-votable+xml", aliases: ["votable", "votable/b2"],
        ivoid: "ivo://ivoa.net/std/TAPRegExt#output-votable-binary2")
    package static let tableData = Self(
        kind: .tableData, mediaType: "application/x-votable+xml;serialization=TABLEDATA", aliases: ["votable/td"],
        ivoid: "ivo://ivoa.net/std/TAPRegExt#output-votable-td")
    package static let csv = Self(kind: .csv, mediaType: "text/csv;header=present", aliases: ["csv"], ivoid: nil)
    package static let tsv = Self(kind: .tsv, mediaType: "text/tab-separated-values", aliases: ["tsv"], ivoid: nil)
    package static let html = Self(kind: .html, mediaType: "text/html", aliases: ["html"], ivoid: nil)

    /// All of them, the default first.
    package static let offered = [binary2, tableData, csv, tsv, html]

    /// As files of this format end, without the dot.
    package var fileExtension: String {
        switch kind {
        case .binary2, .tableData: "vot"
        case .csv: "csv"
        case .tsv: "tsv"
        case .html: "html"
        }
    }

    /// Finds the format that a client asked for: a short name or a media type, letter case and blanks ignored.
    ///
    /// Who asks by media type gets that one back as Content-Type: `text/xml` stays `text/xml`.
    /// - Throws: ``FormatError`` that lists what is offered.
    package static func asked(_ name: String?) throws(FormatError) -> Self {
        guard let name, !name.allSatisfy(\.isWhitespace) else { return binary2 }
        let wanted = name.lowercased().filter { !$0.isWhitespace }
        if let format = offered.first(where: { $0.aliases.contains(wanted) }) { return format }
        let parts = wanted.split(separator: ";").map(String.init)
        let parameters = parts.dropFirst()
        switch parts.first {
        case "application/x-votable+xml", "text/xml", "application/xml":
            let serialization = parameters.first { $0.hasPrefix("serialization=") }?.dropFirst("serialization=".count)
            let format: Self
            switch serialization.map(String.init) {
            case nil, "binary2": format = binary2
            case "tabledata": format = tableData
            default: throw .unknownFormat(name)
            }
            let canonical = (parts.first ?? "") + (serialization.map { ";serialization=\($0.uppercased())" } ?? "")
            return Self(kind: format.kind, mediaType: canonical, aliases: format.aliases, ivoid: format.ivoid)
        case "text/csv" where !parameters.contains("header=absent"): return csv
        case "text/tab-separated-values": return tsv
        case "text/html": return html
        default: throw .unknownFormat(name)
        }
    }
}
