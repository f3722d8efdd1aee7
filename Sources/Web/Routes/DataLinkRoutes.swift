import DataLink
import HTTPTypes
import Hummingbird
import TAP

/// Links of rows: `/datalink` (DataLink 1.1 §2).
struct DataLinkRoutes: Sendable {
    let links: LinkResponder

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(use: linkTable)
        router.on("", method: .head, use: linkTableHead)
        router.post(use: linkTable)
    }

    @Sendable private func linkTable(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let linkRequest = try LinkRequest(parameters: await request.parameters(atMost: Request.mostIdentifiers).pairs)
        let format = linkRequest.format ?? .preferred(accept: request.headers[.accept])
        let table = try await links.links(linkRequest)
        let body: ResponseBody
        switch format {
        case .html: body = ResponseBody(byteBuffer: table.page())
        case .votable:
            body = ResponseBody { writer in
                for buffer in table.votable { try await writer.write(buffer) }
                try await writer.finish(nil)
            }
        }
        return Response(
            status: .ok, headers: [.contentType: format.contentType, .vary: "Accept", .cacheControl: Self.caching(format)], body: body)
    }

    /// A browser shows the answer to a form again on the way back, if it may keep it.
    private static func caching(_ format: LinkFormat) -> String { format == .html ? "no-cache" : "no-store" }

    /// The head of a link table. No row is added to a selection by it.
    @Sendable private func linkTableHead(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let linkRequest = try LinkRequest(parameters: await request.parameters(atMost: Request.mostIdentifiers).pairs)
        let format = linkRequest.format ?? .preferred(accept: request.headers[.accept])
        return Response(status: .ok, headers: [.contentType: format.contentType, .vary: "Accept", .cacheControl: "no-store"])
    }
}
