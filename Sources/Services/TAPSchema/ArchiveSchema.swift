package import Logging
package import Postgres
import SchemaFiles
import TableModel

/// The archive's schemas in a database: installed once, collections published into them.
///
/// Everything here can be repeated, and run by several processes at once.
package enum ArchiveSchema {
    /// What publishing found.
    package enum Outcome: Hashable, Sendable {
        case published
        /// All was there already.
        case unchanged
    }

    /// All that installs or publishes takes this lock first ("ALMAGEST" in ASCII), so one process at a time changes the schemas.
    static let lock = 0x414C_4D41_4745_5354

    /// Brings extensions, internal tables and TAP_SCHEMA into the database where they are missing.
    ///
    /// - Returns: how pgSphere came into the database.
    @discardableResult
    package static func install(
        on session: PostgresSession, logger: Logger = Logger(label: "almagest.schema")
    ) throws(TAPSchemaError) -> SphereExtension.Provision {
        try TAPSchemaError.wording("create the archive's schemas") {
            try session.transaction {
                try session.execute("SELECT pg_advisory_xact_lock(\(lock))")
                let before = try SphereExtension.provision(on: session)
                let sphere = try SphereExtension.install(on: session)
                if before == .missing { logger.notice("installed pgSphere", metadata: ["how": "\(sphere)"]) }
                try offerQ3C(on: session, logger: logger)
                for file in SchemaFiles.ddl {
                    do throws(PostgresError) {
                        try session.execute(file.text)
                    } catch {
                        throw TAPSchemaError.database(error, doing: "run \(file.name)")
                    }
                }
                try ReaderRole.create(on: session)
                _ = try write(.tapSchema(), on: session)
                try ReaderRole.grantAll(on: session)
                return sphere
            }
        }
    }

    /// Q3C is welcome where it is at hand; nothing depends on it.
    private static func offerQ3C(on session: PostgresSession, logger: Logger) throws {
        let state = try session.query("SELECT installed_version IS NULL FROM pg_available_extensions WHERE name = 'q3c'")
        guard state.count == 1, state.bool(0, 0) == true else { return }
        do throws(PostgresError) {
            try session.execute("SAVEPOINT q3c; CREATE EXTENSION q3c; RELEASE q3c")
        } catch {
            logger.info("left Q3C out", metadata: ["sqlstate": "\(error.sqlstate)"])
            try session.execute("ROLLBACK TO q3c; RELEASE q3c")
        }
    }

    /// Makes a collection's tables and describes them in TAP_SCHEMA.
    ///
    /// Published again with other descriptions, units and indexes, a collection keeps its rows; where the rows themselves would differ, it is
    /// refused unless there are none.
    @discardableResult
    package static func publish(_ descriptor: Descriptor, on session: PostgresSession) throws(TAPSchemaError) -> Outcome {
        try TAPSchemaError.wording("publish \(descriptor.collection)") {
            try session.transaction {
                try session.execute("SELECT pg_advisory_xact_lock(\(lock))")
                guard try session.query("SELECT to_regclass('almagest.collections') IS NOT NULL").bool(0, 0) == true else {
                    throw TAPSchemaError.notInstalled()
                }
                return try write(descriptor, on: session)
            }
        }
    }

    private static func write(_ descriptor: Descriptor, on session: PostgresSession) throws -> Outcome {
        let outcome = try writeTables(of: descriptor, on: session)
        try ReaderRole.grant(descriptor, on: session)
        return outcome
    }

    private static func writeTables(of descriptor: Descriptor, on session: PostgresSession) throws -> Outcome {
        let publication = Publication(descriptor)
        let installed = try session.query(
            "SELECT descriptor, publication FROM almagest.collections WHERE name = $1", [.text(descriptor.collection)])
        if installed.count == 1, installed.string(0, 0) == descriptor.text, installed.string(0, 1) == publication.text {
            return .unchanged
        }
        // A descriptor that an older version wrote and this one can't read says nothing about its tables.
        let former = installed.string(0, 0).flatMap { try? Descriptor(yaml: $0, source: descriptor.collection) }
        try refuseForeignTables(publication, former: former, on: session)
        try clearRowTables(publication, former: former, on: session)
        for view in (former.map { Publication($0).views } ?? []).reversed() {
            try session.execute("DROP VIEW IF EXISTS \(SQLText.name(view.schema, view.name))")
        }
        try session.execute("CREATE SCHEMA IF NOT EXISTS \(SQLText.name(descriptor.schema.name))")
        // Views whose record was lost are replaced; CREATE OR REPLACE could not change their columns.
        for view in publication.views.reversed() {
            try session.execute("DROP VIEW IF EXISTS \(SQLText.name(view.schema, view.name))")
        }
        for table in publication.rowTables {
            do throws(PostgresError) {
                for statement in table.ddl { try session.execute(statement) }
            } catch {
                // What an operator can mend here is an expression of his, so PostgreSQL's words about it are for him.
                throw ["42501", "40P01"].contains(error.sqlstate) || error.isConnectionFailure
                    ? error as any Error : TAPSchemaError.refusedTable("\(descriptor.schema.name).\(table.name)", cause: error)
            }
        }
        for view in publication.views { try session.execute(view.sql) }
        try session.query(
            """
            INSERT INTO almagest.collections (name, descriptor, publication) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET descriptor = excluded.descriptor, publication = excluded.publication, published_at = now()
            """, [.text(descriptor.collection), .text(descriptor.text), .text(publication.text)])
        try SchemaRows(descriptor: descriptor).write(on: session, former: former)
        try session.execute("ANALYZE tap_schema.schemas, tap_schema.tables, tap_schema.columns, tap_schema.keys, tap_schema.key_columns")
        try bumpGeneration(on: session)
        return .published
    }

    /// Tells every server process that what is published has changed, once the transaction is through.
    package static func bumpGeneration(on session: PostgresSession) throws(PostgresError) {
        try session.execute("UPDATE almagest.generation SET value = value + 1")
    }

    /// A name that something else has taken is left alone.
    private static func refuseForeignTables(_ publication: Publication, former: Descriptor?, on session: PostgresSession) throws {
        for view in publication.views {
            let standing = try session.query(
                "SELECT c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                [.text(view.schema), .text(view.name)])
            if standing.count > 0, standing.string(0, 0) != "v" {
                throw TAPSchemaError.nameTaken("\(view.schema).\(view.name)", by: "a table that is not this archive's")
            }
        }
        for table in publication.descriptor.tables where former?.table(named: table.name)?.schema != table.schema {
            let name = SchemaRows.adqlName(table)
            let listed = try session.query("SELECT 1 FROM tap_schema.tables WHERE table_name = $1", [.text(name)])
            if listed.count > 0 { throw TAPSchemaError.nameTaken(name, by: "another collection") }
        }
    }

    /// A table of rows whose shape changes is made anew when it is empty, and else refused.
    private static func clearRowTables(_ publication: Publication, former: Descriptor?, on session: PostgresSession) throws {
        let installed = (former?.tables ?? []).compactMap(RowTable.init)
        for old in installed {
            let new = publication.rowTables.first { $0.schema == old.schema && $0.name == old.name }
            let difference = new.map { $0.difference(from: old) } ?? "the table would be gone"
            guard let difference else { continue }
            guard try session.query("SELECT to_regclass($1) IS NOT NULL", [.text(old.sqlName)]).bool(0, 0) == true else { continue }
            if try session.query("SELECT EXISTS (SELECT 1 FROM \(old.sqlName))").bool(0, 0) == true {
                throw TAPSchemaError.rowsInTheWay(table: "\(publication.descriptor.schema.name).\(old.name)", difference: difference)
            }
            try session.execute("DROP TABLE \(old.sqlName) CASCADE")
        }
    }
}
