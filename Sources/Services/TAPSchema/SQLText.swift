import TableModel

/// How names and texts stand in SQL; everything that this room sends goes through here.
package enum SQLText {
    /// `dec` becomes `"dec"`.
    package static func name(_ name: String) -> String {
        "\"\(name.doubling("\""))\""
    }

    /// `"gaia"."completesource"`.
    package static func name(_ schema: String, _ name: String) -> String {
        "\(self.name(schema)).\(self.name(name))"
    }

    /// `it's` becomes `'it''s'`.
    package static func literal(_ text: String) -> String {
        let doubled = text.doubling("'")
        // With a backslash inside, the plain form would depend on standard_conforming_strings.
        return doubled.utf8.contains(UInt8(ascii: "\\")) ? " E'\(doubled.doubling("\\"))'" : "'\(doubled)'"
    }

    /// A name for an index and the like, cut to PostgreSQL's 63 bytes in a way that keeps different names different.
    static func shortened(_ name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let start = String(decoding: name.utf8.prefix(54), as: UTF8.self)
        return "\(start)_\(String(hash, radix: 16))"
    }
}
