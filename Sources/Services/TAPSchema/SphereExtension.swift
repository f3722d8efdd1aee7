package import Postgres

/// pgSphere in a database: whether it is there, and how it came.
package enum SphereExtension {
    package enum Provision: Hashable, Sendable, CustomStringConvertible {
        /// By CREATE EXTENSION.
        case created(version: String)
        /// From the package's own script, because CREATE EXTENSION fails on this version of PostgreSQL.
        case loadedFromScript
        case missing

        package var description: String {
            switch self {
            case .created(let version): "pg_sphere \(version), by CREATE EXTENSION"
            case .loadedFromScript:
                "pg_sphere from its package's script without the operator clauses that this PostgreSQL refuses (CREATE EXTENSION fails here)"
            case .missing: "pg_sphere is missing"
            }
        }
    }

    /// How pgSphere stands in this database now.
    package static func provision(on session: PostgresSession) throws(TAPSchemaError) -> Provision {
        try TAPSchemaError.wording("look for pg_sphere") {
            let found = try session.query(
                """
                SELECT e.extversion, n.nspname, to_regtype('spoint') IS NOT NULL AND to_regtype('smoc') IS NOT NULL
                FROM (VALUES (1)) one LEFT JOIN pg_extension e ON e.extname = 'pg_sphere' LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
                """)
            let isInReach = found.bool(0, 2) ?? false
            if let version = found.string(0, 0) {
                guard isInReach else { throw TAPSchemaError.extensionElsewhere("pg_sphere", schema: found.string(0, 1) ?? "") }
                return .created(version: version)
            }
            return isInReach ? .loadedFromScript : .missing
        }
    }

    /// Brings pgSphere into the database where it is missing. Runs inside the caller's transaction.
    ///
    /// PostgreSQL 15.20 and its contemporaries refuse two operators of pgSphere 1.2's script and with them the whole extension: a commutator
    /// may no longer be claimed twice. On exactly this error the package's script is loaded with the claims left out. Nothing outside
    /// the database is touched.
    package static func install(on session: PostgresSession) throws(TAPSchemaError) -> Provision {
        let standing = try provision(on: session)
        guard standing == .missing else { return standing }
        let available = try TAPSchemaError.wording("list extensions") {
            try session.query(
                """
                SELECT default_version, current_setting('server_version_num')::int / 10000
                FROM (VALUES (1)) one LEFT JOIN pg_available_extensions ON name = 'pg_sphere'
                """)
        }
        guard let version = available.string(0, 0) else {
            throw .extensionMissing("pg_sphere", serverVersion: Int(available.int(0, 1) ?? 15))
        }
        let refusal: PostgresError
        do throws(PostgresError) {
            try session.execute("SAVEPOINT sphere; CREATE EXTENSION pg_sphere SCHEMA public; RELEASE sphere")
            return .created(version: version)
        } catch {
            refusal = error
        }
        guard isCommutatorClash(refusal) else { throw .database(refusal, doing: "create extension pg_sphere") }
        do {
            try session.execute("ROLLBACK TO sphere; RELEASE sphere")
            try loadScript(version: version, on: session)
        } catch let error as TAPSchemaError {
            throw error
        } catch {
            throw .extensionScript("pg_sphere", reason: "the script failed", cause: error as? PostgresError)
        }
        return .loadedFromScript
    }

    /// `commutator operator @> is already the commutator of operator <@`, in any language of the server's messages.
    static func isCommutatorClash(_ error: PostgresError) -> Bool {
        error.sqlstate == "42P13" && error.message.contains("@>") && error.message.contains("<@")
    }

    /// Whoever may create the extension may also have the server read its script, so this works for a server on another machine too.
    private static func loadScript(version: String, on session: PostgresSession) throws {
        let read: PostgresResult
        do throws(PostgresError) {
            read = try session.query(
                """
                SELECT pg_read_file(setting || '/extension/pg_sphere--' || $1 || '.sql') FROM pg_config WHERE name = 'SHAREDIR'
                """, [.text(version)])
        } catch {
            throw TAPSchemaError.extensionScript("pg_sphere", reason: "the server can't read it", cause: error)
        }
        guard let script = read.string(0, 0), let mended = mend(script) else {
            throw TAPSchemaError.extensionScript("pg_sphere", reason: "version \(version) differs from what is known")
        }
        let searchPath = try session.query("SELECT current_setting('search_path')").string(0, 0) ?? "public"
        try session.execute("SET LOCAL search_path = public; SET LOCAL check_function_bodies = off; SET LOCAL client_min_messages = error")
        try session.execute(mended)
        _ = try session.query("SELECT set_config('search_path', $1, true)", [.text(searchPath)])
        try session.execute("SET LOCAL client_min_messages TO DEFAULT; SET LOCAL check_function_bodies TO DEFAULT")
    }

    /// The script for a plain session: without psql's guard line, with the library's name, and without the commutators and negators
    /// that the legacy operators `@ (bigint|spoint, smoc)` claim beside `<@`.
    ///
    /// - Returns: nil unless exactly these four clauses were found.
    static func mend(_ script: String) -> String? {
        var lines: [Substring] = []
        var removed = 0
        var operatorLines: [Substring]?
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("\\") { continue }
            if line.hasPrefix("CREATE OPERATOR @ (") { operatorLines = [] }
            guard operatorLines != nil else {
                lines.append(line)
                continue
            }
            operatorLines?.append(line)
            guard line.hasPrefix(");"), let block = operatorLines else { continue }
            operatorLines = nil
            let isClashing = value(of: "RIGHTARG", in: block) == "smoc" && ["bigint", "spoint"].contains(value(of: "LEFTARG", in: block))
            let kept = isClashing ? block.filter { key(of: $0) != "COMMUTATOR" && key(of: $0) != "NEGATOR" } : block
            removed += block.count - kept.count
            lines += kept
        }
        guard removed == 4, operatorLines == nil else { return nil }
        return lines.joined(separator: "\n").split(separator: "MODULE_PATHNAME", omittingEmptySubsequences: false)
            .joined(separator: "$libdir/pg_sphere")
    }

    private static func key(of line: Substring) -> String {
        String((line.split(separator: "=").first ?? "").filter { !$0.isWhitespace }).uppercased()
    }

    private static func value(of key: String, in block: [Substring]) -> String {
        let line = block.first { self.key(of: $0) == key } ?? ""
        return String((line.split(separator: "=").last ?? "").filter { !$0.isWhitespace && $0 != "," }).lowercased()
    }
}
