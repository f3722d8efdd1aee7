import Foundation
import Postgres
import TAPSchema
import TableModel
import TestDatabase
import Testing

@Suite("An archive's schemas")
struct ArchiveSchemaTests {
    private func gaia(_ change: (String) -> String = { $0 }) throws -> Descriptor {
        try Descriptor(yaml: change(Descriptor.find("gaia").text), source: "gaia.yaml")
    }

    @Test("install into a bare database, pgSphere included, and again without a change")
    func installTwice() throws {
        let database = try TestDatabase(for: "schema", template: "template0")
        let session = try database.session()
        #expect(try SphereExtension.provision(on: session) == .missing)
        let first = try ArchiveSchema.install(on: session)
        #expect(first != .missing)
        let generation = try CatalogueReader.generation(on: session)
        #expect(try ArchiveSchema.install(on: session) == first)
        #expect(try CatalogueReader.generation(on: session) == generation)
        // Types, operators and the index's operator class all work.
        try session.execute("CREATE TABLE t AS SELECT spoint(radians(n), radians(n / 4.0)) AS p FROM generate_series(0, 359) n")
        try session.execute("CREATE INDEX ON t USING gist (p)")
        #expect(try session.query("SELECT count(*) FROM t WHERE p <@ scircle(spoint(0.5, 0.1), 0.1)").int(0, 0) ?? 0 > 0)
        #expect(try session.query("SELECT spoint(0, 0) <@ smoc('0/0-11')").bool(0, 0) == true)
        #expect(try session.query("SELECT count(*) FROM pg_operator WHERE oprname = '@' AND oprright = 'smoc'::regtype").int(0, 0) == 2)
    }

    @Test("install when four processes do so at once")
    func installTogether() async throws {
        let database = try TestDatabase(for: "schema", template: "template0")
        let outcomes = try await withThrowingTaskGroup(of: SphereExtension.Provision.self) { group in
            for _ in 0..<4 {
                let pool = PostgresPool(uri: database.uri, connections: 1, applicationName: "almagest-tests")
                group.addTask {
                    try await pool.withSession { session in
                        let sphere = try ArchiveSchema.install(on: session)
                        try ArchiveSchema.publish(try Descriptor.find("gaia"), on: session)
                        return sphere
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(outcomes.count == 1)
        #expect(try SchemaAudit.report(on: database.session()).faults == [])
    }

    @Test("say what is missing where nothing is installed")
    func notInstalled() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        let descriptor = try gaia()
        for attempt in [{ _ = try CatalogueReader.read(on: session) }, { _ = try ArchiveSchema.publish(descriptor, on: session) }] {
            let error = #expect(throws: TAPSchemaError.self, performing: attempt)
            #expect(error?.code == .notInstalled)
        }
    }

    @Test("say who must act when the database user may not install")
    func noPermission() throws {
        let database = try TestDatabase(for: "schema", template: "template0")
        let session = try database.session()
        let role = "\(database.name)_guest"
        try session.execute("CREATE ROLE \(role); SET ROLE \(role)")
        defer { try? session.execute("RESET ROLE; DROP ROLE \(role)") }
        let error = #expect(throws: TAPSchemaError.self) { try ArchiveSchema.install(on: session) }
        #expect(error?.code == .noPermission)
        #expect(error?.description.contains("superuser") == true)
        #expect(error?.description.contains("CREATE") == false)
    }

    @Test("publish a collection once, however often it is asked")
    func publishTwice() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        #expect(try ArchiveSchema.publish(gaia(), on: session) == .published)
        let generation = try CatalogueReader.generation(on: session)
        #expect(try ArchiveSchema.publish(gaia(), on: session) == .unchanged)
        #expect(try CatalogueReader.generation(on: session) == generation)
        #expect(try SchemaAudit.report(on: session).faults == [])
    }

    @Test("keep rows when only words change, and refuse another shape while there are rows")
    func publishChanged() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        try ArchiveSchema.publish(gaia(), on: session)
        let reshaped = try gaia {
            $0.replacingOccurrences(of: "- name: varpi\n        type: double", with: "- name: varpi\n        type: float")
        }
        // Without rows the shape is free.
        #expect(try ArchiveSchema.publish(reshaped, on: session) == .published)
        #expect(try SchemaAudit.report(on: session).faults == [])
        #expect(try ArchiveSchema.publish(gaia(), on: session) == .published)
        try insertRow(on: session)
        let reworded = try gaia { $0.replacingOccurrences(of: "Standard error of the parallax.", with: "How sure the parallax is.") }
        #expect(try ArchiveSchema.publish(reworded, on: session) == .published)
        #expect(try session.query("SELECT count(*) FROM gaia.completesource").int(0, 0) == 1)
        let table = try CatalogueReader.read(on: session).catalogue.table(schema: "gaia", name: "completesource")
        #expect(table?.columns.first { $0.name == "varpi_error" }?.description == "How sure the parallax is.")
        let error = #expect(throws: TAPSchemaError.self) { try ArchiveSchema.publish(reshaped, on: session) }
        #expect(error?.code == .rowsInTheWay)
        #expect(error?.message.contains("gaia.completesource holds rows of another shape: column varpi was double precision") == true)
        #expect(try session.query("SELECT count(*) FROM gaia.completesource").int(0, 0) == 1)
    }

    @Test("tell an operator what is wrong with his expression, and keep nothing of the attempt")
    func badExpression() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        let wrong = try gaia { $0.replacingOccurrences(of: "degrees(alpha)", with: "degrees(alfa)") }
        let error = #expect(throws: TAPSchemaError.self) { try ArchiveSchema.publish(wrong, on: session) }
        #expect(error?.code == .badDescriptor)
        #expect(error?.message == "PostgreSQL refuses the table for gaia.completesource: column \"alfa\" does not exist")
        #expect(try session.query("SELECT to_regnamespace('gaia_rows') IS NULL AND to_regnamespace('gaia') IS NULL").bool(0, 0) == true)
    }

