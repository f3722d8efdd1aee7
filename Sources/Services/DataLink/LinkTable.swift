package import CutMerge
package import Foundation
import Pages
package import TableModel

/// The links of all IDs of a request. The links themselves are made when read, ID by ID.
package struct LinkTable: Sendable {
    /// What one ID stands for.
    package struct Entry: Hashable, Sendable {
        package enum Outcome: Hashable, Sendable {
            case row(LinkedRow)
            /// A fault's name and text.
            case fault(String)
        }

        /// As the client sent it.
        package var id: String
        package var outcome: Outcome
    }

    /// The rows that #this stands for.
    package enum Marked: Hashable, Sendable {
        case selection(Selection.Summary)
        /// Carried in the link's own URL, because of the reason, if there is one.
        case rows([RowIdentifier], bytes: Int, reason: String?)
        /// Each ID's row alone, because of the reason.
        case single(reason: String?)
    }

    package let entries: [Entry]
    package let marked: Marked
    package let client: UUID?
    /// Set when not all IDs were answered: the limit.
    package let overflow: Int?
    let addresses: LinkAddresses

    /// The links of one ID; at least one.
    package func links(of entry: Entry) -> [Link] {
        switch entry.outcome {
        case .fault(let text):
            [Link(id: entry.id, target: .fault(text), semantics: "#this")]
        case .row(let row):
            products(of: row, id: entry.id) + progenitors(of: row, id: entry.id) + counterparts(of: row, id: entry.id)
                + processing(of: row, id: entry.id)
        }
    }

    // MARK: - #this and what belongs to it

    private func products(of row: LinkedRow, id: String) -> [Link] {
        guard row.table.offersProduct else { return [] }
        /// - Parameter bytes: an estimate; the size of what was made is told instead, and as the link's length.
        func product(_ url: String, _ what: String, bytes: Int, made: MadeProduct?, _ localSemantics: String, reason: String? = nil) -> Link
        {
            let size = made.map { ByteCount.text($0.size) } ?? "about \(ByteCount.text(bytes))"
            return Link(
                id: id, target: .url(url), description: "Cut & Merge of \(what), \(size)\(Self.because(reason))", semantics: "#this",
                contentType: LinkAddresses.productType, contentLength: made?.size, contentQualifier: row.table.productType,
                localSemantics: localSemantics)
        }
        let alone = addresses.product(of: [row.identifier], client: client)
        switch marked {
        case .selection(let selection) where selection.rowCount > 1:
            return [
                product(
                    addresses.product(of: selection.id), "\(selection.rowCount) selected rows", bytes: selection.bytes,
                    made: selection.product, "selection"),
                product(alone, "this row alone", bytes: row.objectBytes, made: selection.rowProduct, "row"),
            ] + beginning(with: row, id: id, in: selection) + [page(of: selection, id: id)]
        case .selection(let selection):
            return [
                product(
                    addresses.product(of: selection.id), "this row", bytes: row.objectBytes, made: selection.product, "selection"),
                page(of: selection, id: id),
            ]
        case .rows(let rows, let bytes, let reason) where rows.count > 1:
            return [
                product(
                    addresses.product(of: rows, client: client), "the \(rows.count) rows of this request", bytes: bytes, made: nil,
                    "selection", reason: reason), product(alone, "this row alone", bytes: row.objectBytes, made: nil, "row"),
            ]
        case .rows(_, _, let reason), .single(let reason):
            return [product(alone, "this row", bytes: row.objectBytes, made: nil, "row", reason: reason)]
        }
    }

    private func page(of selection: Selection.Summary, id: String) -> Link {
        Link(
            id: id, target: .url(addresses.page(of: selection.id)),
            description: selection.isOpen ? "The selection's page, where rows can be taken out" : "The selection's page",
            semantics: "#documentation", contentType: "text/html", localSemantics: "selection-page")
    }

    private func beginning(with row: LinkedRow, id: String, in selection: Selection.Summary) -> [Link] {
        guard selection.isOpen, let client else { return [] }
        return [
            Link(
                id: id, target: .url(addresses.links(of: row.identifier, client: client, begin: UUID())),
                description: "Begin a new selection with this row", semantics: "#auxiliary", contentType: LinkAddresses.linksType,
                localSemantics: "new-selection")
        ]
    }

    private static func because(_ reason: String?) -> String { reason.map { " (\($0))" } ?? "" }

    /// Cut & Merge with parameters to fill in, which is how TOPCAT comes to a service that a link table describes.
    ///
    /// Who asks for many rows at once is a program, and finds the descriptor without it.
    private func processing(of row: LinkedRow, id: String) -> [Link] {
        guard entries.count == 1, row.table.offersProduct, !row.table.relations.isEmpty else { return [] }
        let (service, what) =
            if case .selection(let selection) = marked {
                (LinkAddresses.selectionServiceID, selection.rowCount > 1 ? "\(selection.rowCount) selected rows" : "this row")
            } else {
                (LinkAddresses.rowServiceID, "this row")
            }
        let names = row.table.relations.map(\.name).joined(separator: " or ")
        return [
            Link(
                id: id, target: .service(service), description: "Cut & Merge of \(what), on request with \(names)", semantics: "#proc",
                contentType: LinkAddresses.productType, contentQualifier: row.table.productType, localSemantics: "processing")
        ]
    }

    // MARK: - Other files and rows

    private func progenitors(of row: LinkedRow, id: String) -> [Link] {
        guard row.table.offersProgenitor else { return [] }
        return [
            Link(
                id: id, target: .url(addresses.file(row.file.name)), description: "The whole original file \(row.file.name)",
                semantics: "#progenitor", contentType: row.file.format, contentLength: row.file.size,
                contentQualifier: row.table.productType, localSemantics: "progenitor")
        ]
    }

    private func counterparts(of row: LinkedRow, id: String) -> [Link] {
        row.table.relations.flatMap { relation in
            func related(_ url: String, _ description: String, _ localSemantics: String) -> Link {
                Link(
                    id: id, target: .url(url), description: description, semantics: relation.semantics,
                    contentType: "application/x-votable+xml", contentQualifier: "#measurements", localSemantics: localSemantics)
            }
            let alone = related(
                addresses.related(relation.name, to: [row.identifier]), "\(relation.description), for this row", "\(relation.name)-of-row")
            switch marked {
            case .selection(let selection) where selection.rowCount > 1:
                return [
                    related(
                        addresses.related(relation.name, to: selection.id), "\(relation.description), for all selected rows",
                        relation.name), alone,
                ]
            case .rows(let rows, _, _) where rows.count > 1:
                return [
                    related(
                        addresses.related(relation.name, to: rows), "\(relation.description), for all rows of this request", relation.name),
                    alone,
                ]
            case .selection, .rows, .single:
                return [alone]
            }
        }
    }
}

/// Sizes for people.
enum ByteCount {
    /// 999 is `999 bytes`, 8123 is `8.1 kB`, 40123 is `40 kB`: decimal units, two digits at least.
    static func text(_ bytes: Int) -> String { PageLink.size(bytes) }
}
