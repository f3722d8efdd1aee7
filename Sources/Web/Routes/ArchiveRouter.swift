import DataLink
package import Hummingbird
import Jobs
import TAP
import Uploads

/// All addresses of the archive.
package enum ArchiveRouter {
    package static func router(for services: ArchiveServices) -> Router<ArchiveContext> {
        let router = Router(context: ArchiveContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: BrowserAccess())
        router.add(middleware: FailureMiddleware(home: services.addresses.home))
        RootRoutes(services: services).add(to: router)
        let tap = router.group("tap")
        TAPRoutes(queries: services.queries, uploads: services.uploads, visitors: services.visitors, compression: services.compression)
            .add(to: tap)
        VOSIRoutes(
            queries: services.queries, catalogue: services.catalogue, limits: services.limits, availability: services.availability
        ).add(to: tap)
        JobRoutes(
            jobs: services.jobs, uploads: services.uploads, visitors: services.visitors,
            base: "\(services.queries.settings.baseURL)/tap/async", home: services.addresses.home
        )
        .add(to: tap.group("async"))
        CheckRoutes(inspector: services.inspector).add(to: tap.group("adql"))
        DataLinkRoutes(
            links: services.links, selections: services.selections, cutMerge: services.cutMerge, queries: services.queries,
            catalogue: services.catalogue, database: services.database, compression: services.compression
        ).add(to: router.group("datalink"))
        SelectionRoutes(selections: services.selections, addresses: services.addresses, lookUp: services.lookUp)
            .add(to: router.group("selections"))
        FileRoutes(database: services.database).add(to: router.group("files"))
        MethodRules.complete(router)
        return router
    }
}
