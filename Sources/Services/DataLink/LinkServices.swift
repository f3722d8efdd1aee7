package import Foundation
import TableModel
package import VOTable

extension LinkAddresses {
    /// The links service for a result that has a row's identifier: what pyvo's `iter_datalinks()` and TOPCAT's "Invoke Service" call.
    ///
    /// - Parameter column: XML ID of the identifier's FIELD.
    package func linksService(forColumn column: String, client: UUID?) -> ServiceDescriptor {
        ServiceDescriptor(
            id: "links_\(column)", name: "links", description: "Links of each row: Cut & Merge, original file, related data",
            standardID: Self.linksStandard, accessURL: datalink, contentType: Self.linksType,
            inputs: [.init("ID", .column(id: column), ucd: "meta.id;meta.main", description: "Identifier of the row")] + clientInput(client)
        )
    }

    /// Cut & Merge of a query's whole result, which the server runs again for its rows.
    ///
    /// - Parameters:
    ///   - client: under whose name the query is stored.
    ///   - relations: what WITH may add to the rows.
    package func resultService(client: UUID, relations: [String]) -> ServiceDescriptor {
        ServiceDescriptor(
            id: "cutmerge_result", name: "cutmerge_result", description: "Cut & Merge of all rows of this result", accessURL: cutMerge,
            contentType: Self.productType, inputs: clientInput(client) + withInput(relations))
    }

    /// The service that wrote a link table, described in it (DataLink 1.1 §4).
    func selfService(client: UUID?) -> ServiceDescriptor {
        ServiceDescriptor(
            kind: .this, id: "links", name: "links", description: "Links of other rows of this archive", standardID: Self.linksStandard,
            accessURL: datalink, contentType: Self.linksType,
            inputs: [
                .init("ID", .user(), ucd: "meta.id;meta.main", description: "Identifier of a row; several may be given"),
                .init("RESPONSEFORMAT", .user(options: ["votable", "html"]), ucd: "meta.code.mime", description: "Form of the answer"),
            ] + clientInput(client))
    }

    /// Cut & Merge of one row of a link table: what pyvo's `processed` calls.
    ///
    /// It takes IDs and gives data, so it is a SODA service that offers no cuts in space, time or spectrum (SODA 1.0 §3).
    /// - Parameter id: where the identifier comes from: fixed where the table is of one row, so that the descriptor can be used away from it.
    func rowService(id: ServiceDescriptor.Input.Source, client: UUID?, relations: [String]) -> ServiceDescriptor {
        ServiceDescriptor(
            id: Self.rowServiceID, name: Self.rowServiceID, description: "Cut & Merge of one row", standardID: Self.sodaStandard,
            accessURL: cutMerge, contentType: Self.productType,
            inputs: [.init("ID", id, ucd: "meta.ref.url;meta.curation", description: "Identifier of the row; several may be given")]
                + clientInput(client) + withInput(relations))
    }

    func selectionService(_ selection: UUID, relations: [String]) -> ServiceDescriptor {
        ServiceDescriptor(
            id: Self.selectionServiceID, name: Self.selectionServiceID, description: "Cut & Merge of the selection", accessURL: cutMerge,
            contentType: Self.productType,
            inputs: [.init("selection", .fixed(selection.text), ucd: "meta.id", description: "The selection")] + withInput(relations))
    }

    private func withInput(_ relations: [String]) -> [ServiceDescriptor.Input] {
        guard !relations.isEmpty else { return [] }
        return [
            .init(
                "WITH", .user(options: relations), ucd: "meta.code",
                description: "Related rows whose objects come along; left out, none do")
        ]
    }

    private func clientInput(_ client: UUID?) -> [ServiceDescriptor.Input] {
        client.map { [.init("clientId", .fixed($0.text), ucd: "meta.id", description: "The query whose result this is")] } ?? []
    }

    /// Clients compare it character by character (DataLink 1.1 §3.1).
    package static let linksType = "application/x-votable+xml;content=datalink"
    package static let linksStandard = "ivo://ivoa.net/std/DataLink#links-1.1"
    static let rowServiceID = "cutmerge_row"
    static let selectionServiceID = "cutmerge_selection"
    static let sodaStandard = "ivo://ivoa.net/std/SODA#sync-1.0"
    package static let productType = "application/x-hdf5"
}
