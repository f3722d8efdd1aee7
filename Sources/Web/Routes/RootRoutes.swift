import DataLink
import Hummingbird
import NIOCore
import Pages
import TAP
import TAPSchema
import TableModel
import XML

/// The archive's front page, at `/` and at TAP's base URL (TAP 1.1 §2).
struct RootRoutes: Sendable {
    let services: ArchiveServices

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.document("") { request, _ in Response(page: page(for: request)) }
        router.document("tap") { request, _ in Response(page: page(for: request)) }
    }

    private static let welcome = """
        Query the archive in ADQL, mark rows of the result, and take the objects that they stand for home in one file, cut out of the archive's \
        large ones.
        """

    private var base: String { services.queries.settings.baseURL }

    /// - Parameter request: may bring QUERY, MAXREC and RESPONSEFORMAT to begin with, as links of other pages do.
    private func page(for request: Request) -> ByteBuffer {
        let catalogue = services.catalogue.current.catalogue
        let published = catalogue.tables.filter { $0.schema.lowercased() != "tap_schema" }
        let form = QueryForm(
            base: base, query: request.sent("QUERY") ?? "", example: example(published), maxrec: request.sent("MAXREC"),
            format: request.sent("RESPONSEFORMAT"))
        return HTMLPage(title: "Almagest", home: services.addresses.home, place: .query).write { writer in
            writer.element("p", ["class": "lead"], text: Self.welcome)
            form.write(into: &writer)
            tables(published, into: &writer)
            clients(into: &writer, example: example(published))
        }
    }

    /// A query that gives something to follow on this archive.
    private func example(_ tables: [Table]) -> String {
        guard let table = tables.first(where: { $0.tag != nil }) ?? tables.first else { return "SELECT * FROM tap_schema.tables" }
        return "SELECT TOP 20 * FROM \(table.adqlName)"
    }

    private func tables(_ tables: [Table], into writer: inout XMLWriter) {
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: "Tables")
            if tables.isEmpty {
                writer.element("p", text: "Nothing is published yet. `almagest ingest` and `almagest demo` bring data in.")
            }
            for table in tables {
                writer.element("details") { writer in
                    writer.element("summary") { writer in
                        writer.inline("code", text: table.adqlName)
                        if let rows = table.nrows { writer.inline("small", text: rows == 1 ? "1 row" : "\(rows) rows") }
                    }
                    if let description = table.description { writer.element("p", text: description) }
                    columns(of: table, into: &writer)
                }
            }
        }
    }

    private func columns(of table: Table, into writer: inout XMLWriter) {
        writer.element("table", ["class": "stack"]) { writer in
            writer.element("thead") { writer in
                writer.element("tr") { writer in
                    for name in ["Column", "Type", "Unit", "Description"] { writer.inline("th", ["scope": "col"], text: name) }
                }
            }
            writer.element("tbody") { writer in
                for column in table.columns {
                    let type = column.type.votable
                    writer.element("tr") { writer in
                        writer.inline("td") { $0.inline("code", text: column.adqlName) }
                        writer.inline("td", text: type.datatype.rawValue + (type.arraysize.map { "[\($0)]" } ?? ""))
                        writer.inline("td", text: column.unit ?? "")
                        writer.inline("td", text: column.description ?? "")
                    }
                }
            }
        }
    }

    private func clients(into writer: inout XMLWriter, example: String) {
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: "From TOPCAT and pyvo")
            writer.element("p") { writer in
                writer.text("TAP URL: ")
                writer.inline("code", ["data-copy": ""], text: "\(base)/tap")
            }
            writer.inline("pre", ["data-copy": ""]) { writer in
                writer.text(
                    """
                    import h5py, pyvo
                    rows = pyvo.dal.TAPService("\(base)/tap").search("\(example)")
                    links = [pyvo.dal.adhoc.DatalinkResults.from_result_url(row["access_url"]) for row in rows]
                    this = next(link for link in links[-1] if link.semantics == "#this")
                    open("product.h5", "wb").write(this.getdataset().read())
                    print(*h5py.File("product.h5"), sep="\\n")
                    """)
            }
        }
    }
}
