import HDF5
import TAPSchema
import TableModel

/// Turns objects into rows of a table.
///
/// A field that the object lacks is NULL. NaN stays NaN in floating-point columns. A value that its column can't hold without loss is an
/// error, but for a double in a column of type float, which is rounded.
struct RowEncoder {
    private let columns: [Column]
    private let key: String
    /// The field that the key lies in.
    private let keyField: String
    private var layout: RecordLayout?
    private var positions: [Int?] = []
    private var unknown: [String] = []
    /// Fields that no column takes, with the number of objects that have them.
    private(set) var unknownFields: [String: Int] = [:]

    private struct Column {
        var name: String
        var type: ValueType
        var origin: Origin

        var field: String? { if case .field(let field) = origin { field } else { nil } }
    }

    private enum Origin {
        /// The object's own.
        case name, row
        case field(String)
    }

    init(_ table: RowTable) {
        key = table.key
        columns = table.written.map { column in
            let origin: Origin =
                switch column.value {
                case .field(let field): .field(field)
                case .objectRow: .row
                default: .name
                }
            return Column(name: column.name, type: column.type, origin: origin)
        }
        keyField = table.keyField
    }

    /// The fields that columns take.
    var fields: Set<String> { Set(columns.compactMap(\.field)) }

    /// Appends the object's row and returns its key.
    ///
    /// - Parameters:
    ///   - object: its name, or what messages call it.
    ///   - place: the place of a record among the file's.
    mutating func encode(
        _ record: HDF5Record, object: String, at place: Int = 0, fileID: Int32, to rows: inout BinaryRows
    ) throws(IngestError) -> Int64 {
        if layout !== record.layout { learn(record.layout) }
        for name in unknown { unknownFields[name, default: 0] += 1 }
        var found: Int64?
        rows.beginRow(fields: columns.count + 1)
        rows.field(fileID)
        for (index, column) in columns.enumerated() {
            switch column.origin {
            case .field: break
            case .name:
                rows.field(object)
                continue
            case .row:
                rows.field(Int64(place))
                continue
            }
            guard let position = positions[index] else {
                rows.null()
                continue
            }
            let value = record.values[position]
            guard Self.append(value, as: column.type, to: &rows) else {
                throw .wrongType(column.field ?? column.name, object: object, found: value.summary, expected: column.type.summary)
            }
            if column.name == key { found = value.integer }
        }
        guard let found else { throw .missingKey(keyField, object: object) }
        return found
    }

    private mutating func learn(_ layout: RecordLayout) {
        self.layout = layout
        positions = columns.map { column in column.field.flatMap { layout.position(of: $0) } }
        let taken = Set(columns.compactMap(\.field))
        unknown = layout.names.filter { !taken.contains($0) }
    }

    /// False, with nothing appended, when the value doesn't fit the type.
    private static func append(_ value: HDF5Value, as type: ValueType, to rows: inout BinaryRows) -> Bool {
        switch type {
        case .boolean:
            guard let number = value.integer, number == 0 || number == 1 else { return false }
            rows.field(number == 1)
        case .smallint:
            guard let number = value.integer.flatMap({ Int16(exactly: $0) }) else { return false }
            rows.field(number)
        case .integer:
            guard let number = value.integer.flatMap({ Int32(exactly: $0) }) else { return false }
            rows.field(number)
        case .bigint:
            guard let number = value.integer else { return false }
            rows.field(number)
        case .real:
            guard let number = value.float else { return false }
            rows.field(number)
        case .double:
            guard let number = value.exactDouble else { return false }
            rows.field(number)
        case .char(let length), .varchar(.some(let length)):
            guard let text = value.text, text.unicodeScalars.count <= length, !text.utf8.contains(0) else { return false }
            rows.field(text)
        case .varchar(nil):
            guard let text = value.text, !text.utf8.contains(0) else { return false }
            rows.field(text)
        case .timestamp:
            guard let microseconds = value.text.flatMap(Timestamp.microseconds) else { return false }
            rows.field(microseconds)
        case .array(let element, let count):
            guard let length = value.count, count == nil || count == length else { return false }
            return append(array: value, of: element, to: &rows)
        case .blob, .point, .circle, .polygon, .moc, .rowIdentifier, .accessURL, .null:
            return false
        }
        return true
    }

