package import XML

/// Addresses and small parts that pages of several rooms share.
package enum PageLink {
    /// The query form with a query in it; nil for one that is too long for an address.
    package static func edit(_ query: String, home: String) -> String? {
        guard query.utf8.count <= longestQuery else { return nil }
        return "\(home)?QUERY=\(encode(query))"
    }

    private static let longestQuery = 6000

    /// `a b&c` gives `a%20b%26c`: all but the unreserved characters of RFC 3986 §2.3.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 15)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Sizes for people: 999 is `999 bytes`, 8123 is `8.1 kB`, 40123 is `40 kB`: decimal units, two digits at least.
    package static func size(_ bytes: Int) -> String {
        guard bytes >= 1000 else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
        var value = Double(bytes)
        var unit = ""
        for next in ["kB", "MB", "GB", "TB", "PB"] where value >= 999.5 || unit.isEmpty {
            value /= 1000
            unit = next
        }
        let tenths = (value * 10).rounded() / 10
        return tenths < 10 ? "\(tenths) \(unit)" : "\(Int(value.rounded())) \(unit)"
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}

extension XMLWriter {
    /// A line of a list of facts.
    package mutating func fact(_ name: String, value: (inout XMLWriter) -> Void) {
        inline("dt", text: name)
        inline("dd", body: value)
        newline()
    }

    /// A value that a form sends along.
    package mutating func hidden(_ name: String, _ value: String) {
        element("input", ["type": "hidden", "name": name, "value": value])
    }

    /// What failed, in words; a line of a query with carets below it stays as it is, in its own box where it is too long.
    package mutating func fault(_ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        var next = 0
        while next < lines.count {
            if next + 1 < lines.count, Self.isPointer(lines[next + 1]) {
                inline("pre", ["tabindex": "0"], text: "\(lines[next])\n\(lines[next + 1])")
                next += 2
            } else {
                inline("p", text: String(lines[next]))
                next += 1
            }
            newline()
        }
    }

    private static func isPointer(_ line: Substring) -> Bool {
        line.utf8.contains(UInt8(ascii: "^")) && line.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "^") }
    }

    /// Forms that send a query again for its whole result in another format.
    package mutating func downloads(of query: String, at address: String) {
        element("form", ["method": "post", "action": address]) { writer in
            writer.hidden("LANG", "ADQL")
            writer.hidden("QUERY", query)
            writer.inline("span", ["class": "note"], text: "Download as")
            writer.newline()
            for (value, name) in Self.formats {
                writer.element("button", ["class": "quiet", "name": "RESPONSEFORMAT", "value": value], text: name)
            }
        }
    }

    private static let formats: [(String, String)] = [
        ("votable", "VOTable"), ("csv", "CSV"), ("fits", "FITS"), ("parquet", "Parquet"), ("json", "JSON"),
    ]
}
