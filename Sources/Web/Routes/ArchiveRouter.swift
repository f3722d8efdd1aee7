import DataLink
package import Hummingbird
import Jobs
import TAP
import Uploads

/// All addresses of the archive.
///
/// Queries now and TAP's own documents are answered on their connection's event loop; all else goes ``Aside``.
package enum ArchiveRouter {
    package static func router(for services: ArchiveServices) -> Router<ArchiveContext> {
        let router = Router(context: ArchiveContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: BrowserAccess())
        router.add(middleware: FailureMiddleware(home: services.addresses.home))
        RootRoutes(services: services).add(to: router.group().add(middleware: Aside()))
        let tap = router.group("tap")
        TAPRoutes(queries: services.queries, uploads: services.uploads, visitors: services.visitors, compression: services.compression)
            .add(to: tap)
        VOSIRoutes(
            queries: services.queries, catalogue: services.catalogue, limits: services.limits, availability: services.availability
        ).add(to: tap)
        JobRoutes(
            jobs: services.jobs, visitors: services.visitors, base: "\(services.queries.settings.baseURL)/tap/async",
            home: services.addresses.home, given: JobRoutes.reading(services.uploads)
        )
        .add(to: tap.group("async").add(middleware: Aside()))
        CheckRoutes(inspector: services.inspector).add(to: tap.group("adql").add(middleware: Aside()))
        addLinks(services, to: router)
        FileRoutes(database: services.database).add(to: router.group("files").add(middleware: Aside()))
        MethodRules.complete(router)
        return router
    }

    /// Links, selections, and what is made of them.
    private static func addLinks(_ services: ArchiveServices, to router: Router<ArchiveContext>) {
        let finder = RowFinder(
            selections: services.selections, queries: services.queries, uploads: services.uploads, naming: services.naming,
            limit: services.cutJobObjects + 1)
        let datalink = router.group("datalink").add(middleware: Aside())
        DataLinkRoutes(links: services.links).add(to: datalink)
        RelatedRoutes(
            finder: finder, queries: services.queries, uploads: services.uploads, catalogue: services.catalogue,
            database: services.database, visitors: services.visitors, compression: services.compression
        ).add(to: datalink.group("related"))
        let products = ProductRoutes(
            finder: finder, selections: services.selections, cutMerge: services.cutMerge, addresses: services.addresses,
            visitors: services.visitors, jobs: services.productJobs, jobLimit: services.cutJobObjects)
        products.add(to: datalink.group("cutmerge"))
        JobRoutes(
            jobs: services.productJobs, visitors: services.visitors, base: services.addresses.cutMergeJobs, home: services.addresses.home,
            counting: .objects,
            given: JobRoutes.reading(finder, uploads: services.uploads, visitors: services.visitors, limit: services.cutJobObjects),
            created: JobRoutes.noting(services.selections)
        ).add(to: datalink.group("cutmerge/async"))
        SelectionRoutes(
            making: SelectionMaking(
                selections: services.selections, finder: finder, queries: services.queries, jobs: services.jobs,
                uploads: services.uploads, catalogue: services.catalogue, database: services.database, limit: services.cutJobObjects),
            selections: services.selections, cutMerge: services.cutMerge, addresses: services.addresses, visitors: services.visitors,
            naming: services.naming,
            lookUp: services.lookUp, publisherID: services.publisherID
        ).add(to: router.group("selections").add(middleware: Aside()))
    }
}
