import CutMerge
import DataLink
import Foundation
import HTTPTypes
import Hummingbird
import Jobs
import TAP
import TableModel

/// `/selections`, where selections are made, and `/selections/<id>`: one as a page or as JSON, where rows can join and be taken out.
struct SelectionRoutes: Sendable {
    let making: SelectionMaking
    let selections: Selections
    let cutMerge: CutMergeService
    let addresses: LinkAddresses
    let visitors: Visitors
    let naming: LinkResponder.Naming
    let lookUp: LinkResponder.LookUp
    /// The publisher identifier of a row.
    let publisherID: @Sendable (RowIdentifier) -> String?

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.post(use: make)
        router.get(":id", use: show)
        router.post(":id", use: change)
    }

    /// A new selection: 201 and its facts for programs, its page for people.
    @Sendable private func make(request: Request, context: ArchiveContext) async throws -> Response {
        // A query may stand behind it, which counts like any other.
        let token = try await visitors.enter(request, context)
        defer { withExtendedLifetime(token) {} }
        var request = request
        let made = try await making.make(of: &request, by: .anonymous(address: visitors.client(of: request, context)))
        let page = addresses.page(of: made.selection.id)
        if LinkFormat.preferred(accept: request.headers[.accept]) == .html {
            return Response(status: .seeOther, headers: [.location: page])
        }
        var response = Response(
            json: SelectionFacts(made.selection, client: made.client, notFound: made.notFound, addresses: addresses), status: .created)
        response.headers[.location] = page
        return response
    }

    @Sendable private func show(request: Request, context: ArchiveContext) async throws -> Response {
        let selection = try await selections.read(try id(context))
        let identifiers = selection.rows.map(\.identifier)
        if LinkFormat.preferred(accept: request.headers[.accept]) == .html {
            let shown = try await lookUp(Array(identifiers.prefix(SelectionPage.pageLimit)))
            let page = SelectionPage(selection, rows: shown, addresses: addresses, estimate: await estimate(of: selection))
            return Response(page: page.html())
        }
        let page = SelectionPage(selection, rows: try await lookUp(identifiers), addresses: addresses, publisherID: publisherID)
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: page.json()))
    }

    private func estimate(of selection: Selection) async -> SelectionPage.Estimate? {
        let rows = selection.rows.map(\.identifier)
        guard let quote = try? await cutMerge.quote(of: rows, query: selection.query, with: []) else { return nil }
        return .init(files: quote.files, seconds: quote.seconds, isForJob: rows.count > cutMerge.settings.objectLimit)
    }

    /// `remove=<id>`, as the page's buttons send it, `add=<id>`, each as often as there are rows, or `close=true`; back to the page.
    @Sendable private func change(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let id = try id(context)
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        let gone = try rows(parameters.all("remove"))
        if !gone.isEmpty { try await selections.remove(gone, from: id) }
        let new = try rows(parameters.all("add"))
        if !new.isEmpty { try await add(new, to: id) }
        if try parameters.single("close") != nil { _ = try await selections.close(id) }
        return Response(status: .seeOther, headers: [.location: addresses.page(of: id)])
    }

    private func add(_ rows: [RowIdentifier], to id: UUID) async throws {
        let found = try await lookUp(rows)
        var seen: Set<RowIdentifier> = []
        let selected = rows.filter { seen.insert($0).inserted }.compactMap { row in
            found[row].map { SelectedRow(row, bytes: $0.objectBytes) }
        }
        guard selected.count == seen.count else { throw Failure.notFound("not every identifier names a row; nothing was added") }
        try await selections.add(selected, to: id)
    }

    private func rows(_ texts: [String]) throws -> [RowIdentifier] {
        try texts.map { text in
            guard let row = naming(text) else { throw Failure.badForm("\"\(text.prefix(80))\" is not the identifier of a row") }
            return row
        }
    }

    private func id(_ context: ArchiveContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap({ UUID(uuidString: $0) }) else {
            throw Failure.notFound("a selection is named by a UUID, as in its links")
        }
        return id
    }
}
