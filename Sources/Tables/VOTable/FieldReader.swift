import TableInput
import TableModel

/// Puts the cells of one column into rows; what to do with them is decided once.
struct FieldReader {
    let column: Column
    let datatype: VOTableType.Datatype
    let target: Target
    /// Elements of a cell, a complex number counting as two; nil when that varies.
    let count: Int?
    /// Strings of an array, each that long.
    let stringWidth: Int?
    let isUnicode: Bool
    /// What stands for NULL.
    let nullText: [UInt8]?
    let nullNumber: Int64?
    let nullDouble: Double?

    enum Target {
        case boolean
        case unsignedByte
        case short, int, long
        case float, double
        case text
        case timestamp
        case bytes
        case array(ValueType.Element)
        /// Degrees, of which there must be that many.
        case shape(ClosedRange<Int>)
    }

    init(_ field: FieldDeclaration) {
        column = field.column
        datatype = field.datatype
        stringWidth = field.stringWidth
        isUnicode = field.datatype == .unicodeChar
        let isComplex = field.datatype == .floatComplex || field.datatype == .doubleComplex
        count =
            switch field.shape {
            case .scalar: isComplex ? 2 : 1
            case .fixed(let n): isComplex ? 2 * n : n
            case .variable: nil
            }
        switch column.type {
        case .point: target = .shape(2...2)
        case .circle: target = .shape(3...3)
        case .polygon: target = .shape(6...Int.max)
        case .timestamp: target = .timestamp
        case .array(let element, _): target = .array(element)
        case .blob: target = .bytes
        case .boolean: target = .boolean
        case .smallint: target = field.datatype == .unsignedByte ? .unsignedByte : .short
        case .integer: target = .int
        case .bigint: target = .long
        case .real: target = .float
        case .double: target = .double
        default: target = .text
        }
        nullText = field.null.map { Array($0.utf8) }
        nullNumber = nullText.flatMap { $0.withUnsafeBytes { NumberText.int(NumberText.trimmed($0)) } }
        nullDouble = nullText.flatMap { $0.withUnsafeBytes { NumberText.double(NumberText.trimmed($0)) } }
    }
}

// MARK: - TABLEDATA

extension FieldReader {
    /// Writes a cell of TABLEDATA; an empty one is NULL (VOTable 1.5 §4.7).
    func write(text cell: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        if case .text = target {
            if cell.isEmpty || isNull(cell) { return rows.null() }
            return rows.field(text: cell)
        }
        let value = NumberText.trimmed(cell)
        if value.isEmpty || nullText != nil && isNull(value) { return rows.null() }
        switch target {
        case .double:
            guard let number = NumberText.double(value) else { throw .notA("number", value) }
            number == nullDouble ? rows.null() : rows.field(number)
        case .float:
            guard let number = NumberText.float(value) else { throw .notA("number", value) }
            Double(number) == nullDouble ? rows.null() : rows.field(number)
        case .long, .int, .short, .unsignedByte: try write(try integer(value), value, to: rows)
        case .boolean:
            if value.count == 1, value[0] == UInt8(ascii: "?") { return rows.null() }
            guard let truth = Self.truth(value) else { throw .notA("truth value", value) }
            rows.field(truth)
        case .timestamp:
            guard let time = TimestampText.microseconds(value) else { throw .notA("timestamp such as 2016-01-01T00:00:00", value) }
            rows.field(time)
        case .bytes, .array, .shape: try writeList(value, to: rows)
        case .text: break
        }
    }

    private func isNull(_ value: UnsafeRawBufferPointer) -> Bool {
        nullText.map { $0.count == value.count && $0.elementsEqual(value) } ?? false
    }

    private func integer(_ value: UnsafeRawBufferPointer) throws(CellError) -> Int64 {
        guard let number = NumberText.int(value) else { throw .notA("whole number of 64 bits", value) }
        return number
    }

