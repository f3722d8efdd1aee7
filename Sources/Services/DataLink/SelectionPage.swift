package import CutMerge
package import Foundation
package import NIOCore
import Pages
package import TableModel
import XML

/// A selection for people and for programs: its rows, files, size, state and time left.
package struct SelectionPage: Sendable {
    private let selection: Selection
    /// What the archive knows of the rows; those that it has lost are missing.
    private let rows: [RowIdentifier: LinkedRow]
    private let addresses: LinkAddresses
    private let publisherID: @Sendable (RowIdentifier) -> String?
    private let estimate: Estimate?

    /// What the product would come to.
    package struct Estimate: Sendable {
        var files: Int
        var seconds: Double
        /// More than is cut at once.
        var isForJob: Bool

        package init(files: Int, seconds: Double, isForJob: Bool) {
            self.files = files
            self.seconds = seconds
            self.isForJob = isForJob
        }
    }

    /// - Parameters:
    ///   - rows: what the archive knows of the rows; for a page, of those that it shows.
    ///   - publisherID: how the whole VO names a row.
    package init(
        _ selection: Selection, rows: [RowIdentifier: LinkedRow], addresses: LinkAddresses,
        publisherID: @escaping @Sendable (RowIdentifier) -> String? = { _ in nil }, estimate: Estimate? = nil
    ) {
        self.estimate = estimate
        self.selection = selection
        self.rows = rows
        self.addresses = addresses
        self.publisherID = publisherID
    }

    private var files: Set<String> { Set(rows.values.map(\.file.name)) }

    // MARK: - HTML

    /// The page; of an open selection each row has a button that posts `remove=<id>` to the page's own address.
    ///
    /// - Parameter now: what the time left is counted from.
    package func html(now: Date = .now) -> ByteBuffer {
        let summary = selection.summary
        return HTMLPage(title: "Selection of \(Self.count(summary.rowCount, "row"))", home: addresses.home).write { writer in
            writer.element("dl", ["class": "facts"]) { writer in
                writer.fact("State") {
                    $0.text(summary.isOpen ? "open: rows that you activate join it" : "closed: its rows stay as they are")
                }
                writer.fact("Files") { $0.text(Self.count(estimate?.files ?? files.count, "file")) }
                writer.fact("Product") {
                    $0.text(summary.product.map { "\(ByteCount.text($0.size)), made" } ?? "about \(ByteCount.text(summary.bytes))")
                }
                if let estimate, summary.product == nil {
                    writer.fact("Made in") { $0.text("about \(max(0.1, (estimate.seconds * 10).rounded() / 10)) s") }
                }
                if summary.isOpen {
                    writer.fact("Open for") { $0.text(Self.timeLeft(summary.closes.timeIntervalSince(now))) }
                }
                writer.fact("Kept for") { $0.text(Self.timeLeft(summary.expires.timeIntervalSince(now))) }
            }
            if selection.rows.isEmpty {
                writer.element("p", text: "There is no row in it. Mark rows in the result of a query, or follow their links.")
                writer.element("p") { $0.inline("a", ["class": "button primary", "href": addresses.home], text: "To the query") }
                return
            }
            writer.element("div", ["class": "actions"]) { writer in
                way(to: summary.id, into: &writer)
                if summary.isOpen {
                    writer.element("form", ["method": "post", "action": addresses.page(of: summary.id)]) {
                        $0.element("button", ["class": "quiet", "name": "close", "value": "true"], text: "Close the selection")
                    }
                }
            }
            writer.element("section", ["class": "card"]) { table(into: &$0) }
            if selection.rows.count > Self.pageLimit {
                writer.element(
                    "p", ["class": "note"],
                    text: "This page shows the first \(Self.pageLimit) of \(selection.rows.count) rows.")
            }
        }
    }

    /// Rows that a page shows.
    package static let pageLimit = 1000

    private func way(to selection: UUID, into writer: inout XMLWriter) {
        guard estimate?.isForJob == true else {
            return writer.element("a", ["class": "button primary", "href": addresses.product(of: selection)], text: "Cut & Merge")
        }
        writer.element("form", ["method": "post", "action": addresses.cutMergeJobs]) { writer in
            writer.hidden("selection", selection.text)
            writer.hidden("PHASE", "RUN")
            writer.element("button", ["class": "primary"], text: "Cut & Merge as a job")
        }
    }

    private func table(into writer: inout XMLWriter) {
        let isOpen = selection.summary.isOpen
        let page = addresses.page(of: selection.summary.id)
        writer.element("table", ["class": "stack"]) { writer in
            writer.element("thead") { writer in
                writer.element("tr") { writer in
                    for name in ["Object", "Table", "File", "About"] + (isOpen ? ["Take out"] : []) {
                        writer.inline("th", ["scope": "col"], text: name)
                    }
                }
            }
            writer.element("tbody") { writer in
                for selected in selection.rows.prefix(Self.pageLimit) {
                    let row = rows[selected.identifier]
                    writer.element("tr") { writer in
                        writer.inline("td") { writer in
                            writer.inline(
                                "a", ["href": addresses.links(of: selected.identifier, client: nil)], text: row?.keyName ?? "lost row")
                        }
                        writer.inline("td", text: row?.table.name ?? "")
                        writer.inline("td", text: row?.file.name ?? "")
                        writer.inline("td", ["class": "number"], text: ByteCount.text(selected.bytes))
                        if isOpen {
                            writer.inline("td", ["class": "do"]) { Self.removal(of: selected, name: row?.keyName, at: page, into: &$0) }
                        }
                    }
                }
            }
        }
    }

    private static func removal(of row: SelectedRow, name: String?, at page: String, into writer: inout XMLWriter) {
        writer.inline("form", ["method": "post", "action": page, "class": "inline"]) { writer in
            writer.inline(
                "button",
                [
                    "class": "danger", "name": "remove", "value": row.identifier.uuid,
                    "aria-label": "Take out \(name ?? row.identifier.uuid)",
                ],
                text: "Take out")
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    private static func timeLeft(_ seconds: TimeInterval) -> String {
        let minutes = Int(max(0, seconds) / 60)
        return minutes >= 120 ? count(minutes / 60, "hour") : count(minutes, "minute")
    }

    // MARK: - JSON

    /// The same as JSON, with all rows; `bytes` are estimates.
    ///
    /// - Parameter now: what the time left is counted from.
    package func json(now: Date = .now) -> ByteBuffer {
        var facts = SelectionFacts(selection.summary, addresses: addresses, now: now)
        facts.files = files.count
        facts.rows = selection.rows.map { selected in
            let row = rows[selected.identifier]
            return .init(
                id: selected.identifier.uuid, publisherID: publisherID(selected.identifier), table: row?.table.name, key: row?.keyName,
                file: row?.file.name, bytes: selected.bytes)
        }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, integers and whole dates always encode.
        let data = (try? encoder.encode(facts)) ?? Data("{}".utf8)
        return ByteBuffer(bytes: data)
    }
}
