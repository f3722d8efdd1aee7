import Foundation
import TAPSchema
import TableModel
import Testing

@Suite("Publisher identifiers of rows")
struct PublisherIDTests {
    private let holdings: Holdings
    private let sources = TableTag(schema: "gaia", table: "completesource")

    init() throws {
        holdings = Holdings([try Descriptor.find("gaia")])
    }

    @Test("name collection, table and key behind the authority, and are read back")
    func roundTrip() {
        for key in [5369, 0, -7, Int64.max] {
            let row = RowIdentifier(tag: sources, key: key)
            let text = holdings.publisherID(of: row, authority: "archive.example")
            #expect(text == "ivo://archive.example/gaia?completesource/\(key)")
            #expect(holdings.row(publisherID: text ?? "", authority: "archive.example") == row)
        }
        #expect(holdings.publisherID(of: RowIdentifier(tag: TableTag(rawValue: 1), key: 1), authority: "archive.example") == nil)
    }

    @Test(
        "are read whatever the letter case, with the schema before the table or without",
        arguments: [
            "ivo://archive.example/gaia?completesource/5369", "IVO://Archive.Example/GAIA?CompleteSource/5369",
            "ivo://archive.example/gaia?gaia.completesource/5369",
        ])
    func spellings(text: String) {
        #expect(holdings.row(publisherID: text, authority: "archive.example") == RowIdentifier(tag: sources, key: 5369))
    }

    @Test(
        "of other archives, tables and keys name nothing",
        arguments: [
            "ivo://other.example/gaia?completesource/5369", "ivo://archive.example/hipparcos?completesource/5369",
            "ivo://archive.example/gaia?crossmatch/5369", "ivo://archive.example/gaia?completesource/05369",
            "ivo://archive.example/gaia?completesource/+5369", "ivo://archive.example/gaia?completesource/",
            "ivo://archive.example/gaia?completesource/99999999999999999999", "ivo://archive.example/gaia?5369",
            "ivo://archive.example/gaia", "archive.example/gaia?completesource/5369", "", "?", "/", "?/",
            "ivo://archive.example/gaia?/5369",
        ])
    func nothing(text: String) {
        #expect(holdings.row(publisherID: text, authority: "archive.example") == nil)
    }
}
