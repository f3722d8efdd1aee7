import TableModel

/// One table of the parameter UPLOAD: its name in the query, and where it comes from (TAP 1.1 §2.5).
struct UploadName: Equatable {
    var name: String
    var source: Source

    enum Source: Equatable {
        /// A part of the multipart form.
        case part(String)
        case address(String)
    }

    /// Reads all values of the parameter.
    ///
    /// `a,param:p;b,https://x.org/y;z` are two tables: a `;` parts them only where name, comma and scheme follow, since addresses have it too.
    /// - Throws: ``UploadError`` for what is no table, for names that no query could write, and for two of one name.
    static func read(_ values: [String]) throws(UploadError) -> [UploadName] {
        var found: [UploadName] = []
        for value in values {
            var pieces: [String] = []
            for piece in value.split(separator: ";", omittingEmptySubsequences: false) {
                if let last = pieces.last, piece.firstMatch(of: /^\s*("[^"]*"|[A-Za-z0-9_.]+)\s*,\s*[A-Za-z]+:/) == nil {
                    // A bare end or blanks between two are no part of an address.
                    if !piece.allSatisfy(\.isWhitespace) { pieces[pieces.count - 1] = "\(last);\(piece)" }
                } else {
                    pieces.append(String(piece))
                }
            }
            for piece in pieces where !piece.allSatisfy(\.isWhitespace) {
                let upload = try UploadName(piece)
                guard !found.contains(where: { $0.name.lowercased() == upload.name.lowercased() }) else { throw .twice(upload.name) }
                found.append(upload)
            }
        }
        return found
    }

    private init(_ text: String) throws(UploadError) {
        guard let match = text.wholeMatch(of: /\s*("(?:[^"]|"")*"|[^,"]*?)\s*,\s*(\S.*?)\s*/.dotMatchesNewlines()) else {
            throw .badUpload(text)
        }
        name = try Self.tableName(String(match.1))
        let uri = String(match.2)
        let scheme = uri.prefix { $0 != ":" }.lowercased()
        switch scheme {
        case "param" where uri.utf8.count > 6: source = .part(String(uri.dropFirst(6)))
        case "http", "https": source = .address(uri)
        default: throw .unknownScheme(uri)
        }
    }

    /// `t`, `"T 1"` and, since some clients write it, `TAP_UPLOAD.t`.
    private static func tableName(_ text: String) throws(UploadError) -> String {
        var name = Substring(text)
        if let prefix = name.prefixMatch(of: /[Tt][Aa][Pp]_[Uu][Pp][Ll][Oo][Aa][Dd]\./) { name = name[prefix.range.upperBound...] }
        if name.first == "\"", name.last == "\"", name.utf8.count > 2 {
            let inner = String(name.dropFirst().dropLast())
            guard inner.utf8.count <= 128, inner.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "\"" }) else {
                throw .badName(text)
            }
            return inner
        }
        guard Identifier.isRegular(String(name)), name.utf8.count <= 128 else { throw .badName(text) }
        guard !ReservedWords.contains(name) else { throw .reservedName(text) }
        return String(name)
    }
}
