import CutMerge
import DataLink
import Foundation
import NIOCore
import Redis
import TableModel
import Testing

@Suite("Link tables with selections", .enabled(if: Sky.redisURL != nil))
struct SelectionLinksTests {
    private let redis: RedisClient
    private let responder: LinkResponder
    private let selections: Selections
    private let client = UUID()

    init() throws {
        redis = try Sky.redis()
        responder = Sky.responder(redis)
        selections = Selections(redis: redis, settings: .init(lifetime: .seconds(60), prefix: "almagest-test:"))
    }

    private func activate(_ row: RowIdentifier, begin: UUID? = nil) async throws -> LinkTable {
        try await responder.links(LinkRequest(ids: [row.uuid], client: client, begin: begin))
    }

    private func selection(_ table: LinkTable) throws -> Selection.Summary {
        guard case .selection(let summary) = table.marked else { throw SelectionMissing() }
        return summary
    }

    private struct SelectionMissing: Error {}

    @Test("five rows activated one after the other, as TOPCAT does, make one product of five")
    func fiveRows() async throws {
        var table = try await activate(Sky.source(1))
        #expect(table.allLinks.first?.description == "Cut & Merge of this row, about 8.1 kB")
        #expect(table.allLinks.map(\.localSemantics) == ["selection", "selection-page", "progenitor", "transits-of-row", "processing"])
        for key in 2...5 { table = try await activate(Sky.source(key)) }
        table = try await activate(Sky.source(3))
        let links = table.allLinks
        let summary = try selection(table)
        let id = summary.id.uuidString.lowercased()
        #expect(summary.rowCount == 5)
        #expect(
            links.map(\.semantics) == [
                "#this", "#this", "#auxiliary", "#documentation", "#progenitor", "#counterpart", "#counterpart", "#proc",
            ])
        #expect(links[0].description == "Cut & Merge of 5 selected rows, about 41 kB")
        #expect(links[0].url == "https://archive.example/a/datalink/cutmerge?selection=\(id)")
        #expect(links[1].description == "Cut & Merge of this row alone, about 8.1 kB")
        #expect(links[1].url?.contains("cutmerge?id=\(Sky.source(3).uuid)") == true)
        #expect(links[3].url == "https://archive.example/a/selections/\(id)")
        #expect(links[5].url == "https://archive.example/a/datalink/related?selection=\(id)&relation=transits")
        #expect(try await selections.read(summary.id).rows.map(\.identifier) == (1...5).map { Sky.source($0) })
        #expect(Set(links.map(\.localSemantics)).count == links.count)
    }

    @Test("a new selection begins with the row whose link says so, and a second look does not begin another")
    func begin() async throws {
        _ = try await activate(Sky.source(1))
        let table = try await activate(Sky.source(2))
        let link = try #require(table.allLinks.first { $0.localSemantics == "new-selection" })
        #expect(link.contentType == "application/x-votable+xml;content=datalink")
        let query = try #require(URLComponents(string: link.url ?? "")?.queryItems)
        let request = try LinkRequest(parameters: query.map { ($0.name, $0.value ?? "") })
        #expect(request.ids == [Sky.source(2).uuid] && request.client == client)
        let begun = try selection(try await responder.links(request))
        #expect(begun.rowCount == 1)
        #expect(begun.id == request.begin)
        _ = try await activate(Sky.source(3))
        #expect(try selection(try await responder.links(request)).rowCount == 2)
    }

    @Test("several IDs are a selection of their own, and one that does not exist is not in it")
    func severalIDs() async throws {
        let open = try selection(try await activate(Sky.source(9)))
        let ids = [Sky.source(1).uuid, Sky.source(99_999).uuid, Sky.transit(4).uuid, Sky.source(1).uuid.uppercased()]
        let table = try await responder.links(LinkRequest(ids: ids, client: client))
        let summary = try selection(table)
        #expect(summary.id != open.id)
        #expect(try await selections.read(summary.id).rows.map(\.identifier) == [Sky.source(1), Sky.transit(4)])
        #expect(Set(table.entries.map(\.id)) == Set(ids))
        let anonymous = try await responder.links(LinkRequest(ids: ids))
        #expect(try selection(anonymous).rowCount == 2)
        #expect(try selection(try await activate(Sky.source(10))).id == open.id)
    }

    @Test("what was made of a selection tells its length, as long as it is kept")
    func made() async throws {
        _ = try await activate(Sky.source(1))
        let id = try selection(try await activate(Sky.source(2))).id
        await selections.note(MadeProduct(name: "gaia_cutmerge_1.h5", size: 16_400), of: id)
        await selections.note(MadeProduct(name: "gaia_cutmerge_2.h5", size: 8_200), of: Sky.source(2), client: client)
        let links = try await activate(Sky.source(2)).allLinks
        #expect(links.prefix(2).map(\.contentLength) == [16_400, 8_200])
        #expect(links.prefix(2).map(\.description) == ["Cut & Merge of 2 selected rows, 16 kB", "Cut & Merge of this row alone, 8.2 kB"])
        let forgetful = Sky.responder(redis, isKept: { $0.size != 16_400 })
        let left = try await forgetful.links(LinkRequest(ids: [Sky.source(2).uuid], client: client)).allLinks
        #expect(left.prefix(2).map(\.contentLength) == [nil, 8_200])
        #expect(left.first?.description == "Cut & Merge of 2 selected rows, about 16 kB")
    }

    @Test("10,000 IDs are answered in one go")
    func tenThousand() async throws {
        let ids = (1...10_000).map { Sky.source($0).uuid }
        let table = try await responder.links(LinkRequest(ids: ids, client: client))
        var bytes = 0
        for piece in table.votable { bytes += piece.readableBytes }
        #expect(bytes > 1_000_000)
        #expect(table.allLinks.count == 60_000)
        #expect(table.allLinks.first?.description == "Cut & Merge of 10000 selected rows, about 81 MB")
    }

    @Test("a selection's page lists its rows; an open one has a button to take each out")
    func selectionPage() async throws {
        _ = try await activate(Sky.source(1))
        let id = try selection(try await activate(Sky.transit(2))).id
        var read = try await selections.read(id)
        let rows = Sky.lookUp(read.rows.map(\.identifier))
        let open = String(buffer: SelectionPage(read, rows: rows, addresses: Sky.addresses).html())
        #expect(open.contains("CompleteSourceImpl_1") && open.contains("AstroElementaryImpl_2"))
        #expect(open.contains("<title>Selection of 2 rows"))
        #expect(open.contains("action=\"https://archive.example/a/selections/\(id.uuidString.lowercased())\""))
        #expect(open.contains("value=\"\(Sky.transit(2).uuid)\""))
        try await selections.close(id)
        read = try await selections.read(id)
        let page = SelectionPage(read, rows: rows, addresses: Sky.addresses)
        #expect(!String(buffer: page.html()).contains("<button"))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(page.json().readableBytesView)) as? [String: Any])
        #expect(json["state"] as? String == "closed" && json["rowCount"] as? Int == 2 && json["secondsOpen"] == nil)
        #expect(json["files"] as? Int == 2)
        #expect((json["rows"] as? [[String: Any]])?.map { $0["key"] as? String } == ["CompleteSourceImpl_1", "AstroElementaryImpl_2"])
    }
}
