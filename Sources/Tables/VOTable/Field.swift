package import TableModel
package import XML

/// A column of a VOTable: what the catalogue says of it, and its place in the document.
package struct Field: Hashable, Sendable {
    package var column: Column
    /// XML ID by which descriptors and groups refer to the column; unique in the document, an NCName.
    package var id: String?
    /// XML ID of what the column refers to, such as a COOSYS.
    package var ref: String?
    /// Whether its texts are UTF-16 (unicodeChar), since they hold more than the ASCII of char.
    package var isUnicode: Bool

    package init(_ column: Column, id: String? = nil, ref: String? = nil) {
        self.column = column
        self.id = id
        self.ref = ref
        isUnicode = column.votable.datatype == .unicodeChar
    }

    /// The whole number that stands for NULL where a serialization has no other way: the smallest of the datatype.
    ///
    /// BINARY needs it for every column of whole numbers, the others for NULL among the elements of an array (VOTable 1.4 §4.7).
    /// Nil for datatypes that have a NULL of their own.
    package static func binaryNull(_ datatype: VOTableType.Datatype) -> Int64? {
        switch datatype {
        case .short: Int64(Int16.min)
        case .int: Int64(Int32.min)
        case .long: Int64.min
        case .boolean, .bit, .unsignedByte, .char, .unicodeChar, .float, .double, .floatComplex, .doubleComplex: nil
        }
    }

    /// The VALUES that the field declares in a document of that serialization.
    func declaredNull(in serialization: Serialization) -> Int64? {
        let type = column.type.votable
        guard serialization == .binary || type.arraysize != nil else { return nil }
        return Self.binaryNull(type.datatype)
    }
}

extension XMLWriter {
    package mutating func field(_ field: Field, in serialization: Serialization) {
        let column = field.column
        let type = column.votable
        let attributes: Attributes = [
            "name": column.name, "ID": field.id, "datatype": (field.isUnicode ? .unicodeChar : type.datatype).rawValue,
            "arraysize": type.arraysize, "xtype": type.xtype,
            "unit": column.unit, "ucd": column.ucd, "utype": column.utype, "ref": field.ref,
        ]
        let null = field.declaredNull(in: serialization)
        guard column.description != nil || null != nil else { return element("FIELD", attributes) }
        element("FIELD", attributes) { writer in
            if let description = column.description { writer.element("DESCRIPTION", text: description) }
            if let null { writer.element("VALUES", ["null": String(null)]) }
        }
    }
}
