/// A form in which results are handed out, and the names by which clients ask for it (DALI 1.1 §3.4.3, TAP 1.1 §2.3.4).
package struct ResultFormat: Hashable, Sendable {
    package enum Kind: Hashable, Sendable, CaseIterable {
        case binary2, binary, tableData, csv, tsv, fits, json, parquet, text, html
    }

    package let kind: Kind
    /// As capabilities declare it.
    package let mediaType: String
    /// Short names, the preferred one first.
    package let aliases: [String]
    /// The identifier in TAPRegExt, where there is one.
    package let ivoid: String?
    /// How the name of a file in this format ends.
    package let fileExtension: String

    private static func votable(_ kind: Kind, _ serialization: String?, aliases: [String], _ name: String) -> Self {
        Self(
            kind: kind, mediaType: "application/x-votable+xml" + (serialization.map { ";serialization=\($0)" } ?? ""), aliases: aliases,
            ivoid: "ivo://ivoa.net/std/TAPRegExt#output-votable-\(name)", fileExtension: "vot")
    }

    private static func other(_ kind: Kind, _ mediaType: String, aliases: [String], _ fileExtension: String) -> Self {
        Self(kind: kind, mediaType: mediaType, aliases: aliases, ivoid: nil, fileExtension: fileExtension)
    }

    package static let binary2 = votable(.binary2, nil, aliases: ["votable", "votable/b2"], "binary2")
    package static let binary = votable(.binary, "BINARY", aliases: ["votable/b"], "binary")
    package static let tableData = votable(.tableData, "TABLEDATA", aliases: ["votable/td"], "td")
    package static let csv = other(.csv, "text/csv;header=present", aliases: ["csv"], "csv")
    package static let tsv = other(.tsv, "text/tab-separated-values", aliases: ["tsv"], "tsv")
    package static let fits = other(.fits, "application/fits", aliases: ["fits"], "fits")
    package static let json = other(.json, "application/json", aliases: ["json"], "json")
    package static let parquet = other(.parquet, "application/vnd.apache.parquet", aliases: ["parquet"], "parquet")
    package static let text = other(.text, "text/plain;charset=utf-8", aliases: ["text"], "txt")
    package static let html = other(.html, "text/html;charset=utf-8", aliases: ["html"], "html")

    /// All of them, the default first.
    package static let offered = [binary2, binary, tableData, csv, tsv, fits, json, parquet, text, html]

    /// Finds the format that a client asked for: a short name or a media type, letter case and blanks ignored.
    ///
    /// Who asks by media type gets that one back as Content-Type: `text/xml` stays `text/xml`.
    /// - Throws: ``FormatError`` that lists what is offered.
    package static func asked(_ name: String?) throws(FormatError) -> Self {
        guard let name, !name.allSatisfy(\.isWhitespace) else { return binary2 }
        guard let format = named(name) else { throw .unknownFormat(name) }
        return format
    }

    /// The format of a request that names none but says in HTTP's Accept what it reads (RFC 9110 §12.5.1).
    ///
    /// Only a type that is asked for by name counts. Ranges such as `*/*`, and what every browser sends, leave it at TAP's default.
    package static func preferred(accept: String?) -> Self {
        guard let accept else { return binary2 }
        var best: (format: Self, quality: Double)?
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.lowercased().filter { !$0.isWhitespace } }
            guard let type = parts.first, type.contains("/"), !type.contains("*"), !browserTypes.contains(type) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            let named = parts.filter { !$0.hasPrefix("q=") }.joined(separator: ";")
            guard quality > 0, quality > best?.quality ?? 0, let format = Self.named(named) else { continue }
            best = (format, quality)
        }
        return best?.format ?? binary2
    }

    private static let browserTypes: Set<String> = ["text/html", "application/xhtml+xml", "application/xml", "text/xml"]

    private static func named(_ name: String) -> Self? {
        let wanted = name.lowercased().filter { !$0.isWhitespace }
        if let format = offered.first(where: { $0.aliases.contains(wanted) }) { return format }
        let parts = wanted.split(separator: ";").map(String.init)
        let parameters = parts.dropFirst()
        switch parts.first {
        case "application/x-votable+xml", "text/xml", "application/xml":
            // Other parameters, such as content=datalink, say nothing about how rows are written.
            let serialization = parameters.first { $0.hasPrefix("serialization=") }?.dropFirst("serialization=".count)
            let format: Self
            switch serialization.map(String.init) {
            case nil, "binary2": format = binary2
            case "binary": format = binary
            case "tabledata": format = tableData
            default: return nil
            }
            return format.answering(as: (parts.first ?? "") + (serialization.map { ";serialization=\($0.uppercased())" } ?? ""))
        case "text/csv" where !parameters.contains("header=absent"): return csv
        case "text/tab-separated-values": return tsv
        case "application/fits", "image/fits": return fits.answering(as: parts.first ?? "")
        case "application/json": return json
        case "application/vnd.apache.parquet", "application/x-parquet": return parquet.answering(as: parts.first ?? "")
        case "text/plain": return text
        case "text/html": return html
        default: return nil
        }
    }

    private func answering(as mediaType: String) -> Self {
        Self(kind: kind, mediaType: mediaType, aliases: aliases, ivoid: ivoid, fileExtension: fileExtension)
    }

    /// The media type with its characters, which some clients guess wrongly where CSV and TSV do not say.
    package var contentType: String {
        kind == .csv || kind == .tsv ? mediaType + ";charset=utf-8" : mediaType
    }

    /// Whether the bytes are compressed already, so that doing it again only costs.
    package var isCompressed: Bool { kind == .parquet }

    /// Whether a browser does better to save the result than to show it.
    package var isDownload: Bool {
        switch kind {
        case .csv, .tsv, .fits, .parquet: true
        case .binary2, .binary, .tableData, .json, .text, .html: false
        }
    }

    /// Whether the result is a VOTable.
    package var isVOTable: Bool {
        switch kind {
        case .binary2, .binary, .tableData: true
        case .csv, .tsv, .fits, .json, .parquet, .text, .html: false
        }
    }
}
