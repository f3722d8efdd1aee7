import ADQL
import QueryGeneration
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
        ("SELECT a ^ 2 FROM t", "ADQL has no operator ^ (line 1, column 10); the power is POWER(a, b)"),
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

/// After a first error, the others that do not follow from it.
@Suite struct FurtherErrorTests {
    /// Code and column of each.
    private func errors(_ text: String) throws -> [String] {
        let error = try #require(throws: ADQLError.self) { try Query.parse(text) }
        return error.all.map { "\($0.code.rawValue) \($0.position.column)" }
    }

    @Test(
        arguments: [
            ("SELECT ra == 1 FROM t WHERE a ==2 ORDER dec", ["foreign-operator 11", "foreign-operator 31", "unexpected-token 41"]),
            (
                "SELCT ra FORM t WERE a = 1 ODER BY b",
                ["misspelt-keyword 1", "misspelt-keyword 10", "misspelt-keyword 17", "misspelt-keyword 28"]
            ),
            (
                "SELECT size FROM table WHERE flag GROUP BY year HAVING max",
                [
                    "reserved-word 8", "reserved-word 18", "missing-comparison 30", "reserved-word 44", "reserved-word 56",
                ]
            ),
            (
                "SELECT a, FROM t WHERE b IN (1 2) AND c = 3 UNION SELECT d, FROM u",
                [
                    "unexpected-token 11", "missing-comma 32", "unexpected-token 61",
                ]
            ),
            ("SELECT a FROM (SELECT b, FROM t) AS q WHERE a BETWEEN 1, 2", ["unexpected-token 26", "unexpected-token 56"]),
            ("SELECT a FROM t WHERE b = 0xFF AND c = _d ORDER BY e::text", ["invalid-name 27", "invalid-name 40", "foreign-operator 53"]),
            ("SELECT a /* from where */ FROM t WHERE b == 1", ["block-comment 10", "foreign-operator 42"]),
            ("SELECT a FROM t WHERE x IS DISTINCT FROM 5", ["not-in-adql 28"]),
            ("SELECT TOP x a FROM t WHERE b == 1", ["invalid-count 12", "foreign-operator 31"]),
        ] as [(String, [String])])
    func `each clause is read for errors of its own`(_ text: String, _ expected: [String]) throws {
        #expect(try errors(text) == expected)
    }

    @Test(arguments: [
        "SELECT ’a, FROM t’ FROM t WHERE b == 1", "SELECT 'O'Neill' FROM t WHERE b == 1", "SELECT (a FROM t WHERE b == 1",
        "SELECT `a` FROM t WHERE b == 1", "SELECT \"\" FROM t WHERE b == 1", "SELECT a FROM t; SELECT b == 1 FROM u",
    ])
    func `where quotes or parentheses are in doubt, the first error is the only one`(_ text: String) throws {
        #expect(try errors(text).count == 1)
    }

    @Test func `ten errors are enough`() throws {
        let text = "SELECT 1 FROM t" + String(repeating: " UNION SELECT a, FROM t", count: 100)
        #expect(try errors(text).count <= 11)
    }

    @Test func `all errors are shown, each with its line`() throws {
        let error = try #require(throws: ADQLError.self) { try Query.parse("SELECT a, FROM t\nWHERE b == 1") }
        #expect(
            error.rendering == """
                expected a value, found FROM (line 1, column 11); remove the comma before FROM
                SELECT a, FROM t
                          ^^^^
                ADQL has no operator == (line 2, column 9); compare with a single =
                WHERE b == 1
                        ^^
                """)
    }
}

/// ADQL 2.0 and the words that 2.1 has reserved.
@Suite struct VersionTests {
    @Test(arguments: [
        "SELECT offset, t.bigint FROM t WHERE ilike > 1 ORDER BY offset OFFSET 5", "SELECT a AS in_unit FROM t AS offset",
        "SELECT IN_UNIT(a, 'km'), in_unit FROM t WHERE a ILIKE 'x' OFFSET 5", "SELECT CAST(bigint AS BIGINT) FROM offset",
    ])
    func `words that ADQL 2.1 reserves are names in 2.0`(_ text: String) throws {
        let tree = try Query.parse(text, as: .adql20)
        #expect(try Query.parse(tree.adql, as: .adql20) == tree)
        #expect(throws: ADQLError.self) { try Query.parse(text) }
    }

    @Test(arguments: Corpus.accepted)
    func `all that is right in ADQL 2.1 means the same when it is read as 2.0`(_ sample: Corpus.Accepted) throws {
        #expect(try Query.parse(sample.query, as: .adql20) == Query.parse(sample.query))
    }
}
