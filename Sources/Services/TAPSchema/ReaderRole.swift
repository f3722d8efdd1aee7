package import Postgres

/// The role under which queries run: it may read what is published, and nothing else.
///
/// The room SQL writes nothing but SELECTs on published tables; this is the second lock on the same door. Roles belong to the whole cluster,
/// grants to one database.
package enum ReaderRole {
    package static let name = "almagest_reader"

    /// Whether a session can take the role on: it exists, and the session's user is a member of it.
    package static func isUsable(on session: PostgresSession) throws(PostgresError) -> Bool {
        try session.query(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'member'))", [.text(name)]
        ).bool(0, 0) ?? false
    }

    /// Makes the role where the session's user may. Where it may not, queries run as that user; the operator can make the role.
    static func create(on session: PostgresSession) throws(PostgresError) {
        // Two databases of a cluster may make it at once.
        try session.execute(
            """
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(name)') THEN CREATE ROLE \(name) NOLOGIN; END IF;
            EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
            END $$
            """)
    }

    /// Lets the role read all that is published: the role may be younger than the collections.
    static func grantAll(on session: PostgresSession) throws {
        if try session.query("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", [.text(name)]).bool(0, 0) == true {
            // Each uploaded table is granted when it comes in.
            try session.execute("GRANT USAGE ON SCHEMA almagest, almagest_upload TO \(name)")
        }
        let installed = try session.query("SELECT name, descriptor FROM almagest.collections ORDER BY name")
        for row in 0..<installed.count {
            guard let name = installed.string(row, 0), let text = installed.string(row, 1),
                let descriptor = try? Descriptor(yaml: text, source: name)
            else { continue }
            try grant(descriptor, on: session)
        }
    }

    /// Lets the role read a collection's published tables, and use the functions that translated queries call.
    static func grant(_ descriptor: Descriptor, on session: PostgresSession) throws(PostgresError) {
        guard try session.query("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", [.text(name)]).bool(0, 0) == true else { return }
        try session.execute("GRANT USAGE ON SCHEMA almagest TO \(name)")
        for table in descriptor.tables {
            let (schema, relation): (String, String) =
                if case .relation(let schema, let name) = table.source { (schema, name) } else { (table.schema, table.name) }
            // A relation that its owner took away, or keeps to himself, is no reason not to serve the others.
            try session.execute(
                """
                DO $grant$ BEGIN
                    GRANT USAGE ON SCHEMA \(SQLText.name(schema)) TO \(name);
                    GRANT SELECT ON \(SQLText.name(schema, relation)) TO \(name);
                EXCEPTION WHEN undefined_table OR invalid_schema_name OR insufficient_privilege THEN NULL;
                END $grant$
                """)
        }
    }
}
