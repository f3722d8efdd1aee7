import Names
import Postgres
import SQL
import TableModel
import Testing

extension SQLTests {
    @Suite struct Wires {
        /// PostgreSQL's names for what `wire` promises.
        private func typeName(_ wire: ValueType.Wire) -> String {
            switch wire {
            case .bool: "boolean"
            case .int2: "smallint"
            case .int4: "integer"
            case .int8: "bigint"
            case .float4: "real"
            case .float8: "double precision"
            case .text: "text"
            case .timestamp: "timestamp without time zone"
            case .bytea: "bytea"
            case .array(let element):
                switch element {
                case .smallint: "smallint[]"
                case .integer: "integer[]"
                case .bigint: "bigint[]"
                case .real: "real[]"
                case .double: "double precision[]"
                }
            }
        }

        @Test(
            "every output column has the type in PostgreSQL that its ValueType promises",
            arguments: [
                "SELECT * FROM gaia.source", "SELECT DISTINCT * FROM gaia.source",
                "SELECT * FROM gaia.transit UNION SELECT * FROM gaia.transit",
                "SELECT * FROM (SELECT DISTINCT * FROM gaia.source) AS q", "WITH w AS (SELECT * FROM gaia.source) SELECT * FROM w, w AS v",
                "SELECT small + small, small + visits, visits * source_id, mag + mag, mag * 2, ra / 2, small / 2.5, -small, -mag FROM gaia.source",
                "SELECT COUNT(*), SUM(small), SUM(visits), SUM(source_id), SUM(mag), SUM(ra), AVG(visits), AVG(mag), MIN(small), MAX(mag), MIN(code), MIN(name), MAX(epoch), MIN(id) FROM gaia.source",
                "SELECT ABS(small), ABS(mag), ABS(ra), ABS(source_id), MOD(small, 2), MOD(source_id, small), MOD(ra, 2), ROUND(mag, 1), FLOOR(visits), PI(), RAND() FROM gaia.source",
                "SELECT NULL, NULL AS b, COALESCE(NULL, NULL), COALESCE(small, 2), COALESCE(small, mag), COALESCE(code, name, 'x'), CASE WHEN 1 = 1 THEN id END FROM gaia.source",
                "SELECT NULL AS a, 1 AS b FROM gaia.source UNION ALL SELECT 1, NULL FROM gaia.source UNION SELECT 2.5, source_id FROM gaia.source",
                "SELECT CAST(ra AS REAL), CAST(ra AS SMALLINT), CAST(code AS VARCHAR(2)), CAST(1 AS CHAR(4)), CAST(epoch AS VARCHAR), CAST(place AS VARCHAR) FROM gaia.source",
                "SELECT POINT(1, 2), CIRCLE(1, 2, 3), BOX(1, 2, 3, 4), CENTROID(footprint), AREA(field), COORD1(place), COORDSYS(field), CONTAINS(place, field) FROM gaia.source",
                "SELECT (SELECT MAX(star.ra) FROM gaia.source AS star), (SELECT DISTINCT TOP 1 place FROM gaia.source), IN_UNIT(ra, 'rad'), 'a' || 'b', 12, 3000000000, 1.5 FROM gaia.source",
                "SELECT ivo_to_jd(epoch), ivo_healpix_index(4, POINT(ra, 2)), ivo_healpix_center(4, 5), ivo_normal_random(1, 2), ivo_hasword(name, 'star'), ivo_string_agg(name, ',') FROM gaia.source GROUP BY epoch, ra, name",
            ])
        func types(query: String) throws {
            let resolved = try Translate.resolve(query)
            let session = try SharedDatabase.session()
            try session.execute("CREATE TEMP VIEW result AS \(try Translate.sql(query))")
            let found = try session.query(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'result'::regclass AND attnum > 0 ORDER BY attnum"
            )
            #expect(found.count == resolved.columns.count)
            for (index, column) in resolved.columns.enumerated() {
                #expect(found.string(index, 0) == typeName(column.type.wire), "column \(index + 1), \(column.type), of \(query)")
            }
            try session.execute("COPY (\(SQLWriter(Translate.options).sql(for: resolved).text)) TO '/dev/null' (FORMAT binary)")
        }
    }
}