    private func write(_ number: Int64, _ text: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        if number == nullNumber { return rows.null() }
        switch target {
        case .int:
            guard let number = Int32(exactly: number) else { throw .notA("int, which goes from -2147483648 to 2147483647", text) }
            rows.field(number)
        case .short:
            guard let number = Int16(exactly: number) else { throw .notA("short, which goes from -32768 to 32767", text) }
            rows.field(number)
        case .unsignedByte:
            guard let number = UInt8(exactly: number) else { throw .notA("unsignedByte, which goes from 0 to 255", text) }
            rows.field(Int16(number))
        default: rows.field(number)
        }
    }

    /// `T`, `true`, `1` and their opposites in any letter case.
    private static func truth(_ value: UnsafeRawBufferPointer) -> Bool? {
        switch String(decoding: value.prefix(6), as: UTF8.self).lowercased() {
        case "t", "true", "1": true
        case "f", "false", "0": false
        default: nil
        }
    }

    private func writeList(_ value: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        var elements = ElementWriter(self, rows)
        // Bits may stand without blanks between them.
        if datatype == .bit {
            for index in value.indices where !NumberText.isBlank(value[index]) {
                try rows.checkRow()
                try elements.add(text: UnsafeRawBufferPointer(rebasing: value[index...index]))
            }
        } else {
            var start = 0
            while start < value.count {
                var end = start
                while end < value.count, !NumberText.isBlank(value[end]) { end += 1 }
                try rows.checkRow()
                if end > start { try elements.add(text: UnsafeRawBufferPointer(rebasing: value[start..<end])) }
                start = end + 1
            }
        }
        try elements.finish()
    }

