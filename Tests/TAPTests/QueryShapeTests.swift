import TAP
import Testing

@Suite("The shape of a query")
struct QueryShapeTests {
    /// The skeleton with a mark for each kind of literal that people can read.
    private func readable(_ text: String) -> String? {
        QueryShape(text).map { shape in
            String(
                decoding: shape.skeleton.map {
                    $0 == 1 ? UInt8(ascii: "#") : $0 == 2 ? UInt8(ascii: "$") : $0 == 3 ? UInt8(ascii: "%") : $0
                }, as: UTF8.self)
        }
    }

    private static let texts: [(String, String)] = [
        ("SELECT * FROM t WHERE id = 17", "SELECT * FROM t WHERE id = #"),
        ("SELECT * FROM t WHERE name = 'O''Neill' AND id=17", "SELECT * FROM t WHERE name = $ AND id=#"),
        ("SELECT t1.c2, 1.5, 1e3, .5, 5. FROM t", "SELECT t1.c2, %, 1e3, %, % FROM t"),
        ("SELECT TOP 5 \"a 1 'x'\" FROM t", "SELECT TOP # \"a 1 'x'\" FROM t"),
        ("SELECT a -- 17 'x\n FROM t WHERE b = 1-2", "SELECT a -- 17 'x\n FROM t WHERE b = #-#"),
        ("SELECT 123456789012345678, 1234567890123456789", "SELECT #, 1234567890123456789"),
        ("SELECT a FROM t WHERE é1 = 0x1F", "SELECT a FROM t WHERE é1 = 0x1F"),
        ("SELECT 1e-5, 2E+3", "SELECT 1e-#, 2E+#"),
        ("SELECT 1.2.3, 1.e, t.1a, ., 1.5e3, 0.1234567890123456789", "SELECT 1.2.3, 1.e, t.1a, ., 1.5e3, 0.1234567890123456789"),
        ("CIRCLE(10.5, -20, .25)", "CIRCLE(%, -#, %)"),
        ("a='' AND b='''' AND c='x'", "a=$ AND b=$ AND c=$"),
    ]

    @Test("has marks where whole numbers and strings stand, and nowhere else", arguments: texts)
    func skeleton(text: String, expected: String) {
        #expect(readable(text) == expected)
    }

    @Test("is the same where literals differ, and tells the literals")
    func same() throws {
        let one = try #require(QueryShape("SELECT a FROM t WHERE b = 1 AND c = 'x'"))
        let other = try #require(QueryShape("SELECT a FROM t WHERE b = 22 AND c = 'y'''"))
        #expect(one.skeleton == other.skeleton && one != other)
        #expect(other.literals.map { String(decoding: $0, as: UTF8.self) } == ["22", "'y'''"])
        let text = Array("SELECT a FROM t WHERE b = 22 AND c = 'y'''".utf8)
        #expect(other.places.map { text[$0] } == other.literals)
    }

    @Test("is none for what is no query or too long for a cache")
    func none() {
        for text in [
            "SELECT 'open", "SELECT \"open", "a\u{1}b", "a\u{0}", String(repeating: "a ", count: 3000), String(repeating: "1,", count: 100),
        ] {
            #expect(QueryShape(text) == nil)
        }
    }
}
