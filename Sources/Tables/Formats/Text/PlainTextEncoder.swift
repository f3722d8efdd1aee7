import NIOCore
import TableModel
import VOTable

/// Rows in columns of even width, for a person at a terminal.
///
/// Widths follow from the head and the first rows, up to ``lookAhead`` bytes of them; a later cell that is wider pushes its row's
/// rest to the right. Numbers stand at the right of their column. Width is counted in characters (Unicode scalars).
final class PlainTextEncoder: ResultEncoder {
    private static let lookAhead = 128 * 1024

    private let rows: TextRowWriter<PlainCells>
    private let columns: [Column]
    /// Cells between U+001F, rows between line ends.
    private var cells = ByteStage(capacity: 64 * 1024)
    private var output = ByteStage(capacity: 64 * 1024)
    /// Nil until enough rows were seen.
    private var widths: [Int]?
    private var rowCount = 0

    init(document: ResultDocument, accessURL: AccessURLForm) {
        columns = document.columns
        rows = TextRowWriter(types: columns.map(\.type), accessURL: accessURL, dialect: .plain)
    }

    deinit {
        rows.free()
    }

    var staged: Int { output.count }

    func writeHead(into buffer: inout ByteBuffer) {}

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        try rows.write(row, isFirst: rowCount == 0, to: &cells)
        rowCount += 1
        if cells.count >= Self.lookAhead || (widths != nil && cells.count >= 16 * 1024) { layOut() }
    }

    func drain(into buffer: inout ByteBuffer) {
        buffer.writeBytes(output.bytes)
        output.dropFirst(output.count)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        layOut()
        switch status {
        case .ok: output.append("\n(\(rowCount) row\(rowCount == 1 ? "" : "s"))\n")
        case .overflow(let limit): output.append("\n(\(rowCount) rows, and there are more: \(limit ?? "a limit cut the result here"))\n")
        case .error(let message): output.append("\n(the query failed here: \(message))\n")
        }
        drain(into: &buffer)
        // A person reads it, a program may not.
        if case .error = status { return false }
        return true
    }

    // MARK: - Layout

    /// The cells of the rows that wait, as ranges of ``cells``; the rows are as many as there are line ends.
    private func forEachRow(_ body: ([Range<Int>]) -> Void) {
        let bytes = cells.bytes
        var row: [Range<Int>] = []
        var start = 0
        for (place, byte) in bytes.enumerated() where byte == 0x1F || byte == 0x0A {
            row.append(start..<place)
            start = place + 1
            if byte == 0x0A {
                body(row)
                row.removeAll(keepingCapacity: true)
            }
        }
    }

    private func width(_ range: Range<Int>) -> Int {
        UnsafeRawBufferPointer(rebasing: cells.bytes[range]).reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    private func layOut() {
        if widths == nil { begin() }
        let widths = widths ?? []
        forEachRow { row in
            for (column, range) in row.enumerated() {
                let text = UnsafeRawBufferPointer(rebasing: cells.bytes[range])
                write(width(range), of: widths, column) { $0.append(text) }
            }
        }
        cells.dropFirst(cells.count)
    }

    /// Settles the widths by what was seen, and writes the head.
    private func begin() {
        var widths = columns.map { column in max(column.name.unicodeScalars.count, column.unit?.unicodeScalars.count ?? 0, 1) }
        forEachRow { row in
            for (column, range) in row.enumerated() { widths[column] = max(widths[column], width(range)) }
        }
        self.widths = widths
        func line(_ text: (Column) -> String) {
            for (column, described) in columns.enumerated() {
                let text = String(
                    String.UnicodeScalarView(text(described).unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
                write(text.unicodeScalars.count, of: widths, column) { $0.append(text) }
            }
        }
        line(\.name)
        if columns.contains(where: { $0.unit != nil }) { line { $0.unit ?? "" } }
        for (column, width) in widths.enumerated() {
            output.append(String(repeating: "-", count: width))
            output.append(column == columns.count - 1 ? "\n" : "  ")
        }
    }

    /// One cell, its blanks, and the end of the line after the last.
    private func write(_ count: Int, of widths: [Int], _ column: Int, _ text: (inout ByteStage) -> Void) {
        let isLast = column == columns.count - 1
        let blanks = max(0, widths[column] - count)
        if columns[column].type.isNumeric {
            pad(blanks)
            text(&output)
        } else {
            text(&output)
            if !isLast { pad(blanks) }
        }
        output.append(isLast ? "\n" : "  ")
    }

    private func pad(_ count: Int) {
        output.reserve(count)
        output.end.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: " "), count: count)
        output.advance(to: output.end + count)
    }
}
