import TableInput
import TableModel

/// One column of a FITS table: where its cells lie in a row, and how they are written down.
struct FITSCell {
    var column: Column
    let offset: Int
    let width: Int
    private let code: UInt8
    /// Elements of a cell; for one in the heap, what TFORM says does not matter.
    private let count: Int
    private let descriptor: Descriptor
    private let null: Int64?
    private let nullText: [UInt8]?
    private let scale: Double
    private let zero: Double
    /// A whole number that makes unsigned ones of signed ones and the other way round.
    private let shift: Int64
    private let isText: Bool

    private enum Descriptor {
        case none, short, long
    }

    var isInHeap: Bool { descriptor != .none }

    // MARK: - Declarations

    /// A column of a BINTABLE (FITS 4.0 §7.3).
    init(binary header: FITSHeader, _ number: Int, offset: Int) throws(InputError) {
        let form = header.text("TFORM\(number)") ?? ""
        var rest = Substring(form)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        guard let repeats = digits.isEmpty ? 1 : Int(digits), repeats <= 1 << 28, var letter = rest.first else {
            throw .badFormat(form, column: number)
        }
        var descriptor = Descriptor.none
        if letter == "P" || letter == "Q" {
            descriptor = letter == "P" ? .short : .long
            guard let inner = rest.dropFirst().first else { throw .badFormat(form, column: number) }
            letter = inner
        }
        guard let code = letter.asciiValue, let size = Self.sizes[letter] else { throw .badFormat(form, column: number) }
        self.descriptor = descriptor
        self.code = code
        self.offset = offset
        count = repeats
        switch descriptor {
        case .none: width = letter == "X" ? (repeats + 7) / 8 : repeats * size
        case .short: width = repeats == 0 ? 0 : 8
        case .long: width = repeats == 0 ? 0 : 16
        }
        isText = false
        null = header.int64("TNULL\(number)")
        nullText = nil
        let scale = header.double("TSCAL\(number)") ?? 1
        let zero = header.double("TZERO\(number)") ?? 0
        self.scale = scale
        self.zero = zero
        let isWhole = "BIJK".contains(letter)
        let known: [(Character, Double, Int64)] = [
            ("B", -128, -128), ("I", 32768, 32768), ("J", 2_147_483_648, 2_147_483_648), ("K", 9_223_372_036_854_775_808, .min),
        ]
        let shift = scale == 1 ? known.first { $0.0 == letter && $0.1 == zero }?.2 ?? 0 : 0
        self.shift = shift
        let isScaled = (scale != 1 || zero != 0) && shift == 0 && (isWhole || letter == "E" || letter == "D")
        let isScalar = descriptor == .none && repeats == 1
        let fixed = descriptor == .none ? repeats : nil
        let type: ValueType =
            switch letter {
            case "L", "X": isScalar ? .boolean : .array(.smallint, count: fixed)
            case "A": .varchar(fixed == 0 ? 1 : fixed)
            case "C": .array(.real, count: fixed.map { 2 * $0 })
            case "M": .array(.double, count: fixed.map { 2 * $0 })
            case "E" where !isScaled: isScalar ? .real : .array(.real, count: fixed)
            case "B" where shift == 0 && !isScaled: isScalar ? .smallint : .blob
            default: Self.number(letter, isScaled: isScaled, isShifted: shift != 0, isScalar: isScalar, fixed)
            }
        column = Self.column(header, number, type)
        if letter == "C" || letter == "M", descriptor == .none {
            column.declared = VOTableType(letter == "C" ? .floatComplex : .doubleComplex, arraysize: repeats == 1 ? nil : "\(repeats)")
        } else if case .array(_, .some) = type, let dimensions = Self.dimensions(header.text("TDIM\(number)"), of: repeats) {
            column.declared = VOTableType(type.votable.datatype, arraysize: dimensions)
        }
    }

