import TableModel
import Testing

@Suite("Row identifiers")
struct RowIdentifierTests {
    @Test(
        "survive the way to text and back",
        arguments: [0, 1, -1, 5369, 66_703_118_144_313_472, Int64.max, Int64.min])
    func roundTrip(key: Int64) throws {
        let identifier = RowIdentifier(tag: TableTag(schema: "gaia", table: "completesource"), key: key)
        #expect(RowIdentifier(uuid: identifier.uuid) == identifier)
        #expect(RowIdentifier(uuid: identifier.uuid.uppercased()) == identifier)
        let version = identifier.uuid.dropFirst(14).first
        #expect(version == "8")
        let variant = try #require(identifier.uuid.dropFirst(19).first)
        #expect("89ab".contains(variant))
    }

    @Test("are the same on every server")
    func permanent() {
        #expect(
            RowIdentifier(tag: TableTag(schema: "gaia", table: "completesource"), key: 66_703_118_144_313_472).uuid
                == "86adbb65-00ec-8fa2-87b9-9c6201d39fe7")
    }

    @Test(
        "are turned away when made up",
        arguments: [
            "", "x", "00000000-0000-4000-8000-000000000000", "00000000-0000-8000-8000-000000000000", "not-a-uuid-but-thirty-six-characters",
        ])
    func madeUp(text: String) {
        #expect(RowIdentifier(uuid: text) == nil)
    }

    @Test("are turned away with one digit changed")
    func mistyped() {
        let uuid = RowIdentifier(tag: TableTag(schema: "gaia", table: "astroelementary"), key: 123_456_789).uuid
        for index in uuid.indices where uuid[index] != "-" {
            var changed = uuid
            changed.replaceSubrange(index...index, with: uuid[index] == "7" ? "3" : "7")
            #expect(RowIdentifier(uuid: changed) == nil, "\(changed)")
        }
    }
}
