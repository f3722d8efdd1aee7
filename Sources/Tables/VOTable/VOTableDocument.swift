package import NIOCore
import XML

/// The document around the rows of a result, in two parts, so that rows can stream between them.
///
/// ``opening()`` ends where the first row begins, ``closing(_:)`` starts where the last one ended; every status gives a well-formed whole.
/// Source: VOTable 1.4, DALI 1.1 §4.4, TAP 1.1 §2.7.
package struct VOTableDocument: Sendable {
    package var serialization: Serialization
    /// Facts written before the table, after the status: standardID, QUERY and the like.
    package var infos: [Info]
    package var tableName: String?
    package var tableDescription: String?
    package var fields: [Field]
    /// Written after the results.
    package var services: [ServiceDescriptor]

    package init(
        serialization: Serialization, infos: [Info] = [], tableName: String? = nil, tableDescription: String? = nil, fields: [Field],
        services: [ServiceDescriptor] = []
    ) {
        self.serialization = serialization
        self.infos = infos
        self.tableName = tableName
        self.tableDescription = tableDescription
        self.fields = fields
        self.services = services
    }

    /// The document without the rows, which stand elsewhere: beside a FITS table, or around a Parquet file.
    package func describing(rows: Int, _ status: QueryStatus = .ok) -> ByteBuffer {
        var writer = XMLWriter()
        Self.open(&writer, status: status, infos: infos)
        writer.element("TABLE", ["name": tableName, "nrows": String(rows)]) { writer in
            if let tableDescription { writer.element("DESCRIPTION", text: tableDescription) }
            for field in fields { writer.field(field, in: serialization) }
        }
        writer.close()
        for service in services { writer.serviceDescriptor(service) }
        writer.closeAll()
        return writer.buffer
    }

    /// Everything up to the rows: for BINARY and BINARY2 up to the first character of base64.
    package func opening() -> ByteBuffer {
        var writer = XMLWriter()
        Self.open(&writer, status: .ok, infos: infos)
        writer.open("TABLE", ["name": tableName])
        if let tableDescription { writer.element("DESCRIPTION", text: tableDescription) }
        for field in fields { writer.field(field, in: serialization) }
        for name in serialization.elements { writer.open(name, name == "STREAM" ? ["encoding": "base64"] : [:]) }
        return writer.buffer
    }

    /// Everything after the rows. A status other than OK is told behind the table, where DALI wants what became known late.
    ///
    /// - Parameter infos: other facts that became known late.
    package func closing(_ status: QueryStatus = .ok, infos: [Info] = []) -> ByteBuffer {
        var buffer = closingOfTable()
        buffer.writeImmutableBuffer(Self.late(status, infos))
        buffer.writeImmutableBuffer(closingOfResults())
        return buffer
    }

    func closingOfTable() -> ByteBuffer {
        let table = ["TABLE"] + serialization.elements
        var writer = XMLWriter(continuing: table)
        writer.newline()
        for _ in table { writer.close() }
        return writer.buffer
    }

    static func late(_ status: QueryStatus, _ infos: [Info]) -> ByteBuffer {
        var writer = XMLWriter()
        if status != .ok { writer.info(status.info) }
        for info in infos { writer.info(info) }
        return writer.buffer
    }

    func closingOfResults() -> ByteBuffer {
        var writer = XMLWriter(continuing: ["VOTABLE", "RESOURCE"])
        writer.close()
        for service in services { writer.serviceDescriptor(service) }
        writer.closeAll()
        return writer.buffer
    }

    /// A document that carries a failure and no table (DALI 1.1 §4.4.2).
    package static func error(_ message: String, infos: [Info] = []) -> ByteBuffer {
        var writer = XMLWriter()
        open(&writer, status: .error(message), infos: infos)
        writer.closeAll()
        return writer.buffer
    }

    private static func open(_ writer: inout XMLWriter, status: QueryStatus, infos: [Info]) {
        writer.prolog()
        writer.open("VOTABLE", ["version": "1.4", "xmlns": "http://www.ivoa.net/xml/VOTable/v1.3"])
        writer.open("RESOURCE", ["type": "results"])
        writer.info(status.info)
        for info in infos { writer.info(info) }
    }
}
