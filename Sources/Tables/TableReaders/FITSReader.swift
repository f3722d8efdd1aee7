import TableInput
import TableModel

/// Reads the first table extension of a FITS file, BINTABLE or TABLE (FITS 4.0 §7.2, §7.3), as its bytes arrive.
///
/// Only where cells lie in the heap behind the rows is the extension kept on disk first.
enum FITSReader {
    static func read(_ cursor: ByteCursor, into sink: any TableSink, limits: InputLimits) throws {
        while let header = try FITSHeader(cursor) {
            guard let size = header.dataSize else { throw InputError.badFITS("the sizes in a header make no sense") }
            switch header.text("XTENSION") {
            case "BINTABLE", "A3DTABLE":
                guard header.text("ZTABLE") != "T" else { throw InputError.badFITS("its table is compressed (ZTABLE); send it as it is") }
                // An image that was compressed into a table is an image.
                if header.text("ZIMAGE") != "T" { return try table(header, cursor, size, into: sink, limits, isText: false) }
            case "TABLE": return try table(header, cursor, size, into: sink, limits, isText: true)
            default: break
            }
            try skip((size + 2879) / 2880 * 2880, cursor)
        }
        throw InputError.noFITSTable
    }

    private static func skip(_ count: Int, _ cursor: ByteCursor) throws {
        var left = count
        while left > 0 {
            guard try cursor.fill(1) else { return }
            let step = min(left, cursor.window.count)
            cursor.skip(step)
            left -= step
        }
    }

    private static func table(
        _ header: FITSHeader, _ cursor: ByteCursor, _ size: Int, into sink: any TableSink, _ limits: InputLimits, isText: Bool
    ) throws {
        guard let width = header.int("NAXIS1"), let count = header.int("NAXIS2"), let fields = header.int("TFIELDS"), fields >= 0,
            header.int("NAXIS") == 2, width >= 0, count >= 0
        else {
            throw InputError.badFITS("its table has no good NAXIS, NAXIS1, NAXIS2 or TFIELDS")
        }
        guard fields > 0 else { throw InputError.noColumns }
        guard fields <= limits.columns else { throw InputError.tooManyColumns(limit: limits.columns) }
        guard width <= limits.row else { throw InputError.rowTooLarge(limit: limits.row, row: 1) }
        var cells: [FITSCell] = []
        var offset = 0
        for number in 1...fields {
            let cell = isText ? try FITSCell(text: header, number) : try FITSCell(binary: header, number, offset: offset)
            offset += cell.width
            guard cell.offset + cell.width <= width else { throw InputError.badFITS("its columns are wider than NAXIS1") }
            guard cell.width <= limits.cell else { throw InputError.cellTooLarge(limit: limits.cell, row: 1) }
            cells.append(cell)
        }
        try sink.begin(IncomingTable(name: header.text("EXTNAME"), columns: cells.map(\.column)))
        let source: any ByteSource
        var heap: FITSHeap?
        if cells.contains(where: \.isInHeap) {
            let spool = try SpoolSource(LeadingSource(cursor, count: size))
            try spool.drain()
            try spool.rewind()
            let (rowBytes, isTooLarge) = width.multipliedReportingOverflow(by: count)
            guard !isTooLarge, rowBytes <= size, let start = header.int("THEAP", otherwise: rowBytes), (rowBytes...size).contains(start)
            else {
                throw InputError.badFITS("its heap (THEAP) does not lie behind its rows")
            }
            heap = FITSHeap(spool: spool, start: start, end: size, limit: limits.cell)
            source = spool
        } else {
            source = cursor
        }
        try rows(count, width, cells, ByteCursor(source, capacity: max(64 * 1024, 2 * width)), heap, into: sink, limits)
    }

    private static func rows(
        _ count: Int, _ width: Int, _ cells: [FITSCell], _ cursor: ByteCursor, _ heap: FITSHeap?, into sink: any TableSink,
        _ limits: InputLimits
    ) throws {
        let rows = CopyRows(rowLimit: limits.row)
        var row = 0
        while row < count {
            guard try cursor.fill(width) else { throw InputError.badFITS("it ends in row \(row + 1) of \(count)") }
            rows.beginRow(fields: cells.count)
            let window = cursor.window
            for cell in cells {
                let bytes = UnsafeRawBufferPointer(rebasing: window[cell.offset..<cell.offset + cell.width])
                do throws(CellError) {
                    try cell.write(bytes, heap, to: rows)
                    try rows.checkRow()
                } catch { throw InputError.badCell(error, row: row + 1, column: cell.column.name) }
            }
            cursor.skip(width)
            row += 1
            if rows.count >= 256 * 1024 { try sink.take(rows) }
        }
        if rows.rows > 0 { try sink.take(rows) }
    }
}

/// The first so many bytes of a source.
private final class LeadingSource: ByteSource {
    private let source: any ByteSource
    private var left: Int

    init(_ source: any ByteSource, count: Int) {
        self.source = source
        left = count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard left > 0 else { return 0 }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(left)))
        left -= count
        return count
    }
}

/// Where the cells of variable length lie.
struct FITSHeap {
    let spool: SpoolSource
    let start: Int
    let end: Int
    let limit: Int

    /// Lends the bytes of one cell.
    func lend(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) throws(CellError) -> Void) throws(CellError) {
        guard offset >= 0, count >= 0, count <= limit, count <= end - start, offset <= end - start - count else {
            throw CellError("it lies outside of the file's heap, or is larger than \(limit) bytes, the limit of this service")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 16)
        defer { buffer.deallocate() }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        guard count == 0 || spool.read(at: start + offset, into: bytes) else { throw CellError("the file ends before it") }
        try body(UnsafeRawBufferPointer(bytes))
    }
}
