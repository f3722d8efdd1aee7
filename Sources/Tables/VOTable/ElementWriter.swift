import TableInput
import TableModel

/// Writes the elements of one cell, one after the other, and looks at the whole at the end.
struct ElementWriter {
    private let field: FieldReader
    private let rows: CopyRows
    private let element: ValueType.Element
    private let start: Int
    private var count = 0
    private var bytes: [UInt8] = []
    /// A coordinate is missing, so there is no shape.
    private var hasGap = false
    private var badLatitude: Double?

    init(_ field: FieldReader, _ rows: CopyRows) {
        self.field = field
        self.rows = rows
        if case .array(let element) = field.target { self.element = element } else { element = .double }
        if case .bytes = field.target { start = rows.count } else { start = rows.beginArray(of: element) }
    }

    /// Asks whether the row has room for so many.
    func expect(_ elements: Int) throws(CellError) {
        try rows.checkRow(addingArrayOf: element, elements: elements)
    }

    mutating func add(text: UnsafeRawBufferPointer) throws(CellError) {
        switch field.target {
        case .bytes:
            guard let number = NumberText.int(text).flatMap({ UInt8(exactly: $0) }) else { throw .notA("unsignedByte", text) }
            bytes.append(number)
        case .array(.real):
            guard let number = NumberText.float(text) else { throw .notA("number", text) }
            add(number)
        case .array(.double), .shape:
            guard let number = NumberText.double(text) else { throw .notA("number", text) }
            add(number)
        default:
            let number: Int64? = field.datatype == .boolean ? Self.truth(text) : NumberText.int(text)
            guard let number, add(number) else { throw .notA(field.datatype == .boolean ? "truth value" : field.datatype.rawValue, text) }
        }
    }

    mutating func add(binary bytes: UnsafeRawBufferPointer) {
        switch field.datatype {
        case .float, .floatComplex: add(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        case .double, .doubleComplex: add(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case .short: add(Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case .int: add(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case .long: add(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case .boolean:
            if let truth = FieldReader.truth(bytes[0]) { add(Int64(truth ? 1 : 0)) } else { gap() }
        case .unsignedByte, .bit, .char, .unicodeChar: add(Int64(bytes[0]))
        }
    }

    private mutating func add(_ number: Float) {
        if case .shape = field.target { return add(Double(number)) }
        count += 1
        rows.field(number)
    }

    private mutating func add(_ number: Double) {
        if case .shape(let count) = field.target {
            if number.isNaN { hasGap = true }
            let isLatitude = count.upperBound == 3 ? self.count == 1 : self.count % 2 == 1
            if isLatitude, abs(number) > 90 { badLatitude = number }
        }
        count += 1
        rows.field(number)
    }

    /// False when the number does not fit.
    @discardableResult
    mutating func add(_ number: Int64) -> Bool {
        if number == field.nullNumber {
            gap()
            return true
        }
        switch element {
        case .smallint:
            guard let number = Int16(exactly: number) else { return false }
            rows.field(number)
        case .integer:
            guard let number = Int32(exactly: number) else { return false }
            rows.field(number)
        default: rows.field(number)
        }
        count += 1
        return true
    }

    private mutating func gap() {
        rows.null()
        count += 1
    }

    private static func truth(_ text: UnsafeRawBufferPointer) -> Int64? {
        switch String(decoding: text.prefix(6), as: UTF8.self).lowercased() {
        case "t", "true", "1": 1
        case "f", "false", "0": 0
        default: nil
        }
    }

    mutating func finish() throws(CellError) {
        switch field.target {
        case .bytes:
            try check(bytes.count)
            bytes.withUnsafeBytes { rows.field($0) }
        case .shape(let wanted):
            if hasGap || count == 0 { return rows.nullInstead(from: start) }
            guard wanted.contains(count), wanted.upperBound != .max || count % 2 == 0 else {
                throw CellError("\(count) numbers make no \(field.column.type.votable.xtype ?? "shape")")
            }
            if let badLatitude { throw CellError("the latitude \(badLatitude) is beyond -90 to 90 degrees") }
            rows.endArray(start, elements: count)
        default:
            try check(count)
            rows.endArray(start, elements: count)
        }
    }

    private func check(_ found: Int) throws(CellError) {
        if let wanted = field.count, wanted != found { throw CellError("it holds \(found) values, and its arraysize asks for \(wanted)") }
    }
}
