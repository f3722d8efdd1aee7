package import Compression
package import CutMerge
package import DataLink
package import Jobs
package import Postgres
package import TAP
package import TAPSchema
package import TableModel
package import Uploads

/// The services that the routes lead to.
package struct ArchiveServices: Sendable {
    package var queries: QueryService
    package var uploads: UploadDesk
    package var jobs: JobService<QueryJob>
    package var productJobs: JobService<ProductJob>
    package var inspector: QueryInspector
    package var visitors: Visitors
    package var limits: ServiceLimits
    package var catalogue: LiveCatalogue
    package var database: PostgresPool
    package var selections: Selections
    package var cutMerge: CutMergeService
    /// Objects that a job of Cut & Merge may cut.
    package var cutJobObjects: Int
    package var links: LinkResponder
    package var addresses: LinkAddresses
    package var lookUp: LinkResponder.LookUp
    package var naming: LinkResponder.Naming
    package var publisherID: @Sendable (RowIdentifier) -> String?
    package var availability: @Sendable () async -> Availability
    package var compression: CompressionPolicy

    package init(
        queries: QueryService, uploads: UploadDesk, jobs: JobService<QueryJob>, productJobs: JobService<ProductJob>,
        inspector: QueryInspector, visitors: Visitors,
        limits: ServiceLimits,
        catalogue: LiveCatalogue,
        database: PostgresPool, selections: Selections, cutMerge: CutMergeService, cutJobObjects: Int,
        links: LinkResponder, addresses: LinkAddresses, lookUp: @escaping LinkResponder.LookUp,
        naming: @escaping LinkResponder.Naming, publisherID: @escaping @Sendable (RowIdentifier) -> String?,
        availability: @escaping @Sendable () async -> Availability, compression: CompressionPolicy
    ) {
        self.queries = queries
        self.uploads = uploads
        self.jobs = jobs
        self.productJobs = productJobs
        self.inspector = inspector
        self.visitors = visitors
        self.limits = limits
        self.catalogue = catalogue
        self.database = database
        self.selections = selections
        self.cutMerge = cutMerge
        self.cutJobObjects = cutJobObjects
        self.links = links
        self.addresses = addresses
        self.lookUp = lookUp
        self.naming = naming
        self.publisherID = publisherID
        self.availability = availability
        self.compression = compression
    }
}
