/// A row of `COPY … (FORMAT binary)`, read field by field from front to back.
///
/// Every length is held against the row's end, so a damaged row is an error and never a read beyond it.
struct CopyRow {
    private var cursor: UnsafeRawPointer
    private let end: UnsafeRawPointer

    /// - Throws: ``FormatError`` when the row has not `columns` fields.
    @inline(__always)
    init(_ row: UnsafeRawBufferPointer, columns: Int) throws(FormatError) {
        guard let start = row.baseAddress, row.count >= 2,
            Int(Int16(bigEndian: start.loadUnaligned(as: Int16.self))) == columns
        else { throw .damagedRow }
        cursor = start + 2
        end = start + row.count
    }

    /// The next field's bytes; nil for NULL.
    @inline(__always)
    mutating func next() throws(FormatError) -> UnsafeRawBufferPointer? {
        guard end - cursor >= 4 else { throw .damagedRow }
        let count = Int(Int32(bigEndian: cursor.loadUnaligned(as: Int32.self)))
        cursor += 4
        if count < 0 { return nil }
        guard end - cursor >= count else { throw .damagedRow }
        defer { cursor += count }
        return UnsafeRawBufferPointer(start: cursor, count: count)
    }
}

/// PostgreSQL's binary array of one dimension, as a field holds it.
struct CopyArray {
    let count: Int
    private var cursor: UnsafeRawPointer
    private let end: UnsafeRawPointer

    init(_ field: UnsafeRawBufferPointer) throws(FormatError) {
        guard let start = field.baseAddress, field.count >= 12 else { throw .damagedRow }
        let dimensions = Int32(bigEndian: start.loadUnaligned(as: Int32.self))
        end = start + field.count
        guard dimensions > 0 else {
            count = 0
            cursor = end
            return
        }
        // More than one dimension: the elements follow in the same order, the lengths multiply.
        var total = 1
        for dimension in 0..<Int(dimensions) {
            guard field.count >= 12 + 8 * (dimension + 1) else { throw .damagedRow }
            let length = Int(Int32(bigEndian: start.loadUnaligned(fromByteOffset: 12 + 8 * dimension, as: Int32.self)))
            guard length >= 0 else { throw .damagedRow }
            // Each element has at least its byte count.
            total = length == 0 ? 0 : total.multipliedReportingOverflow(by: length).partialValue
            guard total >= 0, total <= field.count / 4 else { throw .damagedRow }
        }
        count = total
        cursor = start + 12 + 8 * Int(dimensions)
    }

    /// The next element's bytes; nil for NULL.
    mutating func next() throws(FormatError) -> UnsafeRawBufferPointer? {
        guard end - cursor >= 4 else { throw .damagedRow }
        let width = Int(Int32(bigEndian: cursor.loadUnaligned(as: Int32.self)))
        cursor += 4
        if width < 0 { return nil }
        guard end - cursor >= width else { throw .damagedRow }
        defer { cursor += width }
        return UnsafeRawBufferPointer(start: cursor, count: width)
    }
}
