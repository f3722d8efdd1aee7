import NIOCore
import TableModel
import VOTable

/// A result as one JSON object (RFC 8259):
///
///     {"metadata": [{"name": "ra", "datatype": "double", "unit": "deg", "ucd": "pos.eq.ra", "description": "…"}, …],
///      "info": [{"name": "QUERY", "value": "SELECT …"}, …],
///      "data": [[56.75, null, "text"], …],
///      "status": {"name": "QUERY_STATUS", "value": "OK"}}
///
/// `metadata` has VOTable's words and leaves out what a column has not. A row is an array with one value for each column: numbers, true
/// and false, strings (timestamps among them), arrays of numbers, null. NaN and the infinities are the strings "NaN", "Infinity" and
/// "-Infinity". `status` is OVERFLOW when rows are missing, and then says why; a result that failed is broken off before it.
extension ResultDocument {
    var jsonFrame: TextFrame {
        var opening = Array("{\"metadata\":[\n".utf8)
        for (index, column) in columns.enumerated() {
            if index > 0 { opening += Array(",\n".utf8) }
            opening += Self.object(Self.metadata(of: column))
        }
        opening += Array("],\n\"info\":[\n".utf8)
        for (index, info) in infos.enumerated() {
            if index > 0 { opening += Array(",\n".utf8) }
            opening += Self.object(Self.members(of: info))
        }
        opening += Array("],\n\"data\":[\n".utf8)
        return TextFrame(opening: ByteBuffer(bytes: opening)) { status in
            ByteBuffer(bytes: Array("\n],\n\"status\":".utf8) + Self.object(Self.members(of: status.info)) + Array("}\n".utf8))
        }
    }

    private static func metadata(of column: Column) -> [(String, String?)] {
        let type = column.type.votable
        return [
            ("name", column.name), ("datatype", type.datatype.rawValue), ("arraysize", type.arraysize), ("xtype", type.xtype),
            ("unit", column.unit), ("ucd", column.ucd), ("utype", column.utype), ("description", column.description),
        ]
    }

    private static func members(of info: Info) -> [(String, String?)] {
        [("name", info.name), ("value", info.value), ("ucd", info.ucd), ("text", info.text)]
    }

    private static func object(_ members: [(String, String?)]) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for case (let name, let value?) in members {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes += JSONCells.escaped(name) + [UInt8(ascii: ":")] + JSONCells.escaped(value)
        }
        return bytes + [UInt8(ascii: "}")]
    }
}
