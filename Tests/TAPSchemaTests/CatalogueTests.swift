import Foundation
import Postgres
import TAPSchema
import TableModel
import TestDatabase
import Testing

@Suite("The catalogue of a database")
struct CatalogueTests {
    private func archive() throws -> (TestDatabase, PostgresSession) {
        let database = try TestDatabase(for: "schema")
        let session = try database.session()
        try ArchiveSchema.install(on: session)
        try ArchiveSchema.publish(Descriptor.find("gaia"), on: session)
        return (database, session)
    }

    @Test("has what the descriptor declares, column by column")
    func equalsDescriptor() throws {
        let (database, session) = try archive()
        defer { withExtendedLifetime(database) {} }
        let catalogue = try CatalogueReader.read(on: session).catalogue
        let gaia = try Descriptor.find("gaia")
        #expect(catalogue.schemas.map(\.name) == ["gaia", "tap_schema"])
        #expect(catalogue.tables.filter { $0.schema == "gaia" }.map(\.name) == gaia.tables.map(\.name))
        for declared in gaia.tables {
            let table = try #require(catalogue.table(schema: "gaia", name: declared.name))
            #expect(table.description == declared.description)
            let published = declared.columns.filter(\.published)
            #expect(table.columns.map(\.name) == published.map(\.name))
            for (column, expected) in zip(table.columns, published) {
                #expect(column.type == expected.type, "\(column.name)")
                #expect(column.unit == expected.unit, "\(column.name)")
                #expect(column.ucd == expected.ucd, "\(column.name)")
                #expect(column.description == expected.description, "\(column.name)")
                #expect(column.indexed == expected.indexed && column.principal == expected.principal && !column.std, "\(column.name)")
            }
            #expect(table.foreignKeys.map(\.targetTable) == declared.foreignKeys.map(\.target))
        }
        let sources = try #require(catalogue.table(schema: "gaia", name: "completesource"))
        #expect(sources.tag == TableTag(schema: "gaia", table: "completesource"))
        #expect(sources.positions == [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")])
        #expect(sources.columns.first { $0.name == "id" }?.sqlName == "source_id")
        #expect(sources.columns.last?.sqlName == "source_id")
        #expect(catalogue.table(schema: "gaia", name: "crossmatch")?.type == "view")
        #expect(catalogue.table(schema: "gaia", name: "crossmatch")?.tag == nil)
    }

    @Test("describes TAP_SCHEMA itself as the standard has it")
    func selfDescription() throws {
        let (database, session) = try archive()
        defer { withExtendedLifetime(database) {} }
        let archive = try CatalogueReader.read(on: session)
        let tables = archive.catalogue.tables.filter { $0.schema == "tap_schema" }
        #expect(tables.map(\.name) == ["schemas", "tables", "columns", "keys", "key_columns"])
        #expect(!tables.flatMap(\.columns).contains { !$0.std })
        let size = tables.flatMap(\.columns).first { $0.name == "size" }
        #expect(size?.type == .integer)
        #expect(size?.adqlName == "\"size\"")
        #expect(tables.flatMap(\.foreignKeys).count == 5)
        let listed = try session.query(
            "SELECT column_name FROM tap_schema.columns WHERE table_name = 'tap_schema.columns' AND column_name LIKE '%size%' ORDER BY 1")
        #expect((0..<listed.count).map { listed.string($0, 0) } == ["\"size\"", "arraysize"])
        #expect(tables.first?.nrows == 2)
        #expect(archive.omissions == [])
    }

