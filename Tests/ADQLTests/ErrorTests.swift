import ADQL
import Testing

@Suite struct ErrorTests {
    private func description(_ text: String) throws -> String {
        try #require(throws: ADQLError.self) { try Query.parse(text) }.description
    }

    @Test func `an error is a fact, a place and a way out`() throws {
        let error = try #require(throws: ADQLError.self) { try Query.parse("SELECT ra,\n  size FROM t") }
        #expect(error.message == "\"size\" is a reserved word")
        #expect(error.hint == "as a name it needs double quotes: \"size\"")
        #expect(error.description == "\"size\" is a reserved word (line 2, column 3); as a name it needs double quotes: \"size\"")
        #expect(error.rendering == error.description + "\n  size FROM t\n  ^^^^")
    }

    @Test(arguments: [
        (
            "SELECT * FROM t WHERE CONTAINS(p, c)",
            "CONTAINS(…) alone is no condition (line 1, column 23); it returns a number; compare it: 1 = CONTAINS(p, c)"
        ),
        (
            "SELECT distance FROM t",
            "\"distance\" is a reserved word (line 1, column 8); as a name it needs double quotes: \"distance\"; as a function, parentheses: distance(…)"
        ),
        ("SELCT ra FROM t", "unknown keyword \"SELCT\" (line 1, column 1); nearest: SELECT"),
        ("SELECT ra FORM t", "unknown keyword \"FORM\" (line 1, column 11); nearest: FROM"),
        ("select ra fromt", "unknown keyword \"fromt\" (line 1, column 11); a blank is missing after FROM"),
        ("SELECT a % 2 FROM t", "ADQL has no operator % (line 1, column 10); the remainder is MOD(a, b)"),
        ("SELECT * FROM t WHERE a = ’x’", "’ is a typographic character (line 1, column 27); type ' in its place"),
        (
            "SELECT * FROM a JOIN b",
            "this JOIN has no condition (line 1, column 17); add ON a.id = b.id or USING (id); for all pairs of rows write a comma or CROSS JOIN"
        ),
        ("SELECT * FROM 2mass.psc", "2mass starts with a digit (line 1, column 15); as a name it needs double quotes: \"2mass\""),
        ("SELECT TOP -10 * FROM t", "TOP needs a whole number of rows, not -10 (line 1, column 12); for example TOP 100"),
        ("SELECT (a + b FROM t", "the parenthesis opened here is not closed before FROM (line 1, column 8); add )"),
        ("SELECT ra, FROM t", "expected a value, found FROM (line 1, column 12); remove the comma before FROM"),
        ("SELECT a\u{7} FROM t", "the character U+0007 has no meaning in ADQL (line 1, column 9)"),
        ("", "the query is empty (line 1, column 1); write one such as SELECT TOP 10 * FROM schema.table"),
    ])
    func `messages read well`(_ text: String, _ expected: String) throws {
        #expect(try description(text) == expected)
    }

    @Test func `a zero byte is refused even inside a string`() throws {
        let error = try #require(throws: ADQLError.self) { try Query.parse("SELECT 'a\0' FROM t") }
        #expect(error.code == .unexpectedCharacter)
        #expect(error.position == TextPosition(line: 1, column: 10))
    }

    @Test func `an error shows one line of a query of many`() throws {
        let error = try #require(throws: ADQLError.self) { try Query.parse("SELECT a\r\nFROM t\r\nWHERE b ==\r\n 5") }
        #expect(error.excerpt == "WHERE b ==\n        ^^")
        #expect(error.position == TextPosition(line: 3, column: 9))
    }

    @Test func `the nearest word is one a person could have meant`() {
        #expect(Spelling.nearest(to: "raa", among: ["dec", "ra", "rad"]) == "rad")
        #expect(Spelling.nearest(to: "phot_g_meen_mag", among: ["phot_g_mean_mag", "ra"]) == "phot_g_mean_mag")
        #expect(Spelling.nearest(to: "xyz", among: ["ra", "dec"]) == nil)
        #expect(Spelling.nearest(to: "r", among: ["ra"]) == nil)
    }
}
