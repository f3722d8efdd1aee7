import TableInput
import TableModel
import XML

/// A FIELD as a document declares it (VOTable 1.5 §4.1).
struct FieldDeclaration {
    var name: String
    var datatype: VOTableType.Datatype
    var arraysize: String?
    var xtype: String?
    var unit: String?
    var ucd: String?
    var utype: String?
    var description: String?
    /// VALUES' null, as written.
    var null: String?
    var shape: Shape

    /// How many elements a cell has.
    enum Shape: Equatable {
        case scalar
        /// So many in all, however many dimensions.
        case fixed(Int)
        case variable
    }

    /// - Parameter position: of the column, from 1.
    /// - Throws: ``InputError`` for a datatype or arraysize that VOTable does not have.
    init(_ attributes: borrowing XMLAttributes, position: Int) throws(InputError) {
        func given(_ key: String, _ attributes: borrowing XMLAttributes) -> String? {
            attributes[key].flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
        }
        name = attributes["name"] ?? attributes["ID"] ?? ""
        let shown = name.isEmpty ? "column \(position)" : name
        let type = given("datatype", attributes) ?? "char"
        guard let datatype = Self.datatypes[type.lowercased()] else {
            throw .badField(
                shown,
                "\"\(type.prefix(40))\" is no datatype; there are \(VOTableType.Datatype.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.datatype = datatype
        arraysize = given("arraysize", attributes)
        xtype = given("xtype", attributes)
        unit = given("unit", attributes)
        ucd = given("ucd", attributes)
        utype = given("utype", attributes)
        guard let shape = Self.shape(arraysize) else {
            throw .badField(shown, "\"\((arraysize ?? "").prefix(40))\" is no arraysize; it is a number, *, or such as 3x*")
        }
        self.shape = shape
    }

    /// Letter case is not looked at: old writers had their own.
    private static let datatypes: [String: VOTableType.Datatype] = Dictionary(
        uniqueKeysWithValues: VOTableType.Datatype.allCases.map { ($0.rawValue.lowercased(), $0) })

    /// `3x4` is fixed at 12; `*`, `10*` and `3x*` vary; `1` is a scalar, as older documents mean it. Nil for anything else.
    static func shape(_ arraysize: String?) -> Shape? {
        guard let arraysize else { return .scalar }
        let parts = arraysize.split(separator: "x", omittingEmptySubsequences: false)
        var total = 1
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            if isLast, part == "*" { return .variable }
            let digits = part.hasSuffix("*") && isLast ? part.dropLast() : part
            guard let count = Int(digits), count > 0, count <= 1 << 24 else { return nil }
            let (product, isTooLarge) = total.multipliedReportingOverflow(by: count)
            guard !isTooLarge, product <= 1 << 24 else { return nil }
            total = product
            if part.hasSuffix("*") { return .variable }
        }
        return total == 1 && parts.count == 1 ? .scalar : .fixed(total)
    }

    /// The length of each string of an array of strings; nil where there is one string.
    var stringWidth: Int? {
        guard let first = arraysize?.split(separator: "x").first, first.count < (arraysize?.count ?? 0),
            arraysize?.utf8.contains(UInt8(ascii: "x")) == true
        else { return nil }
        return Int(first)
    }
}

extension FieldDeclaration {
    /// The column that holds such values: its type, and how it was declared where the type alone would say less.
    var column: Column {
        let (type, declared) = valueType
        var column = Column(name, type, unit: unit, ucd: ucd, utype: utype, description: description)
        if declared != type.votable { column.declared = declared }
        return column
    }

    private var valueType: (ValueType, VOTableType?) {
        let tag = xtype?.lowercased()
        switch datatype {
        case .boolean, .bit:
            return (shape == .scalar ? .boolean : .array(.smallint, count: count), nil)
        case .unsignedByte:
            guard shape != .scalar else { return (.smallint, nil) }
            return (.blob, VOTableType(.unsignedByte, arraysize: variable, xtype: xtype))
        case .short: return numbers(.smallint, .smallint)
        case .int: return numbers(.integer, .integer)
        case .long: return numbers(.bigint, .bigint)
        case .float, .double:
            if let tag, let shape = geometry(tag) { return (shape, nil) }
            return datatype == .float ? numbers(.real, .real) : numbers(.double, .double)
        case .floatComplex, .doubleComplex:
            let element: ValueType.Element = datatype == .floatComplex ? .real : .double
            switch shape {
            case .scalar: return (.array(element, count: 2), VOTableType(datatype, xtype: xtype))
            case .fixed(let n): return (.array(element, count: 2 * n), VOTableType(datatype, arraysize: arraysize, xtype: xtype))
            // A count of pairs and one of numbers differ, so these come back as the numbers.
            case .variable: return (.array(element, count: nil), nil)
            }
        case .char, .unicodeChar:
            if tag == "timestamp" || tag == "adql:timestamp" { return (.timestamp, nil) }
            if stringWidth != nil { return (.varchar(nil), VOTableType(datatype, arraysize: variable, xtype: xtype)) }
            let bound: Int? =
                switch shape {
                case .scalar: 1
                case .fixed(let n): n
                case .variable: arraysize.flatMap { Int($0.dropLast()) }
                }
            let type = ValueType.varchar(datatype == .char ? bound : nil)
            return (type, VOTableType(datatype, arraysize: type.votable.arraysize, xtype: xtype))
        }
    }

    private func geometry(_ tag: String) -> ValueType? {
        switch (tag, shape) {
        case ("point", .fixed(2)): .point
        case ("circle", .fixed(3)): .circle
        case ("polygon", .fixed), ("polygon", .variable): .polygon
        default: nil
        }
    }

    private func numbers(_ scalar: ValueType, _ element: ValueType.Element) -> (ValueType, VOTableType?) {
        guard shape != .scalar else { return (scalar, VOTableType(datatype, xtype: xtype)) }
        return (.array(element, count: count), VOTableType(datatype, arraysize: arraysize, xtype: xtype))
    }

    private var count: Int? { if case .fixed(let n) = shape { n } else { nil } }

    /// The arraysize with a last dimension that varies.
    private var variable: String? { arraysize.map { $0.hasSuffix("*") ? $0 : "\($0)*" } }
}
