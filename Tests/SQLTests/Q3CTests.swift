import ADQL
import Names
import Postgres
import SQL
import TableModel
import Testing

extension SQLTests {
    /// A table whose position is indexed by Q3C, which need not be installed.
    @Suite struct Q3C {
        private static let star = Table(
            schema: "big", name: "star",
            columns: [Column("star_id", .integer), Column("ra", .double), Column("dec", .double)], sqlName: "star_q3c",
            positions: [PositionIndex(kind: .q3c, longitude: "ra", latitude: "dec")])

        private static let ddl = """
            CREATE EXTENSION IF NOT EXISTS q3c;
            CREATE TABLE IF NOT EXISTS big.star_q3c AS SELECT star_id, ra, "dec" FROM big.star;
            CREATE INDEX IF NOT EXISTS star_q3c_ipix ON big.star_q3c (q3c_ang2ipix(ra, "dec"));
            ANALYZE big.star_q3c;
            """

        @Test("cones and crossmatches use the index and find what pgSphere finds")
        func index() throws {
            let session = try SharedDatabase.session()
            guard try session.query("SELECT 1 FROM pg_available_extensions WHERE name = 'q3c'").count == 1 else { return }
            try session.execute(Self.ddl)
            let catalogue = Catalogue(schemas: [], tables: [Self.star, Sky.target])
            let resolver = try Resolver(catalogue: catalogue, functions: .builtIn())
            for condition in [
                "1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(56.75, 24.1167, 1))", "DISTANCE(s.ra, s.dec, 56.75, 24.1167) < 1",
                "1 > DISTANCE(POINT(56.75, 24.1167), POINT(s.ra, s.dec))",
                "EXISTS (SELECT 1 FROM big.target AS t WHERE DISTANCE(t.ra, t.dec, s.ra, s.dec) < 0.01)",
            ] {
                let query = "SELECT star_id FROM big.star AS s WHERE \(condition) ORDER BY star_id"
                let sql = SQLWriter().sql(for: try resolver.resolve(Query.parse(query))).text
                #expect(sql.contains("q3c_"))
                let result = try session.query(sql)
                let rows = (0..<result.count).map { result.string($0, 0) ?? "" }
                #expect(try rows == Translate.rows(query), "\(condition)")
                #expect(!rows.isEmpty)
            }
            let query = "SELECT s.star_id FROM big.target AS t JOIN big.star AS s ON DISTANCE(t.ra, t.dec, s.ra, s.dec) < 0.01"
            for query in [query, "SELECT star_id FROM big.star AS s WHERE DISTANCE(s.ra, s.dec, 56.75, 24.1167) < 1"] {
                let sql = SQLWriter().sql(for: try resolver.resolve(Query.parse(query))).text
                let plan = try session.query("EXPLAIN \(sql)")
                #expect((0..<plan.count).contains { plan.string($0, 0)?.contains("star_q3c_ipix") ?? false }, "\(query)")
            }
        }
    }
}
