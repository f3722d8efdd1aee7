import NIOCore
import TableModel
import VOTable

/// Rows as a FITS binary table (FITS 4.0 §7.3), with the VOTable that describes it in the primary array, as TOPCAT writes "fits-plus".
///
/// The header tells the number of rows and the widths of texts, so the rows are spooled, and written when all are there. NULL is NaN for
/// a floating number, TNULL for a whole one (a number that the column does not hold), nothing for a text, and byte 0 for a logical value.
/// Texts are UTF-8, of which FITS itself knows the ASCII part only. Texts of very different lengths, arrays of any length and bytes lie
/// in the heap.
final class FITSEncoder: SpoolingEncoder {
    static let mostColumns = 999

    private let document: ResultDocument
    private let accessURL: AccessURLForm
    private var columns: [FITSColumn]
    private let spool = RowSpool()
    private let numbers = DecimalText()
    private var rowCount = 0

    // What is written once all rows are there.
    private var part = Part.head
    private var head: [UInt8] = []
    private var rowWidth = 0
    private var heapCount = 0
    private var heapPosition = 0
    private var stage = ByteStage(capacity: 64 * 1024)
    private let urlPrefix: [UInt8]
    private let urlSuffix: [UInt8]

    private enum Part {
        case head, rows, heap, done
    }

    private static let batch = 256 * 1024

    init(document: ResultDocument, accessURL: AccessURLForm) throws(FormatError) {
        guard document.fields.count <= Self.mostColumns else { throw .tooManyColumns(document.fields.count, limit: Self.mostColumns) }
        self.document = document
        self.accessURL = accessURL
        urlPrefix = Array(accessURL.prefix.utf8)
        urlSuffix = Array(accessURL.suffix.utf8)
        let urlCount = urlPrefix.count + 36 + urlSuffix.count
        columns = document.columns.map { FITSColumn($0.type, urlCount: urlCount) }
    }

    var staged: Int { 0 }

