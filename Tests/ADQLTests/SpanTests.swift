import ADQL
import Testing

@Suite struct SpanTests {
    @Test func `every node covers its own text`() throws {
        let text = """
            WITH w AS (SELECT 1 FROM t)
            SELECT TOP 5 "é"."x y" AS a, (b + c) * d, COUNT( * ) FROM s.t u JOIN v USING (k)
            WHERE (b > 1 OR NOT CAST(a AS CHAR(3)) IN ('é', 'f')) AND -b IS NULL ORDER BY 2 DESC OFFSET 7
            """
        func slice(_ span: TextSpan) -> String { String(decoding: Array(text.utf8)[span.start..<span.end], as: UTF8.self) }
        let query = try Query.parse(text)
        #expect(slice(query.span) == text)
        #expect(slice(query.with[0].span) == "w AS (SELECT 1 FROM t)")
        #expect(slice(query.with[0].query.span) == "(SELECT 1 FROM t)")
        #expect(slice(query.orderBy[0].span) == "2 DESC")
        #expect(query.offset.map { slice($0.span) } == "OFFSET 7")
        guard case .selection(let selection) = query.body else {
            Issue.record("no selection")
            return
        }
        #expect(selection.top.map { slice($0.span) } == "TOP 5")
        #expect(selection.items.map { slice($0.span) } == ["\"é\".\"x y\" AS a", "(b + c) * d", "COUNT( * )"])
        #expect(slice(selection.from[0].span) == "s.t u JOIN v USING (k)")
        guard case .joined(let joined) = selection.from[0], case .and(let factors, _)? = selection.where,
            case .or(let terms, _) = factors[0], case .not(let negated, _) = terms[1], case .in(let predicate) = negated
        else {
            Issue.record("another tree")
            return
        }
        #expect(slice(joined.first.span) == "s.t u")
        #expect(slice(joined.joins[0].span) == "JOIN v USING (k)")
        #expect(factors.map { slice($0.span) }[1] == "-b IS NULL")
        #expect(terms.map { slice($0.span) } == ["b > 1", "NOT CAST(a AS CHAR(3)) IN ('é', 'f')"])
        #expect(slice(predicate.value.span) == "CAST(a AS CHAR(3))")
        guard case .list(let values) = predicate.set, case .cast(let cast) = predicate.value else { return }
        #expect(values.map { slice($0.span) } == ["'é'", "'f'"])
        #expect(slice(cast.target.span) == "CHAR(3)")
    }

    @Test func `positions count lines and characters from 1`() {
        let text = "aé\nbc\r\nd\re"
        let places = [(0, 1, 1), (1, 1, 2), (3, 1, 3), (4, 2, 1), (6, 2, 3), (8, 3, 1), (10, 4, 1), (99, 4, 2), (-1, 1, 1)]
        for (offset, line, column) in places {
            #expect(TextPosition(offset: offset, in: text) == TextPosition(line: line, column: column), "\(offset)")
        }
    }

    @Test func `an excerpt shows the line with carets below`() {
        #expect(TextSpan(7, 11).excerpt(in: "SELECT size FROM t") == "SELECT size FROM t\n       ^^^^")
        #expect(TextSpan(2, 4).excerpt(in: "a\nbcd\ne") == "bcd\n^^")
        #expect(TextSpan(1, 1).excerpt(in: "\tx") == "\tx\n\t^")
        #expect(TextSpan(3, 3).excerpt(in: "abc") == "abc\n   ^")
    }

    @Test func `of a long line only the part around the place is shown`() {
        let line = String(repeating: "a", count: 500) + "XYZ" + String(repeating: "b", count: 500)
        let excerpt = TextSpan(500, 503).excerpt(in: line).split(separator: "\n")
        #expect(excerpt[0].count <= 140 && excerpt[0].contains("aXYZb"))
        #expect(excerpt[0].firstIndex(of: "X")?.utf16Offset(in: excerpt[0]) == excerpt[1].firstIndex(of: "^")?.utf16Offset(in: excerpt[1]))
    }

    @Test func `trees are equal whatever the places of their nodes`() throws {
        #expect(try Query.parse("SELECT a FROM t") == Query.parse("select\n\n  a\nfrom  t -- x"))
        #expect(try Query.parse("SELECT a FROM t").hashValue == Query.parse("SELECT  a  FROM  t").hashValue)
    }
}
