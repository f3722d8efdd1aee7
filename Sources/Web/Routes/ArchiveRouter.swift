package import Hummingbird

/// All addresses of the archive.
package enum ArchiveRouter {
    package static func router(for services: ArchiveServices) -> Router<ArchiveContext> {
        let router = Router(context: ArchiveContext.self)
        // Web pages of other hosts may query too: all that is here is public.
        router.add(
            middleware: CORSMiddleware(
                allowOrigin: .all, allowHeaders: [.accept, .contentType, .range], allowMethods: [.get, .post, .head, .options]))
        router.add(middleware: FailureMiddleware())
        RootRoutes(services: services).add(to: router)
        TAPRoutes(queries: services.queries, catalogue: services.catalogue, availability: services.availability,
            compression: services.compression)
            .add(to: router.group("tap"))
        DataLinkRoutes(
            links: services.links, selections: services.selections, cutMerge: services.cutMerge, queries: services.queries,
            catalogue: services.catalogue, database: services.database, compression: services.compression
        ).add(to: router.group("datalink"))
        SelectionRoutes(selections: services.selections, addresses: services.addresses, lookUp: services.lookUp)
            .add(to: router.group("selections"))
        FileRoutes(database: services.database).add(to: router.group("files"))
        return router
    }
}