    private static func append(array value: HDF5Value, of element: ValueType.Element, to rows: inout BinaryRows) -> Bool {
        switch element {
        case .smallint:
            guard let numbers = value.integers(as: Int16.self) else { return false }
            rows.field(array: numbers, of: element)
        case .integer:
            guard let numbers = value.integers(as: Int32.self) else { return false }
            rows.field(array: numbers, of: element)
        case .bigint:
            guard let numbers = value.integers(as: Int64.self) else { return false }
            rows.field(array: numbers, of: element)
        case .real:
            guard let numbers = value.scalars?.map(\.float), !numbers.contains(nil) else { return false }
            rows.field(array: numbers.compactMap { $0?.bitPattern }, of: element)
        case .double:
            guard let numbers = value.scalars?.map(\.exactDouble), !numbers.contains(nil) else { return false }
            rows.field(array: numbers.compactMap { $0?.bitPattern }, of: element)
        }
        return true
    }
}

extension HDF5Value {
    /// The number as a float; nil where a finite number would become infinite or an integer would lose digits.
    fileprivate var float: Float? {
        switch self {
        case .float(let value): value
        case .double(let value): Float(value).isInfinite && value.isFinite ? nil : Float(value)
        case .int64(let value): Float(exactly: value)
        case .uint64(let value): Float(exactly: value)
        default: nil
        }
    }

    fileprivate var exactDouble: Double? {
        switch self {
        case .int64(let value): Double(exactly: value)
        case .uint64(let value): Double(exactly: value)
        default: number
        }
    }

    /// The elements of an array of numbers, each by itself.
    fileprivate var scalars: [HDF5Value]? {
        switch self {
        case .int64s(let values): values.map { .int64($0) }
        case .uint64s(let values): values.map { .uint64($0) }
        case .floats(let values): values.map { .float($0) }
        case .doubles(let values): values.map { .double($0) }
        default: nil
        }
    }

    fileprivate func integers<Number: FixedWidthInteger>(as type: Number.Type) -> [Number]? {
        let narrowed: [Number?]
        switch self {
        case .int64s(let values): narrowed = values.map { Number(exactly: $0) }
        case .uint64s(let values): narrowed = values.map { Number(exactly: $0) }
        default: return nil
        }
        return narrowed.contains(nil) ? nil : narrowed.compactMap(\.self)
    }

    /// What the value is, for messages: `text`, `the integer 70000`, `10 floating-point numbers`.
    fileprivate var summary: String {
        switch self {
        case .int64(let value): "the integer \(value)"
        case .uint64(let value): "the integer \(value)"
        case .float(let value): "the floating-point number \(value)"
        case .double(let value): "the floating-point number \(value)"
        case .string(let value): value.utf8.count <= 40 ? "the text \"\(value)\"" : "a text of \(value.utf8.count) bytes"
        case .int64s(let values): "\(values.count) integers"
        case .uint64s(let values): "\(values.count) integers"
        case .floats(let values): "\(values.count) floating-point numbers"
        case .doubles(let values): "\(values.count) floating-point numbers"
        case .strings(let values): "\(values.count) texts"
        }
    }
}

extension ValueType {
    /// The type in words, for messages.
    fileprivate var summary: String {
        switch self {
        case .timestamp: "a time such as 2016-01-01T00:00:00"
        case .array(let element, let count): "\(count.map(String.init) ?? "an array of") \(element.datatype.rawValue)"
        case .char(let length), .varchar(.some(let length)): "text of up to \(length) characters"
        case .varchar(nil): "text"
        default: "\(votable.datatype.rawValue)"
        }
    }
}
