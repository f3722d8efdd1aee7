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

    /// The most bytes that a value may have, the most values, and the most bytes of a name in quotes.
    private static let (longestValue, mostValues, longestName) = (16_384, 100, 260)

    /// Reads all values of the parameter, in time that grows with their length alone.
    ///
    /// `a,param:p;b,https://x.org/y;z` are two tables: a `;` parts them only where name, comma and scheme follow, since addresses have it too.
    /// - Parameter limit: tables of one request.
    /// - Throws: ``UploadError`` for what is no table, for names that no query could write, for two of one name, and for too many or too long.
    static func read(_ values: [String], limit: Int = mostValues) throws(UploadError) -> [UploadName] {
        guard values.count <= max(limit, mostValues) else { throw .tooManyTables(limit: limit) }
        var found: [UploadName] = []
        var taken: Set<String> = []
        for value in values {
            guard value.utf8.count <= longestValue else { throw .longUpload(limit: longestValue) }
            let bytes = Array(value.utf8)
            var start = 0
            for index in 0...bytes.count {
                let isEnd = index == bytes.count || bytes[index] == UInt8(ascii: ";") && isStart(bytes[(index + 1)...])
                guard isEnd else { continue }
                // A bare end or blanks between two are no part of an address.
                let piece = trimmed(bytes[start..<index]) { isBlank($0) || $0 == UInt8(ascii: ";") }
                start = index + 1
                guard !piece.isEmpty else { continue }
                guard found.count < limit else { throw .tooManyTables(limit: limit) }
                let upload = try UploadName(piece)
                guard taken.insert(upload.name.lowercased()).inserted else { throw .twice(upload.name) }
                found.append(upload)
            }
        }
        return found
    }

    private init(_ piece: ArraySlice<UInt8>) throws(UploadError) {
        let text = Self.trimmed(piece)
        let nameEnd = Self.quotedEnd(text) ?? text.firstIndex(of: UInt8(ascii: ",")) ?? text.endIndex
        let rest = text[nameEnd...].drop(while: Self.isBlank)
        guard rest.first == UInt8(ascii: ",") else { throw .badUpload(Self.string(text)) }
        let uri = Self.trimmed(rest.dropFirst())
        guard !uri.isEmpty else { throw .badUpload(Self.string(text)) }
        name = try Self.tableName(Self.trimmed(text[..<nameEnd]))
        switch Self.string(uri.prefix { $0 != UInt8(ascii: ":") }).lowercased() {
        case "param" where uri.count > 6: source = .part(Self.string(uri.dropFirst(6)))
        case "http", "https": source = .address(Self.string(uri))
        default: throw .unknownScheme(Self.string(uri))
        }
    }

    /// `t`, `"T 1"` and, since some clients write it, `TAP_UPLOAD.t`.
    private static func tableName(_ text: ArraySlice<UInt8>) throws(UploadError) -> String {
        let prefix = "tap_upload."
        let name = string(text.prefix(prefix.utf8.count)).lowercased() == prefix ? text.dropFirst(prefix.utf8.count) : text
        if name.count > 2, name.first == UInt8(ascii: "\""), name.last == UInt8(ascii: "\"") {
            let inner = name.dropFirst().dropLast()
            guard inner.count <= 128, inner.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") }) else {
                throw .badName(string(text))
            }
            return string(inner)
        }
        let plain = string(name)
        guard Identifier.isRegular(plain), name.count <= 128 else { throw .badName(string(text)) }
        guard !ReservedWords.contains(plain) else { throw .reservedName(string(text)) }
        return plain
    }

    /// Whether a table begins here: a name, a comma and a scheme.
    private static func isStart(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes.drop(while: isBlank)
        let name = rest.prefix { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == 0x5F || $0 == 0x2E }
        guard let nameEnd = quotedEnd(rest) ?? (name.isEmpty ? nil : name.endIndex) else { return false }
        rest = rest[nameEnd...].drop(while: isBlank)
        guard rest.first == UInt8(ascii: ",") else { return false }
        rest = rest.dropFirst().drop(while: isBlank)
        let scheme = rest.prefix(while: isLetter)
        return !scheme.isEmpty && rest.dropFirst(scheme.count).first == UInt8(ascii: ":")
    }

    /// Where the name in quotes ends that begins here; two quotes in it stand for one.
    private static func quotedEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>.Index? {
        let quote = UInt8(ascii: "\"")
        guard bytes.first == quote else { return nil }
        let name = bytes.prefix(longestName)
        var index = name.startIndex + 1
        while index < name.endIndex {
            if name[index] == quote {
                guard index + 1 < name.endIndex, name[index + 1] == quote else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return nil
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>, _ isOutside: (UInt8) -> Bool = isBlank) -> ArraySlice<UInt8> {
        guard let last = bytes.lastIndex(where: { !isOutside($0) }) else { return [] }
        return bytes[...last].drop(while: isBlank)
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
}
