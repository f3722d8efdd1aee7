import NIOCore
import TableModel
import VOTable

/// What a textual format writes before and after its rows.
struct TextFrame {
    let opening: ByteBuffer
    let closing: (QueryStatus) -> ByteBuffer
    /// Whether the end can say that the query failed, so that no client takes the part for the whole.
    var tellsFailure = false
    /// Whether the end says so to people, at least.
    var showsFailure = false
}

extension ResultDocument {
    var tableDataFrame: TextFrame {
        let document = votable(.tabledata)
        return TextFrame(opening: document.opening(), closing: { document.closing($0) }, tellsFailure: true)
    }

    /// The names of the columns, as the first line.
    func lineFrame<Escaping: CellEscaping>(_ escaping: Escaping.Type, _ dialect: TextDialect) -> TextFrame {
        var line: [UInt8] = []
        for (index, column) in columns.enumerated() {
            if index > 0 { line += dialect.separator.bytes }
            line += Escaping.escaped(column.name)
        }
        return TextFrame(opening: ByteBuffer(bytes: line + dialect.rowEnd.bytes), closing: { _ in ByteBuffer() })
    }
}

extension CellEscaping {
    /// A whole text at once, for names and the like.
    static func escaped(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { bytes in
            [UInt8](unsafeUninitializedCapacity: bytes.count * growth + margin + 8) { target, count in
                guard let base = target.baseAddress else { return }
                let start = UnsafeMutableRawPointer(base)
                count = write(UnsafeRawBufferPointer(bytes), to: start) - start
            }
        }
    }
}
