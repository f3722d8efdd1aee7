import Foundation
package import Postgres
package import TableModel

/// Tables that outlive the query that they came with.
extension UploadDesk {
    /// Keeps tables because their query is stored and may be run again; dropped meanwhile, they stay until the time is over.
    ///
    /// Where more is kept than ``UploadLimits/kept`` bytes, the tables with the least time left go first.
    package func keep(_ tables: [UploadedTable], for time: Duration) async throws {
        let names = tables.map(\.sqlName)
        try await housekeeping.withSession { session in
            _ = try session.query(
                """
                UPDATE almagest.uploads SET process = NULL, kept_until = now() + make_interval(secs => $2::float8)
                WHERE table_name = ANY ($1)
                """, [.textArray(names), .int(time.components.seconds)])
        }
    }

    /// Whether tables are there with their rows: a crash of PostgreSQL empties those that no job depends on.
    package func areWhole(_ tables: [UploadedTable]) async throws -> Bool {
        try await housekeeping.withSession { session in
            for table in tables {
                let name = "\(UploadedTable.sqlSchema).\(table.sqlName)"
                guard Identifier.isRegular(table.sqlName),
                    try session.query("SELECT to_regclass($1) IS NOT NULL", [.text(name)]).bool(0, 0) == true
                else { return false }
                if table.rows > 0, try session.query("SELECT FROM \(name) LIMIT 1").count == 0 { return false }
            }
            return true
        }
    }

    /// What is kept beyond its time, and what is kept beyond the limit in bytes.
    ///
    /// A job's table came in before its job was written down; one that no job names after a day has none.
    static func superfluous(limit: Int, on session: PostgresSession) throws(PostgresError) -> [String] {
        let rows = try session.query(
            """
            WITH free AS (
                SELECT table_name, kept_until, created_at FROM almagest.uploads u WHERE process IS NULL
                AND NOT EXISTS (SELECT FROM almagest.jobs j WHERE strpos(j.payload, u.table_name) > 0))
            SELECT table_name FROM free WHERE coalesce(kept_until, created_at + interval '1 day') < now()
            UNION ALL
            SELECT table_name FROM (
                SELECT table_name, sum(pg_total_relation_size(to_regclass('\(UploadedTable.sqlSchema).' || table_name)))
                    OVER (ORDER BY kept_until DESC, table_name) AS total
                FROM free WHERE kept_until >= now()) kept
            WHERE total > $1::bigint
            """, [.int(Int64(limit))])
        return (0..<rows.count).compactMap { rows.string($0, 0) }
    }

    // MARK: - Tables of the archive's own making

    /// A statement that gives rows, with its parameters.
    package struct Source: Sendable {
        package var sql: String
        package var parameters: [PostgresValue]

        package init(_ sql: String, _ parameters: [PostgresValue]) {
            self.sql = sql
            self.parameters = parameters
        }
    }

    /// Makes a table of rows that the database itself gives, as if a request had brought it.
    ///
    /// - Parameters:
    ///   - name: as a query finds it behind `TAP_UPLOAD.`
    ///   - columns: of whole numbers or texts.
    ///   - sources: the archive's own statements, whose rows come one after the other.
    ///   - isLasting: for a job, whose table outlives this process and a crash of PostgreSQL.
    /// - Throws: ``UploadError`` for more rows than an upload may have; `PostgresError`.
    package func make(_ name: String, columns: [Column], of sources: [Source], isLasting: Bool = false) async throws -> UploadedTable {
        try await pool.withSession { [limits, reader, process] session in
            let sqlName = Self.freshName()
            let relation = "\(UploadedTable.sqlSchema).\(sqlName)"
            var columns = columns
            for index in columns.indices { columns[index].sqlName = "c\(index + 1)" }
            return try session.transaction { [columns] in
                let definitions = columns.map { "\($0.sqlName) \($0.type.relationType)" }.joined(separator: ", ")
                try session.execute("CREATE \(isLasting ? "" : "UNLOGGED ")TABLE \(relation) (\(definitions))")
                var rows = 0
                for source in sources { rows += try session.query("INSERT INTO \(relation) \(source.sql)", source.parameters).affected }
                guard rows <= limits.rows else { throw UploadError.unreadable(UploadError.tooManyRows(limit: limits.rows), table: name) }
                try session.execute("ANALYZE \(relation)")
                if let reader { try session.execute("GRANT SELECT ON \(relation) TO \(reader)") }
                try session.query(
                    "INSERT INTO almagest.uploads (table_name, process) VALUES ($1, $2)",
                    [.text(sqlName), isLasting ? .null : .int(Int64(process))])
                return UploadedTable(name: name, sqlName: sqlName, columns: columns, positions: [], rows: rows)
            }
        }
    }

    /// Reads a table that a request has brought, or that ``make(_:columns:of:isLasting:)`` made.
    ///
    /// - Parameters:
    ///   - limit: rows at which to stop.
    ///   - value: makes something of a row; its columns come in the table's order.
    package func read<Value: Sendable>(
        _ table: UploadedTable, limit: Int, _ value: @escaping @Sendable (PostgresResult, Int) -> Value?
    ) async throws -> [Value] {
        guard Identifier.isRegular(table.sqlName) else { return [] }
        return try await pool.withSession { session in
            let columns = table.columns.map(\.sqlName).filter(Identifier.isRegular).joined(separator: ", ")
            let rows = try session.query(
                "SELECT \(columns) FROM \(UploadedTable.sqlSchema).\(table.sqlName) LIMIT $1::bigint", [.int(Int64(limit))])
            return (0..<rows.count).compactMap { value(rows, $0) }
        }
    }

    static func freshName() -> String {
        "u_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
    }
}
