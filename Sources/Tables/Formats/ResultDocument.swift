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

    /// Where a page of the result leads.
    package var surroundings: Surroundings

    package init(
        fields: [Field], infos: [Info] = [], services: [ServiceDescriptor] = [], surroundings: Surroundings = Surroundings(home: "/")
    ) {
        self.fields = fields
        self.infos = infos
        self.services = services
        self.surroundings = surroundings
    }

    package var columns: [Column] { fields.map(\.column) }

    /// What a page needs to know of the archive around a result.
    package struct Surroundings: Sendable {
        /// The archive's front page, with a slash at the end.
        package var home: String
        /// Under whose name the query is kept; nil where its rows have no links.
        package var client: String?
        /// Whether the query gives the same when it is sent again; not so when it reads tables that came with the request.
        package var isRepeatable: Bool

        package init(home: String, client: String? = nil, isRepeatable: Bool = false) {
            self.home = home
            self.client = client
            self.isRepeatable = isRepeatable
        }
    }

    func votable(_ serialization: Serialization) -> VOTableDocument {
        VOTableDocument(serialization: serialization, infos: infos, fields: fields, services: services)
    }
}
