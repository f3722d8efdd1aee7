package import TableModel
package import VOTable

/// What stands around the rows of a result, whatever the format: formats take from it what they can say.
package struct ResultDocument: Sendable {
    package var fields: [Field]
    /// Facts about the result, the query's text among them as `QUERY`.
    package var infos: [Info]
    /// Services that a client may call with the rows.
    package var services: [ServiceDescriptor]
    /// Where the text around the rows was written before, for another query of the same kind.
    package var frame: KnownFrame?

    package init(fields: [Field], infos: [Info] = [], services: [ServiceDescriptor] = []) {
        self.fields = fields
        self.infos = infos
        self.services = services
    }

    package var columns: [Column] { fields.map(\.column) }

    func votable(_ serialization: Serialization) -> VOTableDocument {
        VOTableDocument(serialization: serialization, infos: infos, fields: fields, services: services)
    }
}
