package import TableModel

extension ValueType {
    /// The one type that holds the values of both; nil where there is none.
    ///
    /// Numbers widen as in PostgreSQL, texts to the longer length. Row identifiers stay what they are only among those of one table;
    /// beside other texts they are read as text.
    package func common(with other: ValueType) -> ValueType? {
        if self == other { return self }
        switch (self, other) {
        case (.null, let type), (let type, .null): return type
        case (.char(let a), .char(let b)): return .varchar(max(a, b))
        case (.char(let a), .varchar(let b?)), (.varchar(let b?), .char(let a)), (.varchar(let a?), .varchar(let b?)):
            return .varchar(max(a, b))
        case (.array(let a, _), .array(let b, _)): return a == b ? .array(a, count: nil) : nil
        default:
            if isText, other.isText { return .varchar(nil) }
            if isInteger, other.isInteger { return rank > other.rank ? self : other }
            return isNumeric && other.isNumeric ? .double : nil
        }
    }

    private var rank: Int {
        switch self {
        case .smallint: 0
        case .integer: 1
        default: 2
        }
    }

    /// In SQL the row's key, not yet the text that users see.
    package var isRowKey: Bool {
        switch self {
        case .rowIdentifier, .accessURL: true
        default: false
        }
    }

    /// Whether PostgreSQL knows an order and a hash for such values.
    var isComparable: Bool {
        switch self {
        case .blob, .array, .point, .circle, .polygon, .moc: false
        default: true
        }
    }

    /// As an error calls a value of this type.
    var phrase: String {
        switch self {
        case .boolean: "a truth value"
        case .smallint, .integer, .bigint: "a whole number"
        case .real, .double: "a number"
        case .char, .varchar, .rowIdentifier, .accessURL: "text"
        case .timestamp: "a timestamp"
        case .blob: "a blob"
        case .array: "an array"
        case .point: "a point"
        case .circle: "a circle"
        case .polygon: "a polygon"
        case .moc: "a MOC"
        case .null: "NULL"
        }
    }
}
