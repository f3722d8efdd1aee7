import Postgres
import TableModel

/// The rows of TAP_SCHEMA that describe a collection (TAP 1.1 §4).
struct SchemaRows {
    let descriptor: Descriptor

    /// Places of schemas in lists: those with data before TAP_SCHEMA.
    private static let standardIndex = 10_000

    /// Writes the rows anew. Rows of tables that only `former` had go; what others wrote about their own tables stays.
    func write(on session: PostgresSession, former: Descriptor?) throws {
        let names = descriptor.tables.map(Self.adqlName)
        let gone = (former?.tables ?? []).map(Self.adqlName).filter { !names.contains($0) }
        let ours: [PostgresValue] = [.textArray(names + gone)]
        let withdrawn: [PostgresValue] = [.textArray(gone)]
        try session.query(
            "DELETE FROM tap_schema.key_columns WHERE key_id IN (SELECT key_id FROM tap_schema.keys WHERE from_table = ANY($1))", ours)
        try session.query("DELETE FROM tap_schema.keys WHERE from_table = ANY($1)", ours)
        try session.query("DELETE FROM tap_schema.columns WHERE table_name = ANY($1)", ours)
        try session.query(
            """
            DELETE FROM tap_schema.key_columns WHERE key_id IN (SELECT key_id FROM tap_schema.keys WHERE target_table = ANY($1))
            """, withdrawn)
        try session.query("DELETE FROM tap_schema.keys WHERE target_table = ANY($1)", withdrawn)
        try session.query("DELETE FROM tap_schema.tables WHERE table_name = ANY($1)", withdrawn)
        try writeSchema(on: session)
        for (index, table) in descriptor.tables.enumerated() { try write(table, index: index + 1, on: session) }
        for table in descriptor.tables { try writeKeys(of: table, on: session) }
        if let former, former.schema.name != descriptor.schema.name {
            try session.query(
                """
                DELETE FROM tap_schema.schemas s WHERE schema_name = $1
                AND NOT EXISTS (SELECT 1 FROM tap_schema.tables t WHERE t.schema_name = s.schema_name)
                """, [.text(Identifier.adql(former.schema.name))])
        }
    }

    private func writeSchema(on session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO tap_schema.schemas (schema_name, utype, description, schema_index)
            VALUES ($1, $2, $3, CASE WHEN $4::boolean THEN \(Self.standardIndex) ELSE
                (SELECT coalesce(max(schema_index), 0) + 1 FROM tap_schema.schemas WHERE schema_index < \(Self.standardIndex)) END)
            ON CONFLICT (schema_name) DO UPDATE SET utype = excluded.utype, description = excluded.description
            """,
            [
                .text(Identifier.adql(descriptor.schema.name)), Self.text(descriptor.schema.utype),
                Self.text(descriptor.schema.description), .bool(descriptor.standard),
            ])
    }

    private func write(_ table: Descriptor.Table, index: Int, on session: PostgresSession) throws {
        let name = Self.adqlName(table)
        let type = if case .join = table.source { "view" } else { "table" }
        try session.query(
            """
            INSERT INTO tap_schema.tables (schema_name, table_name, table_type, utype, description, table_index)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (table_name) DO UPDATE SET schema_name = excluded.schema_name, table_type = excluded.table_type,
                utype = excluded.utype, description = excluded.description, table_index = excluded.table_index
            """,
            [
                .text(Identifier.adql(table.schema)), .text(name), .text(type), Self.text(table.utype), Self.text(table.description),
                .int(Int64(index)),
            ])
        for (index, column) in table.columns.filter(\.published).enumerated() {
            let type = column.type.votable
            try session.query(
                """
                INSERT INTO tap_schema.columns (table_name, column_name, datatype, arraysize, xtype, "size", description, utype, unit, ucd,
                    indexed, principal, std, column_index)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                """,
                [
                    .text(name), .text(Identifier.adql(column.name)), .text((column.isUnicode ? .unicodeChar : type.datatype).rawValue),
                    Self.text(type.arraysize),
                    Self.text(type.xtype), type.size.map { .int(Int64($0)) } ?? .null, Self.text(column.description),
                    Self.text(column.utype), Self.text(column.unit), Self.text(column.ucd), .int(column.indexed ? 1 : 0),
                    .int(column.principal ? 1 : 0), .int(descriptor.standard ? 1 : 0), .int(Int64(index + 1)),
                ])
        }
    }

    private func writeKeys(of table: Descriptor.Table, on session: PostgresSession) throws {
        for (index, key) in table.foreignKeys.enumerated() {
            let id = "\(table.fullName).\(index + 1)"
            try session.query(
                "INSERT INTO tap_schema.keys (key_id, from_table, target_table, description, utype) VALUES ($1, $2, $3, $4, $5)",
                [
                    .text(id), .text(Self.adqlName(table)), .text("\(Identifier.adql(table.schema)).\(Identifier.adql(key.target))"),
                    Self.text(key.description), Self.text(key.utype),
                ])
            for pair in key.columns {
                try session.query(
                    "INSERT INTO tap_schema.key_columns (key_id, from_column, target_column) VALUES ($1, $2, $3)",
                    [.text(id), .text(Identifier.adql(pair.from)), .text(Identifier.adql(pair.target))])
            }
        }
    }

    static func adqlName(_ table: Descriptor.Table) -> String {
        "\(Identifier.adql(table.schema)).\(Identifier.adql(table.name))"
    }

    private static func text(_ value: String?) -> PostgresValue {
        value.map { .text($0) } ?? .null
    }
}
