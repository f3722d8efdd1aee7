import CutMerge
import DataLink
import Foundation
import Hummingbird
import TAP
import TableModel
import Uploads

/// Rows that a request stands for.
struct MarkedRows: Sendable {
    /// How the request named them.
    enum Origin: Sendable {
        /// A selection, what was made of it before, and the job that makes it.
        case selection(UUID, product: MadeProduct?, job: String?)
        case ids(client: UUID?)
        /// The whole result of a client's query.
        case result(client: UUID)
    }

    var identifiers: [RowIdentifier]
    /// Ids in the request that are none.
    var unreadable: [String] = []
    /// The query whose result they are from, where it is known.
    var query: String?
    var origin: Origin

    /// A row that is named twice counts twice.
    var count: Int { identifiers.count + unreadable.count }
}

/// Finds the rows that a request's parameters stand for: `selection`, `ID` as often as there are rows, or `clientId` alone, which means
/// the whole result of that client's query.
struct RowFinder: Sendable {
    let selections: Selections
    let queries: QueryService
    let uploads: UploadDesk
    let naming: LinkResponder.Naming
    /// Rows of a result at which to stop: one more than any product may hold.
    let limit: Int

    /// Whether the request names rows at all.
    func isAsked(_ parameters: TAP.Parameters) -> Bool {
        ["selection", "ID", "clientId"].contains { name in parameters.all(name).contains { !$0.isEmpty } }
    }

    /// Whether a stored query is run for them, which counts as a query of whoever asks.
    func runsQuery(_ parameters: TAP.Parameters) -> Bool {
        isAsked(parameters) && ["selection", "ID"].allSatisfy { name in parameters.all(name).allSatisfy(\.isEmpty) }
    }

    /// - Parameter closing: whether a selection is closed first, because its product is fetched: what is made then is what the link stands for
    ///   from now on, and the next row begins a new one.
    func rows(_ parameters: TAP.Parameters, closing: Bool = false) async throws -> MarkedRows {
        if let id = try Self.uuid("selection", parameters) {
            let selection = closing ? try await selections.close(id) : try await selections.read(id)
            return MarkedRows(
                identifiers: selection.rows.map(\.identifier), query: selection.query,
                origin: .selection(id, product: selection.summary.product, job: selection.summary.job))
        }
        let client = try Self.uuid("clientId", parameters)
        let ids = parameters.all("ID").filter { !$0.isEmpty }
        if !ids.isEmpty { return await rows(ids, client: client) }
        guard let client else {
            throw Failure(
                status: .badRequest, message: "UsageFault: nothing is asked for; name a selection, ids of rows, or the clientId of a result"
            )
        }
        return try await result(of: client)
    }

    private func rows(_ ids: [String], client: UUID?) async -> MarkedRows {
        var marked = MarkedRows(identifiers: [], origin: .ids(client: client))
        marked.identifiers.reserveCapacity(ids.count)
        for id in ids {
            if let row = naming(id) {
                marked.identifiers.append(row)
            } else {
                marked.unreadable.append(String(decoding: id.utf8.prefix(200), as: UTF8.self))
            }
        }
        // Without Redis the product says nothing of its query.
        if let client { marked.query = try? await selections.recall(client: client)?.query }
        return marked
    }

    /// Runs a client's stored query again, for its rows.
    private func result(of client: UUID) async throws -> MarkedRows {
        guard let record = try await selections.recall(client: client) else { throw Failure.queryNotKept }
        let tables = try record.uploads.map { try JSONDecoder().decode([UploadedTable].self, from: Data($0.utf8)) } ?? []
        guard tables.isEmpty ? true : try await uploads.areWhole(tables) else { throw Failure.tablesNotKept }
        let identifiers = try await untilHangUp { [queries, limit] in
            try await queries.rowIdentifiers(of: record.query, uploads: tables, maxrec: record.maxrec, limit: limit)
        }
        return MarkedRows(identifiers: identifiers, query: record.query, origin: .result(client: client))
    }

    private static func uuid(_ name: String, _ parameters: TAP.Parameters) throws -> UUID? {
        guard let text = try parameters.single(name) else { return nil }
        guard let uuid = UUID(uuidString: text) else {
            throw Failure(status: .badRequest, message: "UsageFault: malformed \(name) \"\(text.prefix(80))\"; it is a UUID")
        }
        return uuid
    }
}

extension Failure {
    fileprivate static let queryNotKept = Self(
        status: .notFound, message: "NotFoundFault: the query of this result is no longer kept; run it again and use the new result")

    fileprivate static let tablesNotKept = Self(
        status: .notFound,
        message:
            "NotFoundFault: a table that was uploaded with the query of this result is no longer kept; run it again and use the new result")
}
