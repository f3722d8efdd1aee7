package import NIOCore
import XML

extension LinkTable {
    /// The same links as a page for people.
    package func page() -> ByteBuffer {
        let title =
            switch entries.count {
            case 0: "No data asked for"
            case 1: entries.first.map(Self.heading) ?? ""
            case let count: "Links of \(count) rows"
            }
        return HTMLPage(title: title, home: addresses.home).write { writer in
            if entries.isEmpty {
                writer.element("p", text: "Name a row by its identifier: follow the access_url of a query's result.")
            }
            for entry in entries.prefix(Self.pageLimit) { section(entry, into: &writer) }
            if entries.count > Self.pageLimit {
                writer.element(
                    "p", ["class": "note"],
                    text:
                        "This page shows the first \(Self.pageLimit) of \(entries.count) rows. The VOTable (RESPONSEFORMAT=votable) has them all."
                )
            }
            if let overflow {
                writer.element("p", ["class": "fault"], text: "More IDs were asked for than the \(overflow) that one request may bring.")
            }
        }
    }

    /// Rows that a page shows.
    private static let pageLimit = 200

    private static func heading(_ entry: Entry) -> String {
        switch entry.outcome {
        case .row(let row): "\(row.keyName) in \(row.table.name)"
        case .fault: "Nothing found"
        }
    }

    private func section(_ entry: Entry, into writer: inout XMLWriter) {
        writer.element("section", ["class": "card"]) { writer in
            if entries.count > 1 { writer.element("h2", text: Self.heading(entry)) }
            writer.element("dl", ["class": "facts"]) { writer in
                writer.fact("ID") { $0.inline("code", text: entry.id) }
                if case .row(let row) = entry.outcome {
                    writer.fact("Table") { $0.text(row.table.name) }
                    writer.fact("File") { $0.text("\(row.file.name), \(ByteCount.text(row.file.size))") }
                }
            }
            let links = links(of: entry)
            for case .fault(let text) in links.map(\.target) { writer.element("p", ["class": "fault"], text: text) }
            if case .row = entry.outcome { table(links, into: &writer) }
        }
    }

    private func table(_ links: [Link], into writer: inout XMLWriter) {
        writer.element("table") { writer in
            writer.element("thead") { writer in
                writer.element("tr") { writer in
                    for name in ["What", "Relation", "Size", "Get it"] { writer.inline("th", ["scope": "col"], text: name) }
                }
            }
            writer.element("tbody") { writer in
                for (index, link) in links.enumerated() { row(link, isFirst: index == 0, into: &writer) }
            }
        }
    }

    private func row(_ link: Link, isFirst: Bool, into writer: inout XMLWriter) {
        guard case .url(let url) = link.target else { return }
        writer.element("tr") { writer in
            writer.inline("td", text: link.description ?? "")
            writer.inline("td") { $0.inline("code", text: link.semantics) }
            writer.inline("td", ["class": "number"], text: link.contentLength.map { ByteCount.text($0) } ?? "")
            writer.inline("td") { writer in
                // Many buttons say the same; the description tells them apart for who hears the page.
                writer.inline(
                    "a", ["class": isFirst ? "button primary" : "button", "href": url, "aria-label": link.description],
                    text: Self.action(link))
            }
        }
    }

    private static func action(_ link: Link) -> String {
        switch link.localSemantics {
        case "selection", "row": "Cut & Merge"
        case "progenitor": "Download file"
        case "selection-page": "See selection"
        case "new-selection": "Begin anew"
        default: "Get table"
        }
    }
}

extension XMLWriter {
    /// A line of a list of facts.
    mutating func fact(_ name: String, value: (inout XMLWriter) -> Void) {
        inline("dt", text: name)
        inline("dd", body: value)
        newline()
    }
}
