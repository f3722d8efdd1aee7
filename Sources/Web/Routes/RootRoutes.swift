import DataLink
import Hummingbird
import NIOCore
import TAP
import TAPSchema
import TableModel
import XML

/// The archive's front page, at `/` and at TAP's base URL (TAP 1.1 §2).
struct RootRoutes: Sendable {
    let services: ArchiveServices

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.document("") { _, _ in Response(page: page()) }
        router.document("tap") { _, _ in Response(page: page()) }
    }

    private static let welcome = """
        Query the archive in ADQL, follow the links of its rows, and take the objects that you marked home in one file. Opening a row's links \
        marks it; fetching the file closes the selection, and the next row begins a new one.
        """

    private var base: String { services.queries.settings.baseURL }

    private func page() -> ByteBuffer {
        let catalogue = services.catalogue.current.catalogue
        let published = catalogue.tables.filter { $0.schema.lowercased() != "tap_schema" }
        return HTMLPage(title: "Almagest", home: services.addresses.home).write { writer in
            writer.element("p", text: Self.welcome)
            queryForm(into: &writer, example: example(published))
            tables(published, into: &writer)
            clients(into: &writer, example: example(published))
        }
    }

    /// A query that gives something to follow on this archive.
    private func example(_ tables: [Table]) -> String {
        guard let table = tables.first(where: { $0.tag != nil }) ?? tables.first else { return "SELECT * FROM tap_schema.tables" }
        return "SELECT TOP 20 * FROM \(table.adqlName)"
    }

    private func queryForm(into writer: inout XMLWriter, example: String) {
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: "Query")
            writer.element("form", ["method": "get", "action": "\(base)/tap/sync"]) { writer in
                writer.inline("label", ["for": "query"], text: "ADQL")
                writer.inline(
                    "textarea", ["id": "query", "name": "QUERY", "rows": "5", "spellcheck": "false", "required": "required"], text: example)
                writer.inline("input", ["type": "hidden", "name": "LANG", "value": "ADQL"])
                writer.element("p") { writer in
                    writer.inline("label") { writer in
                        writer.text("Answer as ")
                        writer.inline("select", ["name": "RESPONSEFORMAT"]) { writer in
                            for (value, name) in Self.formats {
                                writer.inline("option", ["value": value], text: name)
                            }
                        }
                    }
                    writer.text(" ")
                    writer.inline("label") { writer in
                        writer.text("at most ")
                        writer.inline("input", ["type": "number", "name": "MAXREC", "value": "1000", "min": "0"])
                        writer.text(" rows")
                    }
                    writer.text(" ")
                    writer.inline("button", ["class": "button primary", "type": "submit"], text: "Run")
                }
                // Filled while the query is typed, where there is script; the page works without.
                writer.inline(
                    "pre", ["id": "check", "class": "note", "aria-live": "polite", "data-check": "\(base)/tap/adql/check"], text: "")
            }
            // Script is not escaped in HTML; ours holds no end tag.
            writer.element("script") { $0.buffer.writeString(Self.checkScript) }
            writer.element("p", ["class": "note"]) { writer in
                writer.text("More to begin with: ")
                writer.inline("a", ["href": "\(base)/tap/examples"], text: "examples")
                writer.text(". Editors can have queries checked as JSON at ")
                writer.inline("code", text: "\(base)/tap/adql/check")
                writer.text(" (QUERY).")
            }
        }
    }

    /// What a person at a browser has use for.
    private static let formats: [(String, String)] = [
        ("html", "page"), ("votable/td", "VOTable"), ("csv", "CSV"), ("fits", "FITS"), ("parquet", "Parquet"), ("json", "JSON"),
        ("text", "text"),
    ]
    /// Asks for a verdict half a second after the last key, and shows only the latest one.
    private static let checkScript = """
        {
          const query = document.getElementById("query"), verdict = document.getElementById("check");
          let timer = 0, latest = 0;
          const count = number => number >= 1e6 ? number.toExponential(1) : Math.round(number).toLocaleString("en");
          const show = answer => {
            verdict.className = answer.valid ? "note" : "fault";
            verdict.textContent = answer.valid
              ? [`${answer.columns.length} columns, about ${count(answer.rows)} rows`, ...answer.warnings].join("\\n")
              : answer.errors.map(error => (error.line ? `${error.line}:${error.column} ` : "") + error.message + (error.hint ? "; " + error.hint : "")).join("\\n");
          };
          const check = async () => {
            const mine = ++latest;
            try {
              const response = await fetch(verdict.dataset.check, { method: "POST", body: new URLSearchParams({ LANG: "ADQL", QUERY: query.value }) });
              const answer = response.ok ? await response.json() : null;
              if (mine === latest) { if (answer) show(answer); else verdict.textContent = ""; }
            } catch { if (mine === latest) verdict.textContent = ""; }
          };
          query.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 500); });
        }

        """

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
                        if let rows = table.nrows { writer.text(" \(rows) rows") }
                    }
                    if let description = table.description { writer.element("p", text: description) }
                    writer.element("div", ["class": "scroll"]) { columns(of: table, into: &$0) }
                }
            }
        }
    }

    private func columns(of table: Table, into writer: inout XMLWriter) {
        writer.element("table") { writer in
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
                writer.inline("code", text: "\(base)/tap")
            }
            writer.inline("pre") { writer in
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
