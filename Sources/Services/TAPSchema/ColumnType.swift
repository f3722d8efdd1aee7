import TableModel

/// The words for types that descriptors and TAP_SCHEMA use, and what PostgreSQL calls them.
enum ColumnType {
    /// Reads VOTable's words (`long`, `char` with an arraysize) and ADQL's (`BIGINT`, `VARCHAR(20)`), letter case ignored.
    static func read(_ word: String, arraysize: String?) -> ValueType? {
        var word = word.lowercased().split { $0 == " " }.joined(separator: " ")
        var length: Int?
        if word.hasSuffix(")"), let open = word.firstIndex(of: "(") {
            guard let number = Int(word[word.index(after: open)...].dropLast()), number > 0 else { return nil }
            length = number
            word = String(word[..<open])
        }
        if length != nil, word != "char" && word != "varchar" || arraysize != nil { return nil }
        let scalar: ValueType
        switch word {
        case "char" where length != nil: return length.flatMap { text(String($0)) }
        case "varchar": return arraysize == nil || arraysize == "*" ? .varchar(length) : text(arraysize)
        case "char", "unicodechar": return text(arraysize)
        case "boolean": scalar = .boolean
        case "short", "smallint": scalar = .smallint
        case "int", "integer": scalar = .integer
        case "long", "bigint": scalar = .bigint
        case "float", "real": scalar = .real
        case "double", "double precision": scalar = .double
        case "timestamp": scalar = .timestamp
        case "blob": scalar = .blob
        case "point": scalar = .point
        case "circle": scalar = .circle
        case "polygon": scalar = .polygon
        case "moc": scalar = .moc
        default: return nil
        }
        guard let arraysize else { return scalar }
        guard let element = scalar.element else { return nil }
        if arraysize == "*" { return .array(element, count: nil) }
        guard let count = Int(arraysize), count > 1 else { return nil }
        return .array(element, count: count)
    }

    /// Reads a row of TAP_SCHEMA.columns.
    static func read(datatype: String, arraysize: String?, xtype: String?) -> ValueType? {
        switch (datatype, xtype?.lowercased()) {
        case (_, "timestamp"): .timestamp
        case (_, "point"): .point
        case (_, "circle"): .circle
        case (_, "polygon"): .polygon
        case (_, "moc"): .moc
        case ("unsignedByte", _): arraysize == nil ? .smallint : .blob
        case ("unicodeChar", _): text(arraysize)
        default: read(datatype, arraysize: arraysize)
        }
    }

    /// `*` is VARCHAR, `20*` VARCHAR(20), `20` CHAR(20). A single character is VARCHAR(1), because an arraysize of 1 must not be published.
    private static func text(_ arraysize: String?) -> ValueType? {
        guard let arraysize, arraysize != "1" else { return .varchar(1) }
        if arraysize == "*" { return .varchar(nil) }
        guard let length = Int(arraysize.hasSuffix("*") ? String(arraysize.dropLast()) : arraysize), length > 0 else { return nil }
        return arraysize.hasSuffix("*") ? .varchar(length) : .char(length)
    }
}

extension ValueType {
    /// What an array of such values is made of.
    fileprivate var element: Element? {
        switch self {
        case .smallint: .smallint
        case .integer: .integer
        case .bigint: .bigint
        case .real: .real
        case .double: .double
        default: nil
        }
    }

    /// The type of a PostgreSQL column that holds such values; shapes are pgSphere's.
    package var sql: String {
        switch self {
        case .boolean: "boolean"
        case .smallint: "smallint"
        case .integer: "integer"
        case .bigint, .rowIdentifier, .accessURL: "bigint"
        case .real: "real"
        case .double: "double precision"
        // CHAR(n) would pad with blanks, so a bound is all that it gives here.
        case .char(let n): "character varying(\(n))"
        case .varchar(.some(let n)): "character varying(\(n))"
        case .varchar(nil), .null: "text"
        case .timestamp: "timestamp without time zone"
        case .blob: "bytea"
        case .array(.smallint, _): "smallint[]"
        case .array(.integer, _): "integer[]"
        case .array(.bigint, _): "bigint[]"
        case .array(.real, _): "real[]"
        case .array(.double, _): "double precision[]"
        case .point: "spoint"
        case .circle: "scircle"
        case .polygon: "spoly"
        case .moc: "smoc"
        }
    }
}