    func writeHead(into buffer: inout ByteBuffer) {}

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: columns.count)
        for column in columns.indices {
            if let field = try fields.next() { try columns[column].note(field) } else { columns[column].noteNull() }
        }
        try spool.append(row)
        rowCount += 1
    }

    func drain(into buffer: inout ByteBuffer) {}

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        if case .error = status { return false }
        for column in columns.indices { columns[column].settle() }
        heapCount = columns.reduce(0) { $0 + $1.heapCount }
        if heapCount > Int(Int32.max) {
            for column in columns.indices { columns[column].isFarHeap = true }
        }
        rowWidth = columns.reduce(0) { $0 + $1.width }
        head = document.fitsHead(columns, rowCount: rowCount, rowWidth: rowWidth, heapCount: heapCount, status: status)
        return true
    }

    var contentLength: Int {
        let data = rowCount * rowWidth + heapCount
        return head.count + data + FITSHeader.padding(after: data)
    }

    func next(into buffer: inout ByteBuffer) throws(FormatError) -> Bool {
        switch part {
        case .head:
            buffer.writeBytes(head)
            try spool.rewind()
            part = .rows
            return true
        case .rows:
            while stage.count < Self.batch {
                guard let row = try spool.next() else {
                    try spool.rewind()
                    part = .heap
                    break
                }
                try write(row)
            }
        case .heap:
            while stage.count < Self.batch {
                guard heapCount > 0, let row = try spool.next() else {
                    stage.appendZeros(FITSHeader.padding(after: rowCount * rowWidth + heapCount))
                    part = .done
                    break
                }
                try writeHeap(of: row)
            }
        case .done:
            return false
        }
        buffer.writeBytes(stage.bytes)
        stage.dropFirst(stage.count)
        return true
    }

    // MARK: - Rows

    private func write(_ row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: columns.count)
        // A timestamp is written in one go, whatever its width.
        stage.reserve(rowWidth + Timestamp.maximumCount)
        var end = stage.end
        try columns.withUnsafeBufferPointer { columns throws(FormatError) in
            for column in columns {
                if column.isInHeap {
                    end = try describe(fields.next(), column, at: end)
                } else if let field = try fields.next() {
                    try write(field, column, to: end)
                    end += column.width
                } else {
                    writeNull(column, to: end)
                    end += column.width
                }
            }
        }
        stage.advance(to: end)
    }

    @inline(__always)
    private func write(_ field: UnsafeRawBufferPointer, _ column: FITSColumn, to target: UnsafeMutableRawPointer) throws(FormatError) {
        switch column.plan.kind {
        case .int2: target.storeBytes(of: field.loadUnaligned(as: UInt16.self), as: UInt16.self)
        case .int4, .float4: target.storeBytes(of: field.loadUnaligned(as: UInt32.self), as: UInt32.self)
        case .int8, .float8: target.storeBytes(of: field.loadUnaligned(as: UInt64.self), as: UInt64.self)
        case .boolean: target.storeBytes(of: field.first == 0 ? UInt8(ascii: "F") : UInt8(ascii: "T"), as: UInt8.self)
        case .text, .fixedText: fill(copy(field, to: target), upTo: target + column.width)
        case .timestamp:
            let end = Timestamp.write(microseconds: Int64(bigEndian: field.loadUnaligned(as: Int64.self)), with: numbers, to: target)
            fill(end, upTo: target + column.width)
        case .rowIdentifier: writeUUID(field, column.plan.tag, to: target)
        case .accessURL:
            let start = urlPrefix.withUnsafeBytes { copy($0, to: target) }
            writeUUID(field, column.plan.tag, to: start)
            urlSuffix.withUnsafeBytes { _ = copy($0, to: start + 36) }
        case .array: try writeElements(CopyArray(field), column, count: column.plan.count, to: target)
        case .bytes: break
        }
    }

    private func fill(_ start: UnsafeMutableRawPointer, upTo end: UnsafeMutableRawPointer) {
        if end > start { start.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: " "), count: end - start) }
    }

    private func writeUUID(_ field: UnsafeRawBufferPointer, _ tag: TableTag, to target: UnsafeMutableRawPointer) {
        let key = Int64(bigEndian: field.loadUnaligned(as: Int64.self))
        RowIdentifier(tag: tag, key: key).write(to: UnsafeMutableRawBufferPointer(start: target, count: 36))
    }

    private func writeElements(
        _ array: CopyArray, _ column: FITSColumn, count: Int, to target: UnsafeMutableRawPointer
    ) throws(FormatError) {
        var array = array
        let width = column.plan.width
        for index in 0..<count {
            if index < array.count, let element = try array.next() {
                guard element.count == width else { throw .damagedRow }
                _ = copy(element, to: target + index * width)
            } else {
                writeMissing(column, to: target + index * width)
            }
        }
    }

    private func writeNull(_ column: FITSColumn, to target: UnsafeMutableRawPointer) {
        switch column.plan.kind {
        case .int2, .int4, .int8, .float4, .float8: writeMissing(column, to: target)
        case .array:
            for index in 0..<column.plan.count { writeMissing(column, to: target + index * column.plan.width) }
        default: target.initializeMemory(as: UInt8.self, repeating: 0, count: column.width)
        }
    }

    /// One number that is NULL.
    private func writeMissing(_ column: FITSColumn, to target: UnsafeMutableRawPointer) {
        let number = column.null ?? 0
        switch column.plan.kind == .array ? column.plan.element : column.plan.kind {
        case .int2: target.storeBytes(of: Int16(truncatingIfNeeded: number).bigEndian, as: Int16.self)
        case .int4: target.storeBytes(of: Int32(truncatingIfNeeded: number).bigEndian, as: Int32.self)
        case .int8: target.storeBytes(of: number.bigEndian, as: Int64.self)
        case .float4: target.storeBytes(of: Float.nan.bitPattern.bigEndian, as: UInt32.self)
        default: target.storeBytes(of: Double.nan.bitPattern.bigEndian, as: UInt64.self)
        }
    }

    // MARK: - The heap

    /// Elements and place of a cell's content in the heap (FITS 4.0 §7.3.5).
    private func describe(
        _ field: UnsafeRawBufferPointer?, _ column: FITSColumn, at target: UnsafeMutableRawPointer
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        var (count, bytes) = (0, 0)
        if let field {
            count = column.plan.kind == .array ? try CopyArray(field).count : field.count
            bytes = column.plan.kind == .array ? count * column.plan.width : count
        }
        if column.isFarHeap {
            target.storeBytes(of: Int64(count).bigEndian, as: Int64.self)
            target.storeBytes(of: Int64(heapPosition).bigEndian, toByteOffset: 8, as: Int64.self)
        } else {
            target.storeBytes(of: Int32(count).bigEndian, as: Int32.self)
            target.storeBytes(of: Int32(heapPosition).bigEndian, toByteOffset: 4, as: Int32.self)
        }
        heapPosition += bytes
        return target + column.width
    }

    private func writeHeap(of row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: columns.count)
        stage.reserve(2 * row.count)
        var end = stage.end
        for column in columns {
            guard let field = try fields.next(), column.isInHeap else { continue }
            if column.plan.kind == .array {
                let array = try CopyArray(field)
                try writeElements(array, column, count: array.count, to: end)
                end += array.count * column.plan.width
            } else {
                end = copy(field, to: end)
            }
        }
        stage.advance(to: end)
    }

    @inline(__always)
    private func copy(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        guard let start = source.baseAddress else { return target }
        target.copyMemory(from: start, byteCount: source.count)
        return target + source.count
    }
}
