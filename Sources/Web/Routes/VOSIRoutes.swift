import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TAP
import TAPSchema
import TableModel

/// What TAP says of itself: capabilities, availability, tables and examples (TAP 1.1 §2, VOSI 1.1).
///
/// Documents are made once for each state of the catalogue and carry an ETag, so that a client that asks again gets 304.
struct VOSIRoutes: Sendable {
    let queries: QueryService
    let catalogue: LiveCatalogue
    let limits: ServiceLimits
    let availability: @Sendable () async -> Availability
    private let documents = DocumentStore()

    init(queries: QueryService, catalogue: LiveCatalogue, limits: ServiceLimits, availability: @escaping @Sendable () async -> Availability)
    {
        self.queries = queries
        self.catalogue = catalogue
        self.limits = limits
        self.availability = availability
    }

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.document("capabilities") { request, _ in
            try await documents.document("capabilities", in: catalogue.current.generation) {
                Capabilities.document(baseURL: queries.settings.baseURL, limits: limits, functions: queries.functions)
            }.response(to: request, mediaType: Self.xml)
        }
        router.document("availability") { _, _ in Response(xml: await availability().document) }
        router.document("limits") { _, _ in Response(json: limits.json) }
        router.document("tables", use: tables)
        router.document("tables/:name", use: table)
        router.document("examples", use: examples)
    }

    private static let xml = "text/xml; charset=UTF-8"

    @Sendable private func tables(request: Request, context: ArchiveContext) async throws -> Response {
        let detail = request.uri.queryParameters["detail"].map { String($0).lowercased() }
        // As astroquery asks, which reads columns of ESA's archives only.
        let isShort = request.uri.queryParameters["only_tables"] == "true"
        guard let detail = TableSet.Detail(rawValue: detail ?? (isShort ? "min" : "max")) else {
            throw Failure.badForm("detail can be min or max")
        }
        let archive = catalogue.current
        return try await documents.document("tables-\(detail.rawValue)", in: archive.generation) {
            TableSet.document(archive.catalogue, detail: detail)
        }.response(to: request, mediaType: Self.xml)
    }

    @Sendable private func table(request: Request, context: ArchiveContext) async throws -> Response {
        let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
        let archive = catalogue.current
        guard let table = archive.catalogue.tables.first(where: { $0.adqlName.lowercased() == name.lowercased() }) else {
            throw Failure.notFound("there is no table \"\(name)\"; /tap/tables lists them all")
        }
        return try await documents.document("table \(table.adqlName)", in: archive.generation) {
            TableSet.document(table)
        }.response(to: request, mediaType: Self.xml)
    }

    @Sendable private func examples(request: Request, context: ArchiveContext) async throws -> Response {
        let archive = catalogue.current
        return try await documents.document("examples", in: archive.generation) {
            Examples.document(archive.catalogue, base: queries.settings.baseURL)
        }.response(to: request, mediaType: "application/xhtml+xml; charset=UTF-8")
    }
}
