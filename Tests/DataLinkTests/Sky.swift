import CutMerge
import DataLink
import Foundation
import Logging
import NIOCore
import Redis
import TableModel
import Testing

/// A small archive without a database: sources 1 to 20,000 in files of 200, and their transits.
enum Sky {
    static let sources = TableTag(schema: "gaia", table: "completesource")
    static let transits = TableTag(schema: "gaia", table: "astroelementary")
    static let addresses = LinkAddresses(base: "https://archive.example/a/")

    static let sourceTable = LinkedTable(
        name: "gaia.completesource",
        relations: [.init(name: "transits", semantics: "#counterpart", description: "The transits of the source")])
    static let transitTable = LinkedTable(
        name: "gaia.astroelementary",
        relations: [.init(name: "source", semantics: "#counterpart", description: "The source that the transit belongs to")])

    static func source(_ key: Int) -> RowIdentifier { RowIdentifier(tag: sources, key: Int64(key)) }
    static func transit(_ key: Int) -> RowIdentifier { RowIdentifier(tag: transits, key: Int64(key)) }

    static func lookUp(_ rows: [RowIdentifier]) -> [RowIdentifier: LinkedRow] {
        var found: [RowIdentifier: LinkedRow] = [:]
        for row in rows where (1...20_000).contains(row.key) {
            let isSource = row.tag == sources
            found[row] = LinkedRow(
                identifier: row, table: isSource ? sourceTable : transitTable,
                keyName: isSource ? "CompleteSourceImpl_\(row.key)" : "AstroElementaryImpl_\(row.key)",
                file: LinkedFile(
                    name: isSource ? "CompleteSource_\(130_097 + row.key / 200)_0003.h5" : "transits & more.h5", size: 1_524_288,
                    format: "application/x-hdf5"),
                objectBytes: 8123)
        }
        return found
    }

    static func responder(
        _ redis: RedisClient? = nil, idLimit: Int = 100_000, naming: @escaping LinkResponder.Naming = { RowIdentifier(uuid: $0) },
        isKept: @escaping @Sendable (MadeProduct) -> Bool = { _ in true }
    ) -> LinkResponder {
        LinkResponder(
            addresses: addresses,
            selections: Selections(redis: redis, settings: .init(lifetime: .seconds(60), prefix: "almagest-test:")),
            idLimit: idLimit, naming: naming, isKept: isKept, lookUp: { lookUp($0) })
    }

    static let redisURL = ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"]

    static func redis() throws -> RedisClient {
        try RedisClient(url: #require(redisURL), logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    }
}

extension LinkTable {
    /// The links of all IDs, in order.
    var allLinks: [Link] { entries.flatMap { links(of: $0) } }

    /// The whole document.
    var text: String { votable.map { String(buffer: $0) }.joined() }

    /// The cells of the document's rows.
    var cells: [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("<TR>") }.map { line in
            line.replacing("<TD/>", with: "<TD></TD>").dropFirst(8).dropLast(10).split(
                separator: "</TD><TD>", omittingEmptySubsequences: false
            ).map { cell -> String in
                String(cell).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
            }
        }
    }
}

extension Link {
    var url: String? {
        if case .url(let url) = target { url } else { nil }
    }

    var fault: String? {
        if case .fault(let text) = target { text } else { nil }
    }
}
