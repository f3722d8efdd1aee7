package import TableModel

/// Rows in the making for `COPY … FROM STDIN (FORMAT binary)` (PostgreSQL, COPY, "Binary Format").
///
/// A row is begun with its number of fields; then each field is written once, in order. Numbers become big-endian.
package final class CopyRows {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes so far.
    package private(set) var count = 0
    /// Rows that were begun since the buffer was last emptied.
    package private(set) var rows = 0
    private var rowStart = 0
    private let rowLimit: Int

    /// Signature, flags, and no header extension.
    package static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    package static let trailer: [UInt8] = [0xFF, 0xFF]

    /// - Parameter rowLimit: bytes of a row, for ``checkRow(adding:)``.
    package init(capacity: Int = 512 * 1024, rowLimit: Int = .max) {
        self.capacity = capacity
        self.rowLimit = rowLimit
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    package func removeAll() {
        count = 0
        rows = 0
    }

    /// A place to come back to with ``rewind(to:)``.
    package struct Mark {
        fileprivate var count: Int
        fileprivate var rows: Int
    }

    package var mark: Mark { Mark(count: count, rows: rows) }

    package func rewind(to mark: Mark) {
        count = mark.count
        rows = mark.rows
    }

    // MARK: - Fields

    package func beginRow(fields: Int) {
        rows += 1
        rowStart = count
        append(Int16(truncatingIfNeeded: fields))
    }

    package func null() {
        append(Int32(-1))
    }

    /// Also for the elements of an array.
    @inline(__always)
    package func field<Value: FixedWidthInteger>(_ value: Value) {
        let width = MemoryLayout<Value>.size
        reserve(4 + width)
        (base + count).storeBytes(of: Int32(truncatingIfNeeded: width).bigEndian, as: Int32.self)
        (base + count + 4).storeBytes(of: value.bigEndian, as: Value.self)
        count += 4 + width
    }

    package func field(_ value: Bool) {
        field(UInt8(value ? 1 : 0))
    }

    @inline(__always)
    package func field(_ value: Double) {
        field(value.bitPattern)
    }

    @inline(__always)
    package func field(_ value: Float) {
        field(value.bitPattern)
    }

    package func field(_ bytes: UnsafeRawBufferPointer) {
        reserve(4 + bytes.count)
        append(Int32(truncatingIfNeeded: bytes.count))
        if let start = bytes.baseAddress { (base + count).copyMemory(from: start, byteCount: bytes.count) }
        count += bytes.count
    }

    package func field(_ text: String) {
        var text = text
        text.withUTF8 { field(UnsafeRawBufferPointer($0)) }
    }

    /// Text in whatever encoding it comes: up to its first NUL, which PostgreSQL can't hold; what is not UTF-8 is taken for ISO 8859-1.
    package func field(text bytes: UnsafeRawBufferPointer) {
        let text = bytes.firstIndex(of: 0).map { UnsafeRawBufferPointer(rebasing: bytes[..<$0]) } ?? bytes
        if text.allSatisfy({ $0 < 0x80 }) || String(validating: text, as: UTF8.self) != nil { return field(text) }
        var latin = ""
        latin.unicodeScalars.append(contentsOf: text.lazy.map { Unicode.Scalar($0) })
        field(latin)
    }

    /// Asks whether the row is as small as it must be; called behind each cell, and before one that becomes much larger than it came.
    @inline(__always)
    package func checkRow(adding more: Int = 0) throws(CellError) {
        if more > rowLimit - (count - rowStart) { throw .rowTooLarge(limit: rowLimit) }
    }

    // MARK: - Arrays of one dimension

    /// Asks whether an array of so many elements fits into the row.
    package func checkRow(addingArrayOf element: ValueType.Element, elements: Int) throws(CellError) {
        let width =
            switch element {
            case .smallint: 2
            case .integer, .real: 4
            case .bigint, .double: 8
            }
        let (size, isTooLarge) = elements.multipliedReportingOverflow(by: 4 + width)
        try checkRow(adding: isTooLarge ? .max : size)
    }

    /// Begins an array; its elements follow as fields, then ``endArray(_:elements:)``.
    package func beginArray(of element: ValueType.Element) -> Int {
        let start = count
        reserve(24)
        append(Int32(0))
        append(Int32(1))
        append(Int32(1))
        append(Self.oid(of: element))
        append(Int32(0))
        append(Int32(1))
        return start
    }

    package func endArray(_ start: Int, elements: Int) {
        if elements == 0 {
            // An empty array has no dimension.
            count = start + 16
            (base + start + 4).storeBytes(of: 0, as: Int32.self)
            (base + start + 8).storeBytes(of: 0, as: Int32.self)
        } else {
            (base + start + 16).storeBytes(of: Int32(truncatingIfNeeded: elements).bigEndian, as: Int32.self)
        }
        (base + start).storeBytes(of: Int32(truncatingIfNeeded: count - start - 4).bigEndian, as: Int32.self)
    }

    /// Takes a field back that began at `start`, and writes NULL in its place.
    package func nullInstead(from start: Int) {
        count = start
        null()
    }

    // MARK: - Room

    @inline(__always)
    private func append<Value: FixedWidthInteger>(_ value: Value) {
        reserve(MemoryLayout<Value>.size)
        (base + count).storeBytes(of: value.bigEndian, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    private func grow(_ more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    /// PostgreSQL's fixed numbers of its own types.
    private static func oid(of element: ValueType.Element) -> Int32 {
        switch element {
        case .smallint: 21
        case .integer: 23
        case .bigint: 20
        case .real: 700
        case .double: 701
        }
    }
}