    @Test("publish a table that PostgreSQL has already, with identifiers made from its key")
    func existingTable() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        try session.execute(
            "CREATE SCHEMA bench; CREATE TABLE bench.stars_2 (star bigint PRIMARY KEY, ra float8, \"dec\" float8, v real); ANALYZE bench.stars_2"
        )
        let descriptor = try Descriptor(
            yaml: """
                collection: bench
                schema: { name: bench }
                tables:
                  - name: stars
                    relation: bench.stars_2
                    key: star
                    columns:
                      - { name: id, made: identifier }
                      - { name: star, type: long }
                      - { name: ra, type: double, unit: deg }
                      - { name: dec, type: double, unit: deg }
                      - { name: v, type: float }
                      - { name: access_url, made: access_url }
                    indexes:
                      - sky: [ra, dec]
                """, source: "bench.yaml")
        try ArchiveSchema.publish(descriptor, on: session)
        let report = try SchemaAudit.report(on: session)
        #expect(report.faults == [])
        #expect(report.collections.map(\.name) == ["bench"])
        let table = try #require(try CatalogueReader.read(on: session).catalogue.table(schema: "bench", name: "stars"))
        #expect(table.sqlName == "stars_2" && table.nrows == 0)
        #expect(table.tag == TableTag(schema: "bench", table: "stars"))
        #expect(table.positions == [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")])
        #expect(table.columns.map(\.sqlName) == ["star", "star", "ra", "dec", "v", "star"])
    }

    @Test("leave alone what others have made under the same name")
    func foreignTable() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        try session.execute("CREATE SCHEMA gaia; CREATE TABLE gaia.crossmatch (n int); INSERT INTO gaia.crossmatch VALUES (1)")
        let error = #expect(throws: TAPSchemaError.self) { try ArchiveSchema.publish(try gaia(), on: session) }
        #expect(error?.code == .nameTaken)
        #expect(try session.query("SELECT count(*) FROM gaia.crossmatch").int(0, 0) == 1)
        #expect(try session.query("SELECT to_regclass('gaia.completesource') IS NULL").bool(0, 0) == true)
    }

    @Test("derive positions and times, and use the index for a cone")
    func derived() throws {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        try ArchiveSchema.publish(gaia(), on: session)
        try insertRow(on: session)
        let row = try session.query("SELECT ra, \"dec\", file_name, size_is FROM (SELECT *, 1 AS size_is FROM gaia.completesource) s")
        #expect(abs((row.double(0, 0) ?? 0) - 56.75) < 1e-12)
        #expect(abs((row.double(0, 1) ?? 0) - 24.12) < 1e-12)
        #expect(row.string(0, 2) == "f.h5")
        try session.execute(
            "INSERT INTO gaia_rows.astroelementary (file_id, key_name, transit_id, source_id, obs_time) SELECT file_id, 'A', 7, 5, 86400000001999 FROM almagest.files"
        )
        #expect(try session.query("SELECT transit_time FROM gaia.astroelementary").string(0, 0) == "2014-07-26 00:00:00.000001")
        let match = try session.query(
            "SELECT source_id, transit_id, source_key_name, transit_key_name, source_file_name FROM gaia.crossmatch")
        #expect((0..<5).map { match.string(0, $0) } == ["5", "7", "S", "A", "f.h5"])
        try session.execute("SET enable_seqscan = off")
        let plan = try session.query(
            """
            EXPLAIN SELECT varpi FROM gaia.completesource
            WHERE spoint(radians(ra), radians("dec")) <@ scircle(spoint(radians(56.75), radians(24.12)), radians(1))
            """)
        let text = (0..<plan.count).compactMap { plan.string($0, 0) }.joined(separator: "\n")
        #expect(text.contains("completesource_ra_dec_spoint"))
        // A query that asks for no fact of the file doesn't touch the file table, and one on transits alone not the sources.
        #expect(!text.contains("files"))
        let second = try session.query("EXPLAIN SELECT transit_id FROM gaia.crossmatch WHERE source_id = 5")
        let joined = (0..<second.count).compactMap { second.string($0, 0) }.joined(separator: "\n")
        #expect(joined.contains("astroelementary_source_id_btree"))
        #expect(!joined.contains("completesource") && !joined.contains("files"))
    }

    private func insertRow(on session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO almagest.files (collection, table_name, did_scope, did_name, did_rse, file_name, file_extension, checksum, "size",
                format, location, objects) VALUES ('gaia', 'gaia.completesource', 's', 'f.h5', 'r', 'f.h5', 'h5', $1, 1, 'application/x-hdf5', '/f.h5', 1)
            """, [.text(String(repeating: "0", count: 64))])
        try session.execute(
            "INSERT INTO gaia_rows.completesource (file_id, key_name, source_id, alpha, delta) SELECT file_id, 'S', 5, radians(56.75), radians(24.12) FROM almagest.files"
        )
    }
}
