import ADQL
import Names
import TableModel
import Testing

/// Nothing but published tables and listed functions can be reached, whatever is typed.
@Suite struct ReachTests {
    @Test(
        "what PostgreSQL has and the archive does not publish is unknown",
        arguments: [
            "SELECT * FROM pg_catalog.pg_authid", "SELECT * FROM pg_shadow", "SELECT * FROM information_schema.tables",
            "SELECT * FROM \"pg_catalog\".\"pg_class\"", "SELECT * FROM \"pg_catalog.pg_class\"", "SELECT * FROM gaia.pg_class",
            "SELECT * FROM \"gaia.source\"", "SELECT * FROM \"gaia\".\"source; DROP TABLE gaia.source\"",
            "SELECT * FROM \"gaia\".\"source\"\" AS x, pg_authid --\"", "SELECT * FROM almagest.jobs", "SELECT * FROM \"public\".pg_class",
            "SELECT * FROM pg_temp.x", "SELECT * FROM postgres.pg_catalog.pg_class", "SELECT * FROM tap_schema.pg_tables",
            "SELECT ctid FROM gaia.source", "SELECT xmin, tableoid FROM gaia.source", "SELECT source.ctid FROM gaia.source",
            "SELECT key FROM gaia.transit".replacing("key", with: "\"key\""), "SELECT \"source\" FROM gaia.source",
            "SELECT s FROM gaia.source AS s", "SELECT pg_sleep(10) FROM gaia.source", "SELECT \"pg_sleep\" FROM gaia.source",
            "SELECT set_config('role', 'postgres', 0) FROM gaia.source", "SELECT current_setting('data_directory') FROM gaia.source",
            "SELECT pg_read_file('/etc/passwd') FROM gaia.source", "SELECT lo_import('/etc/passwd') FROM gaia.source",
            "SELECT dblink('host=x', 'SELECT 1') FROM gaia.source", "SELECT pg_terminate_backend(1) FROM gaia.source",
            "SELECT query_to_xml('SELECT 1', 1, 1, '') FROM gaia.source", "SELECT version() FROM gaia.source",
            "SELECT nextval('x') FROM gaia.source", "SELECT txid_current() FROM gaia.source", "SELECT inet_server_addr() FROM gaia.source",
            "SELECT to_polygon(ra) FROM gaia.source", "SELECT spoint(ra, dec) FROM gaia.source",
            "SELECT pg_advisory_lock(1) FROM gaia.source",
            "SELECT RANDOM() FROM gaia.source", "SELECT array_agg(ra) FROM gaia.source", "SELECT ra FROM gaia.source ORDER BY pg_sleep(1)",
            "SELECT ra FROM gaia.source WHERE pg_sleep(1) = 1", "SELECT ra FROM gaia.source GROUP BY ra HAVING pg_sleep(MAX(ra)) = 1",
            "SELECT 1 FROM gaia.source AS a JOIN gaia.transit AS b ON pg_sleep(1) = 1",
            "SELECT CASE WHEN pg_sleep(1) = 1 THEN 1 END FROM gaia.source",
            "SELECT (SELECT pg_sleep(1) FROM gaia.transit) FROM gaia.source", "SELECT SQRT(pg_sleep(1)) FROM gaia.source",
            "SELECT CAST(pg_sleep(1) AS VARCHAR) FROM gaia.source", "WITH w AS (SELECT pg_sleep(1) AS x FROM gaia.source) SELECT x FROM w",
            "SELECT 1 FROM gaia.source WHERE EXISTS (SELECT 1 FROM pg_authid)", "SELECT 1 FROM (SELECT * FROM pg_authid) AS q",
            "SELECT ra FROM gaia.source UNION SELECT 1 FROM pg_authid", "SELECT COUNT(DISTINCT pg_sleep(1)) FROM gaia.source",
        ] as [String])
    func unknown(text: String) throws {
        let query = try Query.parse(text)
        #expect(throws: NamesError.self) { try Resolver(catalogue: Archive.catalogue, functions: .builtIn()).resolve(query) }
    }

