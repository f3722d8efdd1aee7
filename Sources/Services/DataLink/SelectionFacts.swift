package import CutMerge
package import Foundation
import TableModel

/// A selection for programs.
package struct SelectionFacts: Encodable, Sendable {
    /// A row of it.
    struct Row: Encodable {
        var id: String
        /// As the whole VO names it: `ivo://authority/collection?table/key`.
        var publisherID: String?
        /// Nil, as all that follows, for a row that the archive has lost.
        var table: String?
        var key: String?
        var file: String?
        var bytes: Int
    }

    private let id: String
    private let state: String
    private let created: Date
    private let expires: Date
    /// Until it is forgotten, unless something happens to it before.
    private let secondsLeft: Int
    /// Until it closes, unless something happens to it before; of an open one.
    private let secondsOpen: Int?
    private let rowCount: Int
    /// About the size of the product; exactly where that is made.
    private let bytes: Int
    private let isMade: Bool
    private let page: String
    private let product: String
    private let quote: String
    private let jobs: String
    /// Rows join it by links with this clientId; known to who made it.
    private let clientId: String?
    private let notFound: Int?
    var files: Int?
    var rows: [Row]?

    /// - Parameters:
    ///   - client: for who made the selection.
    ///   - notFound: what the request named besides, and is not there.
    ///   - now: what the time left is counted from.
    package init(
        _ summary: Selection.Summary, client: UUID? = nil, notFound: Int? = nil, addresses: LinkAddresses, now: Date = .now
    ) {
        func seconds(until time: Date) -> Int { Int(max(0, time.timeIntervalSince(now))) }
        id = summary.id.text
        state = summary.isOpen ? "open" : "closed"
        created = summary.created
        expires = summary.expires
        secondsLeft = seconds(until: summary.expires)
        secondsOpen = summary.isOpen ? seconds(until: summary.closes) : nil
        rowCount = summary.rowCount
        bytes = summary.product?.size ?? summary.bytes
        isMade = summary.product != nil
        page = addresses.page(of: summary.id)
        product = addresses.product(of: summary.id)
        quote = addresses.quote(of: summary.id)
        jobs = addresses.cutMergeJobs
        clientId = client?.text
        self.notFound = notFound
    }
}
