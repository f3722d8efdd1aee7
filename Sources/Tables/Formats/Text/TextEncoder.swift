import NIOCore
import TableModel
import VOTable

/// Rows as text: TABLEDATA (VOTable 1.4 §5.4), CSV (RFC 4180), TSV, JSON and the rows of an HTML table.
///
/// Numbers stand in the shortest form that reads back to the same value; arrays and shapes as DALI writes them, with blanks between.
final class TextEncoder<Escaping: CellEscaping>: ResultEncoder {
    private let frame: TextFrame
    private let rows: TextRowWriter<Escaping>
    /// It grows with the result: most are small.
    private var stage = ByteStage(capacity: 8 * 1024)
    private var isFirst = true

    init(document: ResultDocument, accessURL: AccessURLForm, dialect: TextDialect, frame: TextFrame) {
        self.frame = frame
        rows = TextRowWriter(types: document.columns.map(\.type), accessURL: accessURL, dialect: dialect)
    }

    deinit {
        rows.free()
    }

    var staged: Int { stage.count }

    func writeHead(into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(frame.opening)
    }

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        try rows.write(row, isFirst: isFirst, to: &stage)
        isFirst = false
    }

    func drain(into buffer: inout ByteBuffer) {
        buffer.writeBytes(stage.bytes)
        stage.dropFirst(stage.count)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        drain(into: &buffer)
        let hasFailed = if case .error = status { true } else { false }
        if !hasFailed || frame.tellsFailure || frame.showsFailure { buffer.writeImmutableBuffer(frame.closing(status)) }
        return !hasFailed || frame.tellsFailure
    }
}
