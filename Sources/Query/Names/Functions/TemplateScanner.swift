/// Walks through PostgreSQL's words byte by byte, and knows where a string, a quoted name or a parenthesis is open.
///
/// A user's text that lands inside quotes of the template would end them, so nothing may be put there.
struct TemplateScanner {
    enum Token {
        case text(Substring)
        /// `{x}` outside quotes, without its braces.
        case place(Substring)
    }

    private(set) var tokens: [Token] = []

    init(_ text: String, function: String) throws(FunctionListError) {
        let bytes = text.utf8
        var start = bytes.startIndex
        var index = start
        var depth = 0
        while index < bytes.endIndex {
            let next = bytes.index(after: index)
            switch bytes[index] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                // E'…' has escapes, of which a quote may be one.
                let isEscaped =
                    bytes[index] == UInt8(ascii: "'") && index > bytes.startIndex
                    && bytes[bytes.index(before: index)] | 0x20 == UInt8(ascii: "e")
                guard let end = Self.end(ofQuoteAt: index, in: bytes, isEscaped: isEscaped) else {
                    throw .quote(function: function, in: text)
                }
                index = end
            case UInt8(ascii: "{"):
                guard let close = bytes[next...].firstIndex(of: UInt8(ascii: "}")) else { throw .brace(function: function, in: text) }
                if start < index { tokens.append(.text(text[start..<index])) }
                tokens.append(.place(text[next..<close]))
                index = bytes.index(after: close)
                start = index
            case UInt8(ascii: "("):
                depth += 1
                index = next
            case UInt8(ascii: ")"):
                depth -= 1
                guard depth >= 0 else { throw .parenthesis(function: function, in: text) }
                index = next
            case UInt8(ascii: ";"), UInt8(ascii: "$"), UInt8(ascii: "\\"):
                throw .sign(String(text[index..<next]), function: function, in: text)
            case UInt8(ascii: "-") where bytes[next...].first == UInt8(ascii: "-"): throw .sign("--", function: function, in: text)
            case UInt8(ascii: "/") where bytes[next...].first == UInt8(ascii: "*"): throw .sign("/*", function: function, in: text)
            default: index = next
            }
        }
        guard depth == 0 else { throw .parenthesis(function: function, in: text) }
        if start < bytes.endIndex { tokens.append(.text(text[start...])) }
    }

    /// The place behind the closing quote; two quotes are one that belongs to the text.
    private static func end(ofQuoteAt index: String.Index, in bytes: String.UTF8View, isEscaped: Bool) -> String.Index? {
        let quote = bytes[index]
        var index = bytes.index(after: index)
        while index < bytes.endIndex {
            let byte = bytes[index]
            index = bytes.index(after: index)
            if byte == quote {
                guard index < bytes.endIndex, bytes[index] == quote else { return index }
                index = bytes.index(after: index)
            }
            if isEscaped, byte == UInt8(ascii: "\\"), index < bytes.endIndex { index = bytes.index(after: index) }
        }
        return nil
    }
}
