import CutMerge
import DataLink
import Foundation
import HTTPTypes
import Hummingbird
import TAP
import TableModel

/// `/selections/<id>`: a selection as a page or as JSON, where rows can be taken out.
struct SelectionRoutes: Sendable {
    let selections: Selections
    let addresses: LinkAddresses
    let lookUp: LinkResponder.LookUp

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(":id", use: show)
        router.post(":id", use: remove)
    }

    @Sendable private func show(request: Request, context: ArchiveContext) async throws -> Response {
        let selection = try await selections.read(try id(context))
        let page = SelectionPage(selection, rows: try await lookUp(selection.rows.map(\.identifier)), addresses: addresses)
        if LinkFormat.preferred(accept: request.headers[.accept]) == .html {
            return Response(page: page.html())
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"], body: ResponseBody(byteBuffer: page.json())
        )
    }

    /// `remove=<id>`, as the page's buttons send it; back to the page.
    @Sendable private func remove(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let id = try id(context)
        for text in try await request.parameters(atMost: Request.mostIdentifiers).all("remove") {
            guard let row = RowIdentifier(uuid: text) else {
                throw Failure.badForm("\"\(text.prefix(80))\" is not the identifier of a row")
            }
            try await selections.remove(row, from: id)
        }
        return Response(status: .seeOther, headers: [.location: addresses.page(of: id)])
    }

    private func id(_ context: ArchiveContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap({ UUID(uuidString: $0) }) else {
            throw Failure.notFound("a selection is named by a UUID, as in its links")
        }
        return id
    }
}
