import TableModel

/// One column of the row group that is being filled: its values in PLAIN encoding, and which are NULL.
struct ParquetColumn: ~Copyable {
    let plan: CellPlan
    private let numbers = DecimalText()
    private let urlPrefix: [UInt8]
    private let urlSuffix: [UInt8]

    /// Entries: rows, or for a list its elements, of which a missing or empty list has one.
    private(set) var entries = 0
    private(set) var nulls = 0
    private var values = ByteStage(capacity: 4096)
    /// A definition level for each entry; empty while all are present.
    private var definitions = ByteStage(capacity: 64)
    /// For lists: 0 where a row begins, 1 elsewhere.
    private var repetitions = ByteStage(capacity: 64)

    init(_ type: ValueType, accessURL: AccessURLForm) {
        plan = CellPlan(type)
        urlPrefix = Array(accessURL.prefix.utf8)
        urlSuffix = Array(accessURL.suffix.utf8)
    }

    var isList: Bool { plan.kind == .array }

    // MARK: - Values

    mutating func appendNull() {
        nulls += 1
        if isList {
            appendLevels(repetition: 0, definition: 0)
        } else {
            if nulls == 1 { for _ in 0..<entries { definitions.append(1 as UInt8) } }
            definitions.append(0 as UInt8)
            entries += 1
        }
    }

    mutating func append(_ field: UnsafeRawBufferPointer) throws(FormatError) {
        if isList { return try append(CopyArray(field)) }
        switch plan.kind {
        case .int2, .int4, .int8, .float4, .float8: try appendNumber(field, plan.kind, width: plan.width)
        case .boolean: values.append(field.first == 0 ? 0 as UInt8 : 1)
        case .text, .fixedText, .bytes:
            appendCount(field.count)
            values.append(field)
        case .timestamp:
            // From 2000 to 1970.
            let microseconds = Timestamp.clipped(try int8(field)) + 946_684_800_000_000
            values.reserve(8)
            values.end.storeBytes(of: microseconds.littleEndian, as: Int64.self)
            values.advance(to: values.end + 8)
        case .rowIdentifier:
            appendCount(36)
            appendUUID(try int8(field))
        case .accessURL:
            appendCount(urlPrefix.count + 36 + urlSuffix.count)
            urlPrefix.withUnsafeBytes { values.append($0) }
            appendUUID(try int8(field))
            urlSuffix.withUnsafeBytes { values.append($0) }
        case .array: break
        }
        if nulls > 0 { definitions.append(1 as UInt8) }
        entries += 1
    }

    @inline(__always)
    private mutating func appendNumber(_ field: UnsafeRawBufferPointer, _ kind: CellPlan.Kind, width: Int) throws(FormatError) {
        guard field.count == width else { throw .damagedRow }
        values.reserve(8)
        switch kind {
        case .int8, .float8:
            values.end.storeBytes(of: field.loadUnaligned(as: UInt64.self).byteSwapped, as: UInt64.self)
            values.advance(to: values.end + 8)
        case .int4, .float4:
            values.end.storeBytes(of: field.loadUnaligned(as: UInt32.self).byteSwapped, as: UInt32.self)
            values.advance(to: values.end + 4)
        default:
            values.end.storeBytes(of: Int32(Int16(bigEndian: field.loadUnaligned(as: Int16.self))).littleEndian, as: Int32.self)
            values.advance(to: values.end + 4)
        }
    }

    private mutating func append(_ array: CopyArray) throws(FormatError) {
        var array = array
        if array.count == 0 { return appendLevels(repetition: 0, definition: 1) }
        for index in 0..<array.count {
            if let element = try array.next() {
                try appendNumber(element, plan.element, width: plan.width)
                appendLevels(repetition: index == 0 ? 0 : 1, definition: 3)
            } else {
                nulls += 1
                appendLevels(repetition: index == 0 ? 0 : 1, definition: 2)
            }
        }
    }

    private mutating func appendLevels(repetition: UInt8, definition: UInt8) {
        repetitions.append(repetition)
        definitions.append(definition)
        entries += 1
    }

    private mutating func appendCount(_ count: Int) {
        values.reserve(4)
        values.end.storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
        values.advance(to: values.end + 4)
    }

    private mutating func appendUUID(_ key: Int64) {
        values.reserve(36)
        RowIdentifier(tag: plan.tag, key: key).write(to: UnsafeMutableRawBufferPointer(start: values.end, count: 36))
        values.advance(to: values.end + 36)
    }

    private func int8(_ field: UnsafeRawBufferPointer) throws(FormatError) -> Int64 {
        guard field.count == 8 else { throw .damagedRow }
        return Int64(bigEndian: field.loadUnaligned(as: Int64.self))
    }

    // MARK: - The page

    /// Moves the column's data into a page: levels, then values (Parquet, "Data Pages"). The column is empty then.
    mutating func fillPage(_ page: inout ByteStage) {
        if isList { Self.append(levels: repetitions.bytes, bits: 1, to: &page) }
        if definitions.count > 0 {
            Self.append(levels: definitions.bytes, bits: isList ? 2 : 1, to: &page)
        } else {
            // All present: one run.
            var run: [UInt8] = []
            ThriftWriter.append(varint: UInt64(entries) << 1, to: &run)
            Self.append(run + [1], to: &page)
        }
        if plan.kind == .boolean { Self.appendBits(values.bytes, width: 1, to: &page) } else { page.append(values.bytes) }
        values.dropFirst(values.count)
        definitions.dropFirst(definitions.count)
        repetitions.dropFirst(repetitions.count)
        entries = 0
        nulls = 0
    }

    /// Levels as one run when they are all the same, else bit-packed ("RLE/Bit-Packing Hybrid").
    private static func append(levels: UnsafeRawBufferPointer, bits: Int, to page: inout ByteStage) {
        var head: [UInt8] = []
        if let first = levels.first, levels.allSatisfy({ $0 == first }) {
            ThriftWriter.append(varint: UInt64(levels.count) << 1, to: &head)
            return append(head + [first], to: &page)
        }
        let groups = (levels.count + 7) / 8
        ThriftWriter.append(varint: UInt64(groups) << 1 | 1, to: &head)
        appendLength(head.count + groups * bits, to: &page)
        head.withUnsafeBytes { page.append($0) }
        appendBits(levels, width: bits, to: &page)
        // The last group is whole.
        page.appendZeros(groups * bits - (levels.count * bits + 7) / 8)
    }

    private static func append(_ bytes: [UInt8], to page: inout ByteStage) {
        appendLength(bytes.count, to: &page)
        bytes.withUnsafeBytes { page.append($0) }
    }

    private static func appendLength(_ count: Int, to page: inout ByteStage) {
        withUnsafeBytes(of: UInt32(count).littleEndian) { page.append($0) }
    }

    /// Values of `width` bits each, the first in the lowest bits.
    private static func appendBits(_ values: UnsafeRawBufferPointer, width: Int, to page: inout ByteStage) {
        page.reserve(values.count * width / 8 + 1)
        let perByte = 8 / width
        var index = 0
        while index < values.count {
            var byte: UInt8 = 0
            for place in 0..<min(perByte, values.count - index) { byte |= values[index + place] << UInt8(place * width) }
            page.append(byte)
            index += perByte
        }
    }
}
