package import CutMerge
import Foundation
package import TableModel

/// Answers requests for links.
package struct LinkResponder: Sendable {
    /// Finds rows by identifier; those that no row has are missing from the answer. Any error counts as passing.
    package typealias LookUp = @Sendable ([RowIdentifier]) async throws -> [RowIdentifier: LinkedRow]
    /// Reads a row's name as requests give it; nil for what names none.
    package typealias Naming = @Sendable (String) -> RowIdentifier?

    private let addresses: LinkAddresses
    private let selections: Selections
    private let idLimit: Int
    private let naming: Naming
    private let isKept: @Sendable (MadeProduct) -> Bool
    private let lookUp: LookUp

    /// - Parameters:
    ///   - idLimit: IDs that one request may bring; the rest goes unanswered, and OVERFLOW says so.
    ///   - isKept: whether a product that was made is still there.
    package init(
        addresses: LinkAddresses, selections: Selections, idLimit: Int = 100_000,
        naming: @escaping Naming = { RowIdentifier(uuid: $0) }, isKept: @escaping @Sendable (MadeProduct) -> Bool = { _ in true },
        lookUp: @escaping LookUp
    ) {
        self.addresses = addresses
        self.selections = selections
        self.idLimit = idLimit
        self.naming = naming
        self.isKept = isKept
        self.lookUp = lookUp
    }

    /// Finds the rows, adds a single one to its client's selection, makes a selection of several, and so knows all links.
    ///
    /// Each ID gets a link or a fault of its own; without Redis the links carry their rows themselves.
    /// - Throws: ``LinkError`` with the fault `transient` when no row can be looked up.
    package func links(_ request: LinkRequest) async throws(LinkError) -> LinkTable {
        let ids = request.ids.prefix(idLimit)
        let identifiers = ids.map(naming)
        let known = identifiers.compactMap(\.self)
        let found: [RowIdentifier: LinkedRow]
        do {
            found = known.isEmpty ? [:] : try await lookUp(known)
        } catch {
            throw .lookUpFailed(error)
        }
        let entries = zip(ids, identifiers).map { id, identifier in
            LinkTable.Entry(id: id, outcome: Self.outcome(id: id, row: identifier.flatMap { found[$0] }))
        }
        return LinkTable(
            entries: entries, marked: await mark(entries, for: request), client: request.client,
            overflow: request.ids.count > idLimit ? idLimit : nil, addresses: addresses)
    }

    private static func outcome(id: String, row: LinkedRow?) -> LinkTable.Entry.Outcome {
        if let row { return .row(row) }
        let hasForm = id.utf8.count == 36 && UUID(uuidString: id) != nil || id.utf8.prefix(6).elementsEqual("ivo://".utf8)
        return .fault(hasForm ? IDFault.notFound(id) : IDFault.notAnIdentifier(id))
    }

    // MARK: - Selections

    private func mark(_ entries: [LinkTable.Entry], for request: LinkRequest) async -> LinkTable.Marked {
        // One row may have been asked for in two spellings.
        var seen: Set<RowIdentifier> = []
        let rows = entries.compactMap { entry -> SelectedRow? in
            guard case .row(let row) = entry.outcome, row.table.offersProduct, seen.insert(row.identifier).inserted else { return nil }
            return SelectedRow(row.identifier, bytes: row.objectBytes)
        }
        guard rows.count > 1 || rows.count == 1 && request.client != nil else { return .single(reason: nil) }
        do throws(SelectionError) {
            var selection =
                if let client = request.client, request.ids.count == 1 {
                    try await selections.activate(rows, client: client, begin: request.begin)
                } else {
                    try await selections.fix(rows, client: request.client)
                }
            selection.product = selection.product.flatMap { isKept($0) ? $0 : nil }
            selection.rowProduct = selection.rowProduct.flatMap { isKept($0) ? $0 : nil }
            return .selection(selection)
        } catch {
            let reason = error.code == .full ? error.message : "selections are not available at the moment"
            return rows.count <= Self.rowsInURL
                ? .rows(rows.map(\.identifier), bytes: rows.reduce(0) { $0 + $1.bytes }, reason: reason)
                : .single(reason: reason)
        }
    }

    /// A URL of so many ids stays below 4,000 characters, which every server and proxy takes.
    private static let rowsInURL = 90
}