    private static func number(_ letter: Character, isScaled: Bool, isShifted: Bool, isScalar: Bool, _ fixed: Int?) -> ValueType {
        let element: ValueType.Element =
            switch letter {
            case _ where isScaled: .double
            case "B": .smallint
            case "I": isShifted ? .integer : .smallint
            case "J": isShifted ? .bigint : .integer
            case "K": .bigint
            default: .double
            }
        guard isScalar else { return .array(element, count: fixed) }
        switch element {
        case .smallint: return .smallint
        case .integer: return .integer
        case .bigint: return .bigint
        case .real: return .real
        case .double: return .double
        }
    }

    /// `(3,4)` gives 3x4; nil unless it fits the number of elements.
    private static func dimensions(_ text: String?, of count: Int) -> String? {
        guard let text, text.hasPrefix("("), text.hasSuffix(")") else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ",").map { Int($0.filter { $0 != " " }) ?? 0 }
        guard parts.count > 1, parts.allSatisfy({ $0 > 0 && $0 <= count }), parts.reduce(1, { $0 &* $1 }) == count else { return nil }
        return parts.map(String.init).joined(separator: "x")
    }

    /// A column of an ASCII TABLE (FITS 4.0 §7.2).
    init(text header: FITSHeader, _ number: Int) throws(InputError) {
        let form = header.text("TFORM\(number)") ?? ""
        guard let letter = form.first, "AIFED".contains(letter), let code = letter.asciiValue, let start = header.int("TBCOL\(number)"),
            start > 0,
            let width = Int(form.dropFirst().prefix { $0.isASCII && $0.isNumber }), width > 0, width <= 1 << 20
        else { throw .badFormat(form, column: number) }
        self.code = code
        self.width = width
        offset = start - 1
        count = 1
        descriptor = .none
        isText = true
        null = nil
        nullText = header.text("TNULL\(number)").map { Array($0.utf8) }
        scale = header.double("TSCAL\(number)") ?? 1
        zero = header.double("TZERO\(number)") ?? 0
        shift = 0
        let isScaled = scale != 1 || zero != 0
        let type: ValueType =
            switch letter {
            case "A": .varchar(width)
            case "I" where !isScaled: width <= 9 ? .integer : .bigint
            case "E" where !isScaled && width <= 13: .real
            default: .double
            }
        column = Self.column(header, number, type)
    }

    private static func column(_ header: FITSHeader, _ number: Int, _ type: ValueType) -> Column {
        Column(
            header.text("TTYPE\(number)") ?? "", type, unit: header.text("TUNIT\(number)"), ucd: header.text("TUCD\(number)"),
            utype: header.text("TUTYP\(number)"), description: header.text("TCOMM\(number)"))
    }

    private static let sizes: [Character: Int] = [
        "L": 1, "X": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16,
    ]

    // MARK: - Cells

    func write(_ bytes: UnsafeRawBufferPointer, _ heap: FITSHeap?, to rows: CopyRows) throws(CellError) {
        if isText { return try write(text: bytes, to: rows) }
        switch descriptor {
        case .none: try write(bytes, count, to: rows)
        case .short, .long:
            guard let heap, width > 0 else { return rows.null() }
            let isShort = descriptor == .short
            let length = isShort ? Int(Self.integer(bytes, 0, Int32.self)) : Int(Self.integer(bytes, 0, Int64.self))
            let place = isShort ? Int(Self.integer(bytes, 4, Int32.self)) : Int(Self.integer(bytes, 8, Int64.self))
            guard length >= 0, length <= 1 << 28 else { throw CellError("its number of elements is \(length)") }
            let size = code == UInt8(ascii: "X") ? (length + 7) / 8 : length * (Self.sizes[Character(Unicode.Scalar(code))] ?? 1)
            try heap.lend(at: place, count: size) { bytes throws(CellError) in try write(bytes, length, to: rows) }
        }
    }

    private func write(text bytes: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        let value = NumberText.trimmed(bytes)
        if value.isEmpty || nullText?.elementsEqual(value) == true { return rows.null() }
        switch column.type {
        case .varchar:
            var end = bytes.count
            while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
            rows.field(text: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        case .integer, .bigint:
            guard let number = NumberText.int(value) else { throw .notA("whole number", value) }
            if column.type == .integer, let small = Int32(exactly: number) { rows.field(small) } else { rows.field(number) }
        case .real:
            guard let number = NumberText.float(value) else { throw .notA("number", value) }
            rows.field(number)
        default:
            guard let number = NumberText.double(value) else { throw .notA("number", value) }
            rows.field(number * scale + zero)
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ count: Int, to rows: CopyRows) throws(CellError) {
        switch column.type {
        case .boolean:
            if code == UInt8(ascii: "X") { return rows.field(bytes[0] & 0x80 != 0) }
            Self.truth(bytes[0]).map { rows.field($0) } ?? rows.null()
        case .varchar:
            var end = bytes.firstIndex(of: 0) ?? bytes.count
            while end > 0, bytes[end - 1] == 0x20 { end -= 1 }
            end == 0 ? rows.null() : rows.field(text: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        case .blob: rows.field(bytes)
        case .array:
            let elements = code == UInt8(ascii: "C") || code == UInt8(ascii: "M") ? 2 * count : count
            try rows.checkRow(addingArrayOf: element, elements: elements)
            let start = rows.beginArray(of: element)
            for index in 0..<elements { try write(element: index, of: bytes, to: rows) }
            rows.endArray(start, elements: elements)
        default: try write(element: 0, of: bytes, to: rows)
        }
    }

    private var element: ValueType.Element { if case .array(let element, _) = column.type { element } else { .double } }

    private func write(element index: Int, of bytes: UnsafeRawBufferPointer, to rows: CopyRows) throws(CellError) {
        switch code {
        case UInt8(ascii: "E"), UInt8(ascii: "C"):
            let number = Float(bitPattern: Self.integer(bytes, 4 * index, UInt32.self))
            scale == 1 && zero == 0 || code == UInt8(ascii: "C") ? rows.field(number) : rows.field(Double(number) * scale + zero)
        case UInt8(ascii: "D"), UInt8(ascii: "M"):
            let number = Double(bitPattern: Self.integer(bytes, 8 * index, UInt64.self))
            rows.field(scale == 1 && zero == 0 || code == UInt8(ascii: "M") ? number : number * scale + zero)
        case UInt8(ascii: "L"):
            Self.truth(bytes[index]).map { rows.field(Int16($0 ? 1 : 0)) } ?? rows.null()
        case UInt8(ascii: "X"): rows.field(Int16(bytes[index >> 3] >> UInt8(7 - index & 7) & 1))
        case UInt8(ascii: "B"): try write(Int64(bytes[index]), to: rows)
        case UInt8(ascii: "I"): try write(Int64(Self.integer(bytes, 2 * index, Int16.self)), to: rows)
        case UInt8(ascii: "J"): try write(Int64(Self.integer(bytes, 4 * index, Int32.self)), to: rows)
        default: try write(Self.integer(bytes, 8 * index, Int64.self), to: rows)
        }
    }

    /// A whole number as the column has it: TNULL, TZERO and TSCAL are applied (FITS 4.0 §7.3.2).
    private func write(_ stored: Int64, to rows: CopyRows) throws(CellError) {
        if stored == null { return rows.null() }
        var wanted = element
        switch column.type {
        case .smallint: wanted = .smallint
        case .integer: wanted = .integer
        case .bigint: wanted = .bigint
        default: break
        }
        if wanted == .double { return rows.field(Double(stored) * scale + zero) }
        let number: Int64
        if shift == .min {
            // 2**63 more: what is not negative as stored is beyond 64 signed bits.
            guard stored < 0 else { throw CellError("it is larger than 9223372036854775807, the largest BIGINT") }
            number = stored &- .min
        } else {
            number = stored + shift
        }
        switch wanted {
        case .smallint: rows.field(Int16(truncatingIfNeeded: number))
        case .integer: rows.field(Int32(truncatingIfNeeded: number))
        default: rows.field(number)
        }
    }

    private static func truth(_ byte: UInt8) -> Bool? {
        switch byte {
        case UInt8(ascii: "T"): true
        case UInt8(ascii: "F"): false
        default: nil
        }
    }

    private static func integer<Value: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: Value.Type) -> Value {
        Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
