import Hummingbird
import Pages
import XML

/// The form in which people write queries: sent by GET, so that a result can be bookmarked, or as a job.
struct QueryForm {
    /// The archive's own address, without a slash at the end.
    let base: String
    /// What was written before; empty for ``example``.
    let query: String
    let example: String
    let maxrec: String?
    /// RESPONSEFORMAT, as a short name.
    let format: String?

    func write(into writer: inout XMLWriter) {
        writer.element("section", ["class": "card"]) { writer in
            writer.element("form", ["method": "get", "action": "\(base)/tap/sync"]) { writer in
                writer.inline("label", ["for": "query"]) { $0.inline("strong", text: "ADQL query") }
                writer.inline(
                    "textarea",
                    [
                        "id": "query", "name": "QUERY", "rows": String(rows), "spellcheck": "false", "autocapitalize": "off",
                        "required": "",
                        "data-given": query.isEmpty ? nil : "",
                    ], text: "\n" + text)
                writer.hidden("LANG", "ADQL")
                writer.element("div", ["class": "actions"]) { writer in
                    writer.inline("button", ["class": "primary", "type": "submit"], text: "Run")
                    writer.newline()
                    // Its name and value make the new job run at once.
                    writer.element(
                        "button",
                        ["type": "submit", "formmethod": "post", "formaction": "\(base)/tap/async", "name": "PHASE", "value": "RUN"],
                        text: "Run as a job")
                    choices(into: &writer)
                }
            }
            // Filled while the query is typed, where there is script; the page works without.
            writer.element(
                "pre", ["id": "check", "class": "note", "aria-live": "polite", "data-check": "\(base)/tap/adql/check"], text: "")
            writer.element("p", ["class": "note"]) { writer in
                writer.inline("a", ["href": "\(base)/tap/examples"], text: "Examples")
                writer.text(" to begin with. A job may take longer, and keeps its result.")
            }
        }
    }

    private var text: String { query.isEmpty ? example : query }

    private var rows: Int { min(max(5, text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + 2), 20) }

    private func choices(into writer: inout XMLWriter) {
        writer.element("label") { writer in
            writer.text("Answer as ")
            writer.inline("select", ["name": "RESPONSEFORMAT"]) { writer in
                for (value, name) in Self.formats {
                    writer.inline("option", ["value": value, "selected": value == format ? "" : nil], text: name)
                }
            }
        }
        writer.element("label") { writer in
            writer.text("at most ")
            writer.inline("input", ["type": "number", "name": "MAXREC", "value": maxrec ?? "1000", "min": "0", "inputmode": "numeric"])
            writer.text(" rows")
        }
    }

    /// What a person at a browser has use for.
    private static let formats: [(String, String)] = [
        ("html", "page"), ("votable", "VOTable"), ("csv", "CSV"), ("fits", "FITS"), ("parquet", "Parquet"), ("json", "JSON"),
        ("text", "text"),
    ]
}

extension Request {
    /// A parameter of the address; nil when it is not there, and when it can't be read.
    func sent(_ name: String) -> String? {
        let pairs = (try? Self.decode(form: uri.query ?? "")) ?? []
        return pairs.first { $0.0.uppercased() == name }?.1
    }
}
