import NIOCore
import TableModel
import VOTable
import XML

extension ResultDocument {
    /// A failure is told to the person who reads; programs need the connection to break.
    var htmlFrame: TextFrame {
        TextFrame(opening: htmlOpening(), closing: htmlClosing, showsFailure: true)
    }

    /// Everything before the rows of a table that a browser shows as they come.
    private func htmlOpening() -> ByteBuffer {
        var writer = XMLWriter(dialect: .html)
        writer.prolog()
        writer.open("html", ["lang": "en"])
        writer.element("head") { head in
            head.element("meta", ["charset": "utf-8"])
            head.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            head.element("title", text: "Query result")
            head.inline("style") { $0.buffer.writeStaticString(Self.style) }
        }
        writer.open("body")
        writer.element("p") { $0.inline("a", ["href": "/"], text: "Almagest") }
        writer.element("h1", text: "Query result")
        for info in infos where info.name == "QUERY" {
            writer.element("pre") { $0.text(info.value) }
        }
        writer.open("table")
        writer.element("thead") { head in
            head.element("tr") { row in
                for column in columns {
                    let title = [column.description, column.unit.map { "Unit: \($0)." }].compactMap(\.self).joined(separator: " ")
                    row.inline("th", ["scope": "col", "title": title.isEmpty ? nil : title]) { cell in
                        cell.text(column.name)
                        if let unit = column.unit { cell.inline("small", text: unit) }
                    }
                }
            }
        }
        writer.open("tbody")
        return writer.buffer
    }

    /// Everything after the rows; how the result ended is told where the reader is by then.
    private func htmlClosing(_ status: QueryStatus) -> ByteBuffer {
        var writer = XMLWriter(dialect: .html, continuing: ["html", "body", "table", "tbody"])
        writer.close()
        writer.close()
        switch status {
        case .ok: writer.element("p", ["class": "status"], text: "That is the whole result.")
        case .overflow(let limit):
            writer.element("p", ["class": "status overflow"], text: "The result goes on: \(limit ?? "a limit cut it here").")
        case .error(let message): writer.element("p", ["class": "status error"], text: "The query failed here: \(message)")
        }
        writer.closeAll()
        return writer.buffer
    }

    private static let style: StaticString = """
        :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
        body{margin:1.5rem}
        pre{white-space:pre-wrap;opacity:.8}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}
        th,td{padding:.25rem .6rem;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);text-align:left;white-space:nowrap}
        th{position:sticky;top:0;background:Canvas}
        th small{display:block;font-weight:normal;opacity:.7}
        .overflow,.error{font-weight:bold}
        """
}
