import NIOCore
import Pages
import TableModel
import VOTable
import XML

extension ResultDocument {
    /// A failure is told to the person who reads; programs need the connection to break.
    var htmlFrame: TextFrame {
        TextFrame(opening: htmlOpening(), closing: htmlClosing, showsFailure: true)
    }

    private var query: String? { infos.first { $0.name == "QUERY" }?.value }

    /// Whether rows can be marked, and their links be asked for.
    private var hasMarks: Bool { surroundings.client != nil && columns.contains { $0.type.namesRows } }

    // MARK: - Before the rows

    /// Everything before the rows of a table that a browser shows as they come.
    private func htmlOpening() -> ByteBuffer {
        var writer = HTMLPage(title: "Query result", home: surroundings.home, place: .query, isWide: true).begin()
        if let query { show(query, into: &writer) }
        for info in infos where info.name == "warning" { writer.element("p", ["class": "note"], text: info.value) }
        let alignment = columns.enumerated().compactMap {
            $1.type.isNumber ? ".data td:nth-child(\($0 + 1)), .data th:nth-child(\($0 + 1))" : nil
        }
        if !alignment.isEmpty {
            writer.element("style") { $0.buffer.writeString(alignment.joined(separator: ", ") + " { text-align: right; }\n") }
        }
        if hasMarks { writer.open("form", ["method": "post", "action": "\(surroundings.home)datalink", "data-marks": ""]) }
        writer.open("div", ["class": "data", "tabindex": "0", "role": "region", "aria-label": "Rows of the result"])
        writer.open("table")
        writer.element("thead") { head in
            head.element("tr") { row in
                for column in columns { heading(column, into: &row) }
            }
        }
        writer.open("tbody")
        return writer.buffer
    }

    /// The query, the way back to it, and the ways on from its result.
    private func show(_ query: String, into writer: inout XMLWriter) {
        writer.element("details", ["class": "plain", "open": query.utf8.count <= Self.shortQuery ? "" : nil]) { writer in
            writer.element("summary", text: "The query")
            writer.element("pre", text: query)
        }
        writer.element("div", ["class": "actions"]) { writer in
            if let address = PageLink.edit(query, home: surroundings.home) {
                writer.element("a", ["class": "button", "href": address], text: "Edit the query")
            }
            if let client = surroundings.client {
                writer.element(
                    "a", ["class": "button", "href": "\(surroundings.home)datalink/cutmerge?clientId=\(client)"],
                    text: "Cut & Merge of all rows")
            }
            if surroundings.isRepeatable { writer.downloads(of: query, at: "\(surroundings.home)tap/sync") }
        }
    }

    private static let shortQuery = 600

    private func heading(_ column: Column, into row: inout XMLWriter) {
        let title = [column.description, column.unit.map { "Unit: \($0)." }].compactMap(\.self).joined(separator: " ")
        let isMarked = hasMarks && isMarked(column)
        row.inline("th", ["scope": "col", "class": isMarked ? "marks" : nil, "title": title.isEmpty ? nil : title]) { cell in
            cell.text(column.name)
            if isMarked {
                // Script shows it; without, there is nothing that it could do.
                cell.inline("small") { small in
                    small.inline("label", ["hidden": ""]) { label in
                        label.inline("input", ["type": "checkbox", "data-all": ""])
                        label.text(" all")
                    }
                }
            } else {
                cell.inline("small", text: column.unit ?? "")
            }
        }
    }

    /// As ``TextRowWriter`` has it: marks stand beside links, else beside identifiers.
    private func isMarked(_ column: Column) -> Bool {
        let hasLinks = columns.contains { if case .accessURL = $0.type { true } else { false } }
        return switch column.type {
        case .accessURL: true
        case .rowIdentifier: !hasLinks
        default: false
        }
    }

    // MARK: - After the rows

    /// Everything after the rows; how the result ended is told where the reader is by then.
    private func htmlClosing(_ status: QueryStatus) -> ByteBuffer {
        let form = hasMarks ? ["form"] : []
        var writer = XMLWriter(dialect: .html, continuing: HTMLPage.openElements + form + ["div", "table", "tbody"])
        for _ in 0..<3 { writer.close() }
        if let client = surroundings.client, hasMarks {
            writer.hidden("clientId", client)
            writer.element("div", ["class": "bar"]) { writer in
                writer.element(
                    "button", ["class": "primary", "type": "submit", "data-needs-marks": ""], text: "Links of the marked rows")
                writer.element(
                    "span", ["class": "note", "data-count": "", "aria-live": "polite"], text: "Mark rows to get their objects in one file.")
            }
            writer.close()
        }
        switch status {
        case .ok: writer.element("p", ["class": "note"], text: "That is the whole result.")
        case .overflow(let limit):
            writer.element("section", ["class": "card main-thing"]) { writer in
                writer.element("p", text: "The result goes on: \(limit ?? "a limit cut it here").")
            }
        case .error(let message):
            writer.element("section", ["class": "card fault"]) { writer in
                writer.element("p", text: "The query failed here: \(message)")
            }
        }
        writer.closeAll()
        return writer.buffer
    }
}

extension ValueType {
    fileprivate var namesRows: Bool {
        switch self {
        case .rowIdentifier, .accessURL: true
        default: false
        }
    }

    fileprivate var isNumber: Bool {
        switch self {
        case .smallint, .integer, .bigint, .real, .double: true
        default: false
        }
    }
}
