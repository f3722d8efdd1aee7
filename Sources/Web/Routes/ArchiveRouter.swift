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
            jobs: services.jobs, uploads: services.uploads, visitors: services.visitors,
            base: "\(services.queries.settings.baseURL)/tap/async", home: services.addresses.home
        )
        .add(to: tap.group("async").add(middleware: Aside()))
        CheckRoutes(inspector: services.inspector).add(to: tap.group("adql").add(middleware: Aside()))
        DataLinkRoutes(
            links: services.links, selections: services.selections, cutMerge: services.cutMerge, queries: services.queries,
            catalogue: services.catalogue, database: services.database, compression: services.compression
        ).add(to: router.group("datalink").add(middleware: Aside()))
        SelectionRoutes(selections: services.selections, addresses: services.addresses, lookUp: services.lookUp)
            .add(to: router.group("selections").add(middleware: Aside()))
        FileRoutes(database: services.database).add(to: router.group("files").add(middleware: Aside()))
        MethodRules.complete(router)
        return router
    }
}
