package import NIOCore
package import TableModel
import XML

/// The published tables as VOSI describes them (VOSI 1.1 §4, VODataService 1.1).
package enum TableSet {
    /// How much `/tables` tells: `min` leaves the columns out.
    package enum Detail: String, Sendable {
        case min, max
    }

    /// All tables by schema.
    package static func document(_ catalogue: Catalogue, detail: Detail) -> ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        writer.element("vosi:tableset", namespaces) { writer in
            for schema in catalogue.schemas {
                writer.element("schema") { writer in
                    writer.element("name", text: Identifier.adql(schema.name))
                    if let description = schema.description { writer.element("description", text: description) }
                    if let utype = schema.utype { writer.element("utype", text: utype) }
                    for table in catalogue.tables where table.schema == schema.name {
                        writer.element("table", ["type": table.type]) { $0.tableContent(table, detail: detail) }
                    }
                }
            }
        }
        return writer.buffer
    }

    /// One table, with its columns.
    package static func document(_ table: Table) -> ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        writer.element("vosi:table", tableNamespaces(table)) { $0.tableContent(table, detail: .max) }
        return writer.buffer
    }

    private static let namespaces: XMLWriter.Attributes = [
        "xmlns:vosi": "http://www.ivoa.net/xml/VOSITables/v1.0", "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    ]

    private static func tableNamespaces(_ table: Table) -> XMLWriter.Attributes {
        [
            "xmlns:vosi": "http://www.ivoa.net/xml/VOSITables/v1.0", "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "type": table.type,
        ]
    }
}

extension XMLWriter {
    fileprivate mutating func tableContent(_ table: Table, detail: TableSet.Detail) {
        element("name", text: table.adqlName)
        if let description = table.description { element("description", text: description) }
        if let utype = table.utype { element("utype", text: utype) }
        if let nrows = table.nrows { element("nrows", text: String(nrows)) }
        guard detail == .max else { return }
        for column in table.columns { columnElement(column) }
        for key in table.foreignKeys {
            element("foreignKey") { writer in
                writer.element("targetTable", text: "\(Identifier.adql(key.targetSchema)).\(Identifier.adql(key.targetTable))")
                for pair in key.columns {
                    writer.element("fkColumn") { writer in
                        writer.element("fromColumn", text: Identifier.adql(pair.from))
                        writer.element("targetColumn", text: Identifier.adql(pair.target))
                    }
                }
                if let description = key.description { writer.element("description", text: description) }
                if let utype = key.utype { writer.element("utype", text: utype) }
            }
        }
    }

    private mutating func columnElement(_ column: Column) {
        element("column", ["std": column.std ? "true" : "false"]) { writer in
            writer.element("name", text: column.adqlName)
            if let description = column.description { writer.element("description", text: description) }
            if let unit = column.unit { writer.element("unit", text: unit) }
            if let ucd = column.ucd { writer.element("ucd", text: ucd) }
            if let utype = column.utype { writer.element("utype", text: utype) }
            let type = column.type.votable
            writer.element(
                "dataType", ["xsi:type": "vs:VOTableType", "arraysize": type.arraysize, "extendedType": type.xtype],
                text: type.datatype.rawValue)
            if column.indexed { writer.element("flag", text: "indexed") }
            if column.principal { writer.element("flag", text: "primary") }
        }
    }
}