    @Test(
        "what would leave a query's own text is no ADQL",
        arguments: [
            "SELECT ra FROM gaia.source; DROP TABLE gaia.source", "SELECT ra FROM gaia.source;;", "SELECT ra FROM gaia.source; --\n;",
            "SELECT pg_catalog.pg_sleep(1) FROM gaia.source", "SELECT almagest.to_polygon(ra) FROM gaia.source",
            "SELECT \"pg_sleep\"(1) FROM gaia.source", "SELECT pg_catalog.\"pg_sleep\"(1) FROM gaia.source",
            "SELECT * FROM pg_sleep(1)", "SELECT * FROM generate_series(1, 10) AS g", "SELECT * FROM ROWS FROM (pg_sleep(1))",
            "SELECT * FROM dblink('x', 'y') AS t(a INTEGER)", "SELECT * FROM ONLY gaia.source",
            "SELECT * FROM gaia.source TABLESAMPLE SYSTEM (1)",
            "DELETE FROM gaia.source", "INSERT INTO gaia.source SELECT * FROM gaia.source", "UPDATE gaia.source SET ra = 1",
            "COPY gaia.source TO PROGRAM 'x'", "SET role postgres", "EXPLAIN ANALYZE SELECT ra FROM gaia.source", "TABLE gaia.source",
            "VALUES (1)", "DO 'x'", "CALL x()", "SELECT ra INTO x FROM gaia.source", "SELECT ra FROM gaia.source FOR UPDATE",
            "WITH x AS (DELETE FROM gaia.source) SELECT 1 FROM x", "SELECT U&\"\\0070g\" FROM gaia.source",
            "SELECT U&'\\0041' FROM gaia.source",
            "SELECT E'\\'' || ra FROM gaia.source", "SELECT $$x$$ FROM gaia.source", "SELECT $1 FROM gaia.source",
            "SELECT ra /* */ FROM gaia.source", "SELECT ra::regclass FROM gaia.source",
            "SELECT ra FROM gaia.source WHERE ra OPERATOR(pg_catalog.=) 1",
            "SELECT CURRENT_USER FROM gaia.source", "SELECT ra FROM gaia.source\0; DROP TABLE x", "SELECT 'a\0' FROM gaia.source",
            "SELECT ’; DROP TABLE x; --’ FROM gaia.source", "SELECT ra COLLATE \"C\" FROM gaia.source",
            "SELECT (gaia.source).ra FROM gaia.source",
            "SELECT ARRAY[1] FROM gaia.source", "SELECT ROW(1, 2) FROM gaia.source WHERE (1, 2) = (1, 2)",
            "SELECT CAST('pg_class' AS REGCLASS) FROM gaia.source", "SELECT CAST(ra AS pg_catalog.int4) FROM gaia.source",
            "SELECT CAST(ra AS \"int4\") FROM gaia.source", "SELECT ra FROM gaia.source, LATERAL (SELECT 1 FROM gaia.transit) AS q",
        ] as [String])
    func refused(text: String) {
        // ROW and TABLESAMPLE are words like others to the parser; then nothing is called so.
        guard let query = try? Query.parse(text) else { return }
        #expect(throws: NamesError.self) { try Resolver(catalogue: Archive.catalogue, functions: .builtIn()).resolve(query) }
    }

    @Test("strings and names stay what they are, whatever is in them")
    func contents() throws {
        let text = "SELECT 'x''; DROP TABLE y; --' AS \"a\"\"; DROP TABLE y; --\", 'back\\slash', '$$', 'U&' FROM gaia.source AS \"s\"\"\""
        let query = try Archive.resolve(text)
        #expect(query.columns.map(\.name) == ["a\"; DROP TABLE y; --", "col_2", "col_3", "col_4"])
    }

    @Test("limits of a statement name their number")
    func limits() throws {
        let many = (0...250).map { "gaia.transit AS t\($0)" }.joined(separator: ", ")
        #expect(try Archive.complaints("SELECT 1 FROM \(many)").first?.contains("more than 250 tables in FROM") == true)
        let wide = (0...1600).map { _ in "flux" }.joined(separator: ", ")
        #expect(try Archive.complaints("SELECT \(wide) FROM gaia.transit").first?.contains("more than 1600 output columns") == true)
    }
}
