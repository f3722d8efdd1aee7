import CutMerge
package import NIOCore
import Pages
import TableModel
import XML

extension LinkTable {
    /// The same links as a page for people: of one row all that there is; of several what can be had of all together, and the way to each.
    package func page() -> ByteBuffer {
        let title =
            switch entries.count {
            case 0: "No rows asked for"
            case 1: entries.first.map(Self.heading) ?? ""
            case let count: "Links of \(count) rows"
            }
        return HTMLPage(title: title, home: addresses.home).write { writer in
            switch entries.count {
            case 0:
                writer.element(
                    "p",
                    text:
                        "Mark rows in the result of a query, or follow the access_url of one of them. The front page has a query to begin with."
                )
                writer.element("p") { $0.inline("a", ["class": "button primary", "href": addresses.home], text: "To the query") }
            case 1: if let entry = entries.first { one(entry, into: &writer) }
            default: several(into: &writer)
            }
            if let overflow {
                writer.element("p", ["class": "fault"], text: "More IDs were asked for than the \(overflow) that one request may bring.")
            }
        }
    }

    private static func heading(_ entry: Entry) -> String {
        switch entry.outcome {
        case .row(let row): row.keyName
        case .fault: "Nothing found"
        }
    }

    // MARK: - One row

    private func one(_ entry: Entry, into writer: inout XMLWriter) {
        let links = links(of: entry)
        faults(links, into: &writer)
        guard case .row(let row) = entry.outcome else { return writer.element("p", ["class": "note"], text: entry.id) }
        writer.element("dl", ["class": "facts"]) { writer in
            writer.fact("Table") { $0.inline("code", text: row.table.name) }
            writer.fact("File") { $0.text("\(row.file.name), \(ByteCount.text(row.file.size))") }
            writer.fact("Identifier") { $0.inline("code", text: entry.id) }
        }
        offer(links, into: &writer)
        for link in links { processing(link, of: row, into: &writer) }
    }