    /// Writes a cell that is base64 within TABLEDATA (TD's encoding): the value as BINARY has it.
    func write(base64 cell: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        var decoder = Base64Decoder()
        var decoded: [UInt8] = []
        guard decoder.decode(cell, into: { decoded.append($0) }) else { throw .notA("base64 text", cell) }
        var failure: CellError?
        decoded.withUnsafeBytes { bytes in
            var cursor = BinaryCursor(bytes)
            do throws(CellError) {
                if try !write(binary: &cursor, isNull: false, limit: .max, to: rows) { failure = CellError("the base64 text is too short") }
            } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

// MARK: - BINARY and BINARY2

/// Reads on through bytes of which there may not be enough yet.
struct BinaryCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    /// How many bytes it would take to get on.
    private(set) var needed = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next bytes; nil, and ``needed`` says why, when they have not come.
    @inline(__always)
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard bytes.count - offset >= count else {
            needed = offset + count
            return nil
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    @inline(__always)
    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        take(MemoryLayout<Value>.size).map { Value(bigEndian: $0.loadUnaligned(as: Value.self)) }
    }
}

extension FieldReader {
    /// Writes a cell of BINARY or BINARY2.
    ///
    /// - Returns: false when not all of its bytes have come.
    func write(binary cursor: inout BinaryCursor, isNull: Bool, limit: Int, to rows: CopyRows) throws(CellError) -> Bool {
        switch target {
        case .double:
            guard let bits = cursor.integer(UInt64.self) else { return false }
            isNull || nullDouble == Double(bitPattern: bits) ? rows.null() : rows.field(bits)
        case .float:
            guard let bits = cursor.integer(UInt32.self) else { return false }
            isNull || nullDouble == Double(Float(bitPattern: bits)) ? rows.null() : rows.field(bits)
        case .long:
            guard let number = cursor.integer(Int64.self) else { return false }
            isNull || nullNumber == number ? rows.null() : rows.field(number)
        case .int:
            guard let number = cursor.integer(Int32.self) else { return false }
            isNull || nullNumber == Int64(number) ? rows.null() : rows.field(number)
        case .short:
            guard let number = cursor.integer(Int16.self) else { return false }
            isNull || nullNumber == Int64(number) ? rows.null() : rows.field(number)
        case .unsignedByte:
            guard let number = cursor.integer(UInt8.self) else { return false }
            isNull || nullNumber == Int64(number) ? rows.null() : rows.field(Int16(number))
        case .boolean:
            guard let byte = cursor.integer(UInt8.self) else { return false }
            // A single bit is the first one by the standard, and astropy writes the fifth.
            guard !isNull, let truth = datatype == .bit ? byte != 0 : Self.truth(byte) else {
                rows.null()
                return true
            }
            rows.field(truth)
        case .text, .timestamp, .bytes, .array, .shape:
            return try writeMany(&cursor, isNull: isNull, limit: limit, to: rows)
        }
        return true
    }

    static func truth(_ byte: UInt8) -> Bool? {
        switch byte {
        case UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: "1"): true
        case UInt8(ascii: "F"), UInt8(ascii: "f"), UInt8(ascii: "0"): false
        default: nil
        }
    }

    /// Cells of several elements, with their number before them where it varies.
    private func writeMany(
        _ cursor: inout BinaryCursor, isNull: Bool, limit: Int, to rows: CopyRows
    ) throws(CellError) -> Bool {
        let isComplex = datatype == .floatComplex || datatype == .doubleComplex
        let elements: Int
        if let count {
            elements = count
        } else {
            guard let count = cursor.integer(Int32.self) else { return false }
            guard count >= 0 else { throw CellError("its number of elements is \(count)") }
            elements = Int(count) * (isComplex ? 2 : 1)
        }
        let size = datatype == .bit ? (elements + 7) / 8 : elements * width
        guard size <= limit else { throw CellError("it has \(size) bytes, and \(limit) is the limit of this service") }
        guard let bytes = cursor.take(size) else { return false }
        // Without flags an empty text or array is as good as none.
        if isNull {
            rows.null()
            return true
        }
        switch target {
        case .text: writeText(bytes, to: rows)
        case .timestamp: try writeTime(bytes, to: rows)
        case .bytes: rows.field(bytes)
        default:
            var list = ElementWriter(self, rows)
            try list.expect(elements)
            if datatype == .bit {
                for index in 0..<elements { list.add(Int64(bytes[index >> 3] >> UInt8(7 - index & 7) & 1)) }
            } else {
                for index in 0..<elements { list.add(binary: UnsafeRawBufferPointer(rebasing: bytes[index * width..<(index + 1) * width])) }
            }
            try list.finish()
        }
        return true
    }

    /// Bytes of one element.
    private var width: Int {
        switch datatype {
        case .boolean, .bit, .unsignedByte, .char: 1
        case .short, .unicodeChar: 2
        case .int, .float, .floatComplex: 4
        case .long, .double, .doubleComplex: 8
        }
    }

    private func writeText(_ bytes: UnsafeRawBufferPointer, to rows: CopyRows) {
        if let stringWidth, !isUnicode, bytes.contains(0) {
            // Strings of an array keep their places.
            var blanks = Array(bytes)
            for start in stride(from: 0, to: blanks.count, by: stringWidth) {
                var isOver = false
                for index in start..<min(start + stringWidth, blanks.count) {
                    isOver = isOver || blanks[index] == 0
                    if isOver { blanks[index] = 0x20 }
                }
            }
            return blanks.withUnsafeBytes { rows.field(text: trimmed($0)) }
        }
        let text = isUnicode ? Self.utf8(fromUTF16: bytes) : nil
        if let text { return text.withUnsafeBytes { finishText($0, to: rows) } }
        finishText(bytes, to: rows)
    }

    private func finishText(_ bytes: UnsafeRawBufferPointer, to rows: CopyRows) {
        if isNull(bytes) { return rows.null() }
        rows.field(text: count == nil ? bytes : trimmed(bytes))
    }

    /// Text of a fixed length is filled up with NULs or blanks.
    private func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = bytes.firstIndex(of: 0) ?? bytes.count
        while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    private func writeTime(_ bytes: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        var plain = isUnicode ? Self.utf8(fromUTF16: bytes) : Array(bytes)
        if let end = plain.firstIndex(of: 0) { plain.removeSubrange(end...) }
        let parsed: (isEmpty: Bool, time: Int64?) = plain.withUnsafeBytes { bytes in
            let value = NumberText.trimmed(bytes)
            return (value.isEmpty || isNull(value), TimestampText.microseconds(value))
        }
        if parsed.isEmpty { return rows.null() }
        guard let time = parsed.time else {
            throw CellError("\"\(String(decoding: plain.prefix(40), as: UTF8.self))\" is no timestamp such as 2016-01-01T00:00:00")
        }
        rows.field(time)
    }

    private static func utf8(fromUTF16 bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: 0, to: bytes.count - 1, by: 2) { units.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])) }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
