import CutMerge
import DataLink
import Foundation
import NIOCore
import TableModel
import Testing
import VOTable

@Suite("Link tables without selections")
struct LinkTableTests {
    private static let names = [
        "ID", "access_url", "service_def", "error_message", "description", "semantics", "content_type", "content_length",
        "content_qualifier", "local_semantics", "link_auth", "link_authorized",
    ]

    @Test("of one row offer its product, its file and its counterpart")
    func oneRow() async throws {
        let id = Sky.source(5369).uuid
        let table = try await Sky.responder().links(LinkRequest(ids: [id]))
        #expect(
            table.cells == [
                [
                    id, "https://archive.example/a/datalink/cutmerge?id=\(id)", "", "", "Cut & Merge of this row, about 8.1 kB", "#this",
                    "application/x-hdf5", "", "", "row", "false", "T",
                ],
                [
                    id, "https://archive.example/a/files/CompleteSource_130123_0003.h5", "", "",
                    "The whole original file CompleteSource_130123_0003.h5", "#progenitor", "application/x-hdf5", "1524288", "",
                    "progenitor",
                    "false", "T",
                ],
                [
                    id, "https://archive.example/a/datalink/related?id=\(id)&relation=transits", "", "",
                    "The transits of the source, for this row", "#counterpart", "application/x-votable+xml", "", "#measurements",
                    "transits-of-row", "false", "T",
                ],
                [
                    id, "", "cutmerge_row", "", "Cut & Merge of this row, on request with transits", "#proc", "application/x-hdf5", "", "",
                    "processing", "false", "T",
                ],
            ])
    }

    @Test("have the standard's columns in its order, TABLEDATA, and its name in an INFO")
    func document() async throws {
        let text = try await Sky.responder().links(LinkRequest(ids: [Sky.transit(1).uuid])).text
        #expect(text.matches(of: /<FIELD name="([a-zA-Z_]+)"/).map { String($0.output.1) } == Self.names)
        #expect(text.contains("<INFO name=\"standardID\" value=\"ivo://ivoa.net/std/DataLink#links-1.1\"/>"))
        #expect(text.contains("<TABLEDATA>"))
        #expect(text.contains("utype=\"adhoc:this\""))
        #expect(text.contains("https://archive.example/a/files/transits%20%26%20more.h5"))
        #expect(text.contains("<FIELD name=\"content_length\" datatype=\"long\" unit=\"byte\" ucd=\"phys.size;meta.file\">"))
    }

    @Test("give every ID its rows, one after the other, and echo it byte for byte")
    func severalIDs() async throws {
        let shouted = Sky.source(1).uuid.uppercased()
        let unknown = Sky.source(99_999).uuid
        let ids = [shouted, "no <such> &thing", unknown, Sky.transit(7).uuid, "00000000-0000-4000-8000-000000000000"]
        let table = try await Sky.responder().links(LinkRequest(ids: ids + ids))
        let cells = table.cells
        #expect(cells.allSatisfy { $0.count == Self.names.count })
        var order: [String] = []
        for row in cells where row[0] != order.last { order.append(row[0]) }
        #expect(order == ids)
        #expect(cells.allSatisfy { row in row[1...3].filter { !$0.isEmpty }.count == 1 && row[5].hasPrefix("#") })
        let faults = table.allLinks.filter { $0.fault != nil }
        #expect(faults.map(\.id) == [ids[1], ids[2], ids[4]])
        #expect(faults.allSatisfy { $0.semantics == "#this" })
        #expect(faults[0].fault?.hasPrefix("UsageFault: ") == true)
        #expect(faults[1].fault?.hasPrefix("NotFoundFault: ") == true)
        #expect(faults[2].fault?.hasPrefix("NotFoundFault: ") == true)
    }

    @Test("take identifiers of every kind, and a row by two of its names counts once")
    func names() async throws {
        let responder = Sky.responder { text in
            RowIdentifier(uuid: text) ?? (text == "ivo://archive.example/gaia?completesource/5" ? Sky.source(5) : nil)
        }
        let ids = ["ivo://archive.example/gaia?completesource/5", Sky.source(5).uuid, "ivo://archive.example/gaia?completesource/6"]
        let table = try await responder.links(LinkRequest(ids: ids))
        #expect(table.allLinks.filter { $0.semantics == "#this" }.map(\.id) == ids)
        #expect(table.allLinks.compactMap(\.fault) == ["NotFoundFault: no row has the identifier \"\(ids[2])\""])
        #expect(table.allLinks.first?.description?.hasPrefix("Cut & Merge of this row, ") == true)
    }

    @Test("describe Cut & Merge: of the one row by its name, of several by the column")
    func services() async throws {
        let one = try await Sky.responder().links(LinkRequest(ids: [Sky.source(1).uuid])).text
        #expect(one.contains("value=\"ivo://ivoa.net/std/SODA#sync-1.0\""))
        #expect(
            one.contains(
                "<PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.ref.url;meta.curation\" value=\"\(Sky.source(1).uuid)\">"))
        #expect(one.contains("<OPTION value=\"transits\"/>") && !one.contains("<OPTION value=\"source\"/>"))
        let both = try await Sky.responder().links(LinkRequest(ids: [Sky.source(1).uuid, Sky.transit(1).uuid])).text
        #expect(both.contains("ucd=\"meta.ref.url;meta.curation\" ref=\"datalink_id\" value=\"\""))
        #expect(both.contains("<OPTION value=\"source\"/>") && both.contains("<OPTION value=\"transits\"/>"))
        // Nothing can be cut of nothing.
        let none = try await Sky.responder().links(LinkRequest(ids: [Sky.source(99_999).uuid])).text
        #expect(!none.contains("SODA"))
    }

    @Test("without an ID are empty, and no failure")
    func noID() async throws {
        let table = try await Sky.responder().links(LinkRequest(ids: []))
        #expect(table.cells.isEmpty)
        #expect(table.text.contains("<INFO name=\"QUERY_STATUS\" value=\"OK\"/>"))
        #expect(!table.text.contains("OVERFLOW"))
    }

    @Test("carry the rows in their URLs when there is no Redis, and say so")
    func withoutRedis() async throws {
        let ids = (1...5).map { Sky.source($0).uuid }
        let table = try await Sky.responder().links(LinkRequest(ids: ids, client: UUID()))
        let this = table.links(of: table.entries[3]).filter { $0.semantics == "#this" }
        #expect(this.count == 2)
        let whole = try #require(this.first?.url)
        #expect(ids.allSatisfy { whole.contains("id=\($0)") })
        #expect(
            this.first?.description
                == "Cut & Merge of the 5 rows of this request, about 41 kB (selections are not available at the moment)")
        #expect(this.last?.url?.contains(ids[3]) == true && this.last?.url?.contains(ids[2]) == false)
    }

    @Test("stay of a sensible size for many IDs without Redis: each row alone, and it is said why")
    func manyWithoutRedis() async throws {
        let ids = (1...2000).map { Sky.source($0).uuid }
        let table = try await Sky.responder().links(LinkRequest(ids: ids))
        #expect(table.allLinks.allSatisfy { ($0.url?.utf8.count ?? 0) < 200 })
        #expect(table.allLinks.first?.description?.hasSuffix("(selections are not available at the moment)") == true)
    }

    @Test("answer no more IDs than the limit, these whole, and say that they overflow")
    func overflow() async throws {
        let ids = (1...5).map { Sky.source($0).uuid }
        let table = try await Sky.responder(idLimit: 3).links(LinkRequest(ids: ids))
        #expect(table.entries.map(\.id) == Array(ids.prefix(3)))
        #expect(table.text.contains("<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\">only the first 3 IDs are answered</INFO>"))
        #expect(try await !Sky.responder(idLimit: 5).links(LinkRequest(ids: ids)).text.contains("OVERFLOW"))
    }

    @Test("come in pieces")
    func pieces() async throws {
        let table = try await Sky.responder().links(LinkRequest(ids: (1...2000).map { Sky.source($0).uuid }))
        let sizes = table.votable.map(\.readableBytes)
        #expect(sizes.count > 10 && sizes.allSatisfy { $0 < 80 << 10 })
        #expect(table.cells.count == 6000)
    }

    @Test("fail as a whole when no row can be looked up, without telling strangers why")
    func lookUpFails() async throws {
        struct Secret: Error {}
        let responder = LinkResponder(addresses: Sky.addresses, selections: Selections(redis: nil)) { _ in throw Secret() }
        let error = await #expect(throws: LinkError.self) { try await responder.links(LinkRequest(ids: [Sky.source(1).uuid])) }
        #expect(error?.description == "TransientFault: the archive's tables can't be read at the moment; ask again in a minute")
        #expect(error?.cause?.contains("Secret") == true)
    }

    @Test("as a page hold the same links, escaped")
    func page() async throws {
        let table = try await Sky.responder().links(LinkRequest(ids: [Sky.source(1).uuid]))
        let page = String(buffer: table.page())
        for url in table.allLinks.compactMap(\.url) {
            #expect(page.contains("href=\"\(url.replacing("&", with: "&amp;"))\""))
        }
        #expect(page.contains("1.5 MB"))
        #expect(page.contains("prefers-color-scheme: dark"))
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    }

    @Test("as a page of several rows have each row's own, and faults")
    func pageOfSeveral() async throws {
        let table = try await Sky.responder().links(LinkRequest(ids: [Sky.source(1).uuid, "<script>", Sky.source(2).uuid]))
        let page = String(buffer: table.page())
        for link in table.allLinks where link.localSemantics == "row" || link.localSemantics == "progenitor" {
            let url = try #require(link.url)
            #expect(page.contains("href=\"\(url.replacing("&", with: "&amp;"))\""))
        }
        #expect(page.contains("<h1>Links of 3 rows</h1>"))
        #expect(!page.contains("<script>") && page.contains("&lt;script&gt;"))
    }
}

@Suite("Service descriptors of results")
struct LinkServicesTests {
    @Test("lead from the column of identifiers to the links, and from the result to its product")
    func descriptors() {
        let client = UUID()
        let links = Sky.addresses.linksService(forColumn: "col_id", client: client)
        #expect(links.standardID == "ivo://ivoa.net/std/DataLink#links-1.1")
        #expect(links.accessURL == "https://archive.example/a/datalink")
        #expect(links.inputs.map(\.name) == ["ID", "clientId"])
        #expect(links.inputs.map(\.source) == [.column(id: "col_id"), .fixed(client.uuidString.lowercased())])
        let result = Sky.addresses.resultService(client: client, relations: ["transits"])
        #expect(result.accessURL == "https://archive.example/a/datalink/cutmerge")
        #expect(result.inputs.map(\.source) == [.fixed(client.uuidString.lowercased()), .user(options: ["transits"])])
        #expect(links.id != result.id && links.name != result.name)
    }
}