    /// The form of a service with parameters.
    private func processing(_ link: Link, of row: LinkedRow, into writer: inout XMLWriter) {
        guard case .service = link.target else { return }
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: link.description ?? "")
            writer.element("form", ["method": "get", "action": addresses.cutMerge, "class": "actions"]) { writer in
                if case .selection(let selection) = marked {
                    writer.inline("input", ["type": "hidden", "name": "selection", "value": selection.id.text])
                } else {
                    writer.inline("input", ["type": "hidden", "name": "ID", "value": row.identifier.uuid])
                    if let client { writer.inline("input", ["type": "hidden", "name": "clientId", "value": client.text]) }
                }
                writer.inline("label") { writer in
                    writer.text("With ")
                    writer.inline("select", ["name": "WITH"]) { writer in
                        for relation in row.table.relations {
                            writer.inline("option", ["value": relation.name], text: relation.name)
                        }
                    }
                }
                writer.inline("button", ["class": "button", "aria-label": link.description], text: "Cut & Merge")
            }
        }
    }

    /// The first link as the main thing, the others below.
    private func offer(_ links: [Link], into writer: inout XMLWriter) {
        var rest = links.filter { Self.address($0) != nil }
        if let first = rest.first, first.semantics == "#this" {
            writer.element("section", ["class": "card main-thing"]) { writer in
                writer.element("h2", text: first.description ?? "Cut & Merge")
                writer.element("div", ["class": "actions"]) { writer in
                    button(first, isPrimary: true, into: &writer)
                    if let page = rest.first(where: { $0.localSemantics == "selection-page" }) { button(page, into: &writer) }
                }
            }
            rest.removeFirst()
            rest.removeAll { $0.localSemantics == "selection-page" }
        }
        guard !rest.isEmpty else { return }
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: "More")
            table(["What", "Relation", "Size", "Get it"], into: &writer) { writer in
                for link in rest { row(link, into: &writer) }
            }
        }
    }

    private func row(_ link: Link, into writer: inout XMLWriter) {
        writer.element("tr") { writer in
            writer.inline("td", text: link.description ?? "")
            writer.inline("td") { $0.inline("code", text: link.semantics) }
            writer.inline("td", ["class": "number"], text: link.contentLength.map { ByteCount.text($0) } ?? "")
            writer.inline("td", ["class": "do"]) { button(link, into: &$0) }
        }
    }

    // MARK: - Several rows

    private func several(into writer: inout XMLWriter) {
        let shown = entries.prefix(Self.pageLimit).map { ($0, links(of: $0)) }
        // What stands in the links of more than one row is for all of them.
        var counts: [String: Int] = [:]
        for (_, links) in shown {
            for url in Set(links.compactMap(Self.address)) { counts[url, default: 0] += 1 }
        }
        var seen: Set<String> = []
        let common = shown.flatMap { $0.1 }.filter { link in
            guard let url = Self.address(link), link.localSemantics != "progenitor", counts[url, default: 0] > 1 else { return false }
            return seen.insert(url).inserted
        }
        offer(common, into: &writer)
        writer.element("section", ["class": "card"]) { writer in
            writer.element("h2", text: "The rows")
            table(["Object", "Table", "File", "File size", "Get it"], into: &writer) { writer in
                for (entry, links) in shown { line(entry, links, into: &writer) }
            }
            if entries.count > Self.pageLimit {
                writer.element(
                    "p", ["class": "note"],
                    text:
                        "Here are the first \(Self.pageLimit) of \(entries.count) rows. The VOTable (RESPONSEFORMAT=votable) has them all.")
            }
        }
    }

    /// Rows that a page shows.
    private static let pageLimit = 200

    private func line(_ entry: Entry, _ links: [Link], into writer: inout XMLWriter) {
        writer.element("tr") { writer in
            guard case .row(let row) = entry.outcome else {
                writer.inline("td", ["colspan": "5", "class": "fault"], text: links.compactMap(Self.fault).joined(separator: " "))
                return
            }
            writer.inline("td") { writer in
                writer.inline("a", ["href": addresses.links(of: row.identifier, client: nil)], text: row.keyName)
            }
            writer.inline("td", text: row.table.name)
            writer.inline("td", text: row.file.name)
            writer.inline("td", ["class": "number"], text: ByteCount.text(row.file.size))
            writer.inline("td", ["class": "do"]) { writer in
                for link in links where link.localSemantics == "row" || link.localSemantics == "progenitor" {
                    button(link, of: row.keyName, into: &writer)
                    writer.text(" ")
                }
            }
        }
    }

    // MARK: - Parts

    private func table(_ headings: [String], into writer: inout XMLWriter, rows: (inout XMLWriter) -> Void) {
        writer.element("table", ["class": "stack"]) { writer in
            writer.element("thead") { writer in
                writer.element("tr") { writer in
                    for name in headings { writer.inline("th", ["scope": "col", "class": name == headings.last ? "do" : nil], text: name) }
                }
            }
            writer.element("tbody", body: rows)
        }
    }

    private func faults(_ links: [Link], into writer: inout XMLWriter) {
        for text in links.compactMap(Self.fault) {
            writer.element("section", ["class": "card fault"]) { $0.element("p", text: text) }
        }
    }

    /// - Parameter row: what tells the button from its like in other rows, for who hears the page.
    private func button(_ link: Link, isPrimary: Bool = false, of row: String? = nil, into writer: inout XMLWriter) {
        guard let url = Self.address(link) else { return }
        let words = Self.action(link)
        let label = row.map { "\(words): \($0)" } ?? link.description.map { "\(words): \($0)" }
        let shape = isPrimary ? "button primary" : "button"
        if link.contentType?.hasPrefix("application/x-votable+xml") == true, link.localSemantics != "new-selection" {
            // People read pages; programs find the VOTable beside.
            writer.inline("a", ["class": shape, "href": "\(url)&RESPONSEFORMAT=html", "aria-label": label], text: words)
            writer.text(" ")
            writer.inline("a", ["class": "button quiet", "href": url, "aria-label": label.map { "\($0), as a VOTable" }], text: "VOTable")
        } else {
            writer.inline("a", ["class": shape, "href": url, "aria-label": label], text: words)
        }
    }

    private static func address(_ link: Link) -> String? {
        if case .url(let url) = link.target { url } else { nil }
    }

    private static func fault(_ link: Link) -> String? {
        if case .fault(let text) = link.target { text } else { nil }
    }

    private static func action(_ link: Link) -> String {
        switch link.localSemantics {
        case "selection", "row": "Cut & Merge"
        case "progenitor": "Download file"
        case "selection-page": "See the selection"
        case "new-selection": "Begin anew"
        default: "See table"
        }
    }
}
