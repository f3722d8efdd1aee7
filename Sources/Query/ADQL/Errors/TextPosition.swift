/// A place in a query as a person counts it: line and column from 1, a column being one character.
package struct TextPosition: Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of a byte offset into the text's UTF-8.
    package init(offset: Int, in text: String) {
        let lines = TextLines(text, around: offset)
        line = lines.number
        column = lines.before.count + 1
    }

    /// `line 2, column 14`
    package var description: String { "line \(line), column \(column)" }
}

extension TextSpan {
    package func position(in text: String) -> TextPosition { TextPosition(offset: start, in: text) }

    /// The line of text that holds the start of the span, and a second line with carets below it.
    ///
    /// `SELECT size FROM t` gives
    /// ```
    /// SELECT size FROM t
    ///        ^^^^
    /// ```
    /// Of a long line only the part around the span is shown.
    package func excerpt(in text: String) -> String {
        let lines = TextLines(text, around: start)
        var before = lines.before
        var after = lines.after
        let marked = min(max(lines.markedCount(to: end), 1), 60)
        if before.count > 60 { before = "…" + before.suffix(59) }
        if after.count > 80 { after = String(after.prefix(79)) + "…" }
        let indent = before.map { $0 == "\t" ? "\t" : " " }.joined()
        return "\(before)\(after)\n\(indent)\(String(repeating: "^", count: marked))"
    }
}

/// The line around an offset, in two halves.
private struct TextLines {
    var number: Int
    var before: String
    var after: String
    private var offset: Int

    init(_ text: String, around offset: Int) {
        let bytes = Array(text.utf8)
        let offset = min(max(offset, 0), bytes.count)
        number = 1
        var start = 0
        for index in 0..<offset {
            // A carriage return ends a line unless a line feed after it does.
            let isBreak = bytes[index] == 0x0A || bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)
            if isBreak {
                number += 1
                start = index + 1
            }
        }
        let end = bytes[offset...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
        before = String(decoding: bytes[start..<offset], as: UTF8.self)
        after = String(decoding: bytes[offset..<end], as: UTF8.self)
        self.offset = offset
    }

    /// How many characters of the line lie between the offset and `end`.
    func markedCount(to end: Int) -> Int {
        String(decoding: after.utf8.prefix(max(end - offset, 0)), as: UTF8.self).count
    }
}
