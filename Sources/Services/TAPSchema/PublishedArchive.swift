package import TableModel

/// Everything that is published at one moment.
package struct PublishedArchive: Sendable {
    /// Grows with each publication and each ingest.
    package var generation: Int64
    package var catalogue: Catalogue
    package var holdings: Holdings
    /// What TAP_SCHEMA lists and the catalogue had to leave out, and why.
    package var omissions: [String]

    package init(generation: Int64, catalogue: Catalogue, holdings: Holdings, omissions: [String] = []) {
        self.generation = generation
        self.catalogue = catalogue
        self.holdings = holdings
        self.omissions = omissions
    }

    /// What a server knows before it has reached the database.
    package static var empty: Self {
        Self(generation: 0, catalogue: Catalogue(schemas: [], tables: []), holdings: Holdings([Dataset]()))
    }
}
