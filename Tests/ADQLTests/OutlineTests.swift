import ADQL
import Testing

@Suite("The outline of a tree")
struct OutlineTests {
    @Test("has a line for each node, with its place")
    func lines() throws {
        let text = "SELECT TOP 5 ra,\n  a.\"De c\" + 1 AS x FROM t AS a WHERE ra > 'k'"
        let outline = try Query.parse(text).outline(in: text).split(separator: "\n").map(String.init)
        #expect(outline.first?.hasPrefix("Query") == true && outline.first?.hasSuffix("[1:1–2:47]") == true)
        for part in ["Top count=5  [1:8–1:13]", "a.\"De c\"  [2:3–2:11]", "ra  [1:14–1:16]", "'k'"] {
            #expect(outline.contains { $0.contains(part) }, "\(part) in \n\(outline.joined(separator: "\n"))")
        }
    }

    @Test("names every column and table of the corpus' kind of query")
    func names() throws {
        let text = """
            WITH w AS (SELECT one FROM t1) SELECT COUNT(DISTINCT two), CASE WHEN three IS NULL THEN 1 ELSE four END
            FROM w JOIN t2 USING (five) WHERE EXISTS (SELECT six FROM t3) AND seven BETWEEN eight AND nine ORDER BY ten DESC
            """
        let outline = try Query.parse(text).outline(in: text)
        for name in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "t1", "t2", "t3"] {
            #expect(outline.contains(name), "\(name) in\n\(outline)")
        }
    }
}