    @Test("obeys the standard's rules for values")
    func rules() throws {
        let (database, session) = try archive()
        defer { withExtendedLifetime(database) {} }
        let checks = [
            "SELECT count(*) FROM tap_schema.columns WHERE arraysize = '1' OR datatype NOT IN ('boolean','short','int','long','float','double','char','unsignedByte')",
            "SELECT count(*) FROM tap_schema.columns WHERE \"size\" IS DISTINCT FROM (substring(arraysize from '^(\\d+)\\*?$'))::int",
            "SELECT count(*) FROM tap_schema.columns WHERE datatype <> 'char' AND arraysize IS NOT NULL AND column_name <> 'ac_win_coord'",
            "SELECT count(*) FROM tap_schema.columns WHERE (std = 1) <> (table_name LIKE 'tap_schema.%')",
            """
            SELECT count(*) FROM tap_schema.key_columns k JOIN tap_schema.keys USING (key_id)
            WHERE NOT EXISTS (SELECT 1 FROM tap_schema.columns c WHERE c.table_name = from_table AND c.column_name = k.from_column)
            OR NOT EXISTS (SELECT 1 FROM tap_schema.columns c WHERE c.table_name = target_table AND c.column_name = k.target_column)
            """,
            "SELECT count(*) - 1 FROM tap_schema.columns WHERE ucd LIKE '%meta.main' AND ucd LIKE 'pos.eq.ra%'",
        ]
        for check in checks { #expect(try session.query(check).int(0, 0) == 0, "\(check)") }
        for breach in [
            "INSERT INTO tap_schema.tables VALUES ('nowhere', 'nowhere.t', 'table')",
            "INSERT INTO tap_schema.keys VALUES ('k', 'gaia.completesource', 'nowhere.t')",
            "DELETE FROM tap_schema.tables WHERE table_name = 'gaia.completesource'",
        ] {
            let error = #expect(throws: PostgresError.self) { try session.execute(breach) }
            #expect(error?.sqlstate == "23503")
        }
    }

    @Test("takes in a table that an operator has described by hand")
    func byHand() throws {
        let (database, session) = try archive()
        defer { withExtendedLifetime(database) {} }
        try session.execute(
            """
            CREATE SCHEMA mine; CREATE TABLE mine.t ("size" float8, "Two Words" text, p spoint); INSERT INTO mine.t VALUES (1, 'x', NULL); ANALYZE mine.t;
            INSERT INTO tap_schema.schemas VALUES ('mine', NULL, 'My tables', NULL);
            INSERT INTO tap_schema.tables VALUES ('mine', 'mine.t', 'table', NULL, NULL, NULL);
            INSERT INTO tap_schema.columns (table_name, column_name, datatype, arraysize, xtype, indexed, principal, std) VALUES
                ('mine.t', '"size"', 'double', NULL, NULL, 0, 1, 0), ('mine.t', '"Two Words"', 'char', '*', NULL, 0, 1, 0),
                ('mine.t', 'p', 'double', '2', 'point', 0, 1, 0), ('mine.t', 'z', 'doubleComplex', NULL, NULL, 0, 1, 0);
            """)
        let archive = try CatalogueReader.read(on: session)
        let table = try #require(archive.catalogue.table(schema: "mine", name: "t"))
        #expect(table.columns.map(\.name) == ["Two Words", "size", "p"])
        #expect(table.columns.map(\.type) == [.varchar(nil), .double, .point])
        #expect(table.nrows == 1)
        #expect(archive.omissions == ["column z of mine.t has the type doubleComplex, which can't be served"])
        // Publishing the collection again leaves it alone.
        let changed = try Descriptor(yaml: Descriptor.find("gaia").text + "\n", source: "gaia.yaml")
        #expect(try ArchiveSchema.publish(changed, on: session) == .published)
        #expect(try CatalogueReader.read(on: session).catalogue.table(schema: "mine", name: "t") != nil)
    }

    @Test("is checked against what PostgreSQL holds")
    func audit() throws {
        let (database, session) = try archive()
        defer { withExtendedLifetime(database) {} }
        #expect(try SchemaAudit.report(on: session).faults == [])
        try session.execute(
            "UPDATE tap_schema.columns SET datatype = 'int' WHERE table_name = 'gaia.completesource' AND column_name = 'varpi'")
        try session.execute(
            "UPDATE tap_schema.columns SET column_name = 'rr' WHERE table_name = 'gaia.completesource' AND column_name = 'radial_velocity'")
        try session.execute("INSERT INTO tap_schema.tables VALUES ('gaia', 'gaia.ghost', 'table')")
        #expect(
            Set(try SchemaAudit.report(on: session).faults) == [
                "column varpi of gaia.completesource is published as integer and is double precision",
                "column rr of gaia.completesource is published and does not exist", "table gaia.ghost is published and does not exist",
            ])
    }

    @Test("lives: a server notices what another process publishes")
    func live() async throws {
        let database = try TestDatabase(for: "schema")
        let pool = PostgresPool(uri: database.uri, connections: 2, applicationName: "almagest-tests")
        let catalogue = LiveCatalogue(pool: pool)
        await #expect(throws: TAPSchemaError.self) { try await catalogue.refresh() }
        #expect(catalogue.current.catalogue.tables.isEmpty)
        try await pool.withSession { session in _ = try ArchiveSchema.install(on: session) }
        #expect(try await catalogue.refresh())
        #expect(catalogue.current.catalogue.table(schema: "tap_schema", name: "tables") != nil)
        #expect(try await !catalogue.refresh())
        let runner = Task { await catalogue.run(every: .milliseconds(20)) }
        try await pool.withSession { session in _ = try ArchiveSchema.publish(try Descriptor.find("gaia"), on: session) }
        let deadline = ContinuousClock.now + .seconds(10)
        while catalogue.current.holdings.datasets.isEmpty, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        runner.cancel()
        await runner.value
        #expect(catalogue.current.holdings.datasets.map(\.fullName) == ["gaia.astroelementary", "gaia.completesource"])
        let tag = TableTag(schema: "gaia", table: "completesource")
        let dataset = try #require(catalogue.current.holdings[tag])
        #expect(dataset.credit == "ESA/Gaia/DPAC")
        #expect(dataset.links == [.this, .progenitor, .counterpart])
        #expect(dataset.relation(named: "transits")?.target == TableTag(schema: "gaia", table: "astroelementary"))
    }

    @Test("is looked up again after a miss, but not for every miss of a crowd")
    func misses() async throws {
        let database = try TestDatabase(for: "schema")
        let pool = PostgresPool(uri: database.uri, connections: 1, applicationName: "almagest-tests")
        try await pool.withSession { session in _ = try ArchiveSchema.install(on: session) }
        let catalogue = LiveCatalogue(pool: pool)
        #expect(await catalogue.refreshAfterMiss())
        try await pool.withSession { session in _ = try ArchiveSchema.publish(try Descriptor.find("gaia"), on: session) }
        #expect(await !catalogue.refreshAfterMiss())
        try await Task.sleep(for: .milliseconds(300))
        #expect(await catalogue.refreshAfterMiss())
        #expect(!catalogue.current.holdings.datasets.isEmpty)
    }
}
