import CutMerge
package import NIOCore
import TableModel
import VOTable
import XML

extension LinkTable {
    /// The document in TABLEDATA, in pieces of some 64 KB that are made as they are read.
    package var votable: LinkDocument { LinkDocument(self) }

    var document: VOTableDocument {
        var services = [addresses.selfService(client: client)]
        var tables: [String: LinkedTable] = [:]
        for case .row(let row) in entries.lazy.map(\.outcome) where row.table.offersProduct && tables[row.table.name] == nil {
            tables[row.table.name] = row.table
        }
        if !tables.isEmpty {
            let relations = Set(tables.values.flatMap { $0.relations.map(\.name) }).sorted()
            let only = entries.count == 1 ? entries.first.map { ServiceDescriptor.Input.Source.fixed($0.id) } : nil
            services.append(addresses.rowService(id: only ?? .column(id: Self.idColumn), client: client, relations: relations))
            if case .selection(let selection) = marked {
                services.append(addresses.selectionService(selection.id, relations: relations))
            }
        }
        return VOTableDocument(
            serialization: .tabledata, infos: [Info("standardID", LinkAddresses.linksStandard)], fields: Self.fields, services: services)
    }

    /// XML ID of the column ID.
    private static let idColumn = "datalink_id"

    /// DataLink 1.1 §3.2, the optional columns too.
    private static let fields: [Field] = [
        Field(
            Column("ID", text, ucd: "meta.id;meta.main", description: "Identifier as the request gave it"), id: idColumn),
        Field(Column("access_url", text, ucd: "meta.ref.url", description: "Where the data can be fetched")),
        Field(Column("service_def", text, ucd: "meta.ref", description: "Descriptor of a service for the data")),
        Field(Column("error_message", text, ucd: "meta.code.error", description: "Why there is no link")),
        Field(Column("description", text, ucd: "meta.note", description: "What the link leads to")),
        Field(Column("semantics", text, ucd: "meta.code", description: "Relation to the data that the ID stands for")),
        Field(Column("content_type", text, ucd: "meta.code.mime", description: "Media type of what the link leads to")),
        Field(
            Column(
                "content_length", .bigint, unit: "byte", ucd: "phys.size;meta.file", description: "Size of what the link leads to")),
        Field(Column("content_qualifier", text, description: "Kind of data product")),
        Field(Column("local_semantics", text, ucd: "meta.id.assoc", description: "The archive's own word for this kind of link")),
        Field(Column("link_auth", text, ucd: "meta.code", description: "Whether a login is needed")),
        Field(Column("link_authorized", .boolean, ucd: "meta.code", description: "Whether you may follow the link")),
    ]

    private static let text = ValueType.varchar(nil)
}

/// A link table's document, piece by piece.
package struct LinkDocument: Sequence, IteratorProtocol {
    private let table: LinkTable
    private let document: VOTableDocument
    private var part = Part.opening

    private enum Part {
        case opening
        /// The next entry.
        case rows(Int)
        case end
    }

    init(_ table: LinkTable) {
        self.table = table
        document = table.document
    }

    package mutating func next() -> ByteBuffer? {
        switch part {
        case .opening:
            part = .rows(0)
            return document.opening()
        case .rows(let start) where start < table.entries.count:
            var writer = XMLWriter()
            var index = start
            while index < table.entries.count, writer.buffer.readableBytes < 64 << 10 {
                for link in table.links(of: table.entries[index]) { writer.row(link) }
                index += 1
            }
            part = .rows(index)
            return writer.buffer
        case .rows:
            part = .end
            return document.closing(table.overflow.map { .overflow("only the first \($0) IDs are answered") } ?? .ok)
        case .end:
            return nil
        }
    }
}

extension XMLWriter {
    fileprivate mutating func row(_ link: Link) {
        let (url, service, fault): (String?, String?, String?) =
            switch link.target {
            case .url(let url): (url, nil, nil)
            case .service(let id): (nil, id, nil)
            case .fault(let text): (nil, nil, text)
            }
        inline("TR") { writer in
            writer.cell(link.id)
            writer.cell(url)
            writer.cell(service)
            writer.cell(fault)
            writer.cell(link.description)
            writer.cell(link.semantics)
            writer.cell(link.contentType)
            writer.cell(link.contentLength.map { String($0) })
            writer.cell(link.contentQualifier)
            writer.cell(link.localSemantics)
            // Nothing in this archive asks for a login.
            writer.cell(fault == nil ? "false" : nil)
            writer.cell(fault == nil ? "T" : nil)
        }
        newline()
    }

    private mutating func cell(_ text: String?) {
        // There are a million of them in a large answer, so they are not built tag by tag.
        guard let text, !text.isEmpty else {
            buffer.writeStaticString("<TD/>")
            return
        }
        buffer.writeStaticString("<TD>")
        self.text(text)
        buffer.writeStaticString("</TD>")
    }
}
