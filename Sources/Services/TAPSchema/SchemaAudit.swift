package import Postgres
import TableModel

/// Compares TAP_SCHEMA with what PostgreSQL really has.
package enum SchemaAudit {
    /// The state of a database as `almagest check` tells it.
    package struct Report: Sendable {
        package var sphere: SphereExtension.Provision
        package var hasQ3C: Bool
        package var generation: Int64
        package var collections: [Collection]
        /// What TAP_SCHEMA promises and PostgreSQL does not hold. Empty when all is well.
        package var faults: [String]
    }

    package struct Collection: Hashable, Sendable {
        package var name: String
        package var tables: [String]
        package var files: Int
        package var objects: Int
    }

    /// - Throws: ``TAPSchemaError`` with the code notInstalled where there is no archive.
    package static func report(on session: PostgresSession) throws(TAPSchemaError) -> Report {
        let archive = try CatalogueReader.read(on: session)
        return try TAPSchemaError.wording("check TAP_SCHEMA") {
            let q3c = try session.query("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'q3c')")
            let rows = try session.query(
                """
                SELECT c.name, count(f.file_id), coalesce(sum(f.objects), 0) FROM almagest.collections c
                LEFT JOIN almagest.files f ON f.collection = c.name WHERE c.name <> 'tap_schema' GROUP BY c.name ORDER BY c.name
                """)
            let datasets = archive.holdings.datasets
            let collections = (0..<rows.count).map { row in
                let name = rows.string(row, 0) ?? ""
                return Collection(
                    name: name, tables: datasets.filter { $0.collection == name }.map(\.fullName), files: Int(rows.int(row, 1) ?? 0),
                    objects: Int(rows.int(row, 2) ?? 0))
            }
            let faults = try archive.catalogue.tables.flatMap { try Self.faults(of: $0, in: archive.catalogue, on: session) }
            return Report(
                sphere: try SphereExtension.provision(on: session), hasQ3C: q3c.bool(0, 0) ?? false, generation: archive.generation,
                collections: collections, faults: archive.omissions + faults)
        }
    }

    private static func faults(of table: Table, in catalogue: Catalogue, on session: PostgresSession) throws -> [String] {
        let rows = try session.query(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
            WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
            """, [.text(SQLText.name(table.sqlSchema, table.sqlName))])
        guard rows.count > 0 else { return ["table \(table.adqlName) is published and does not exist"] }
        var types: [String: String] = [:]
        for row in 0..<rows.count { types[rows.string(row, 0) ?? ""] = rows.string(row, 1) }
        var faults: [String] = []
        if table.columns.isEmpty { faults.append("table \(table.adqlName) is published without columns") }
        for column in table.columns {
            guard let found = types[column.sqlName] else {
                faults.append("column \(column.adqlName) of \(table.adqlName) is published and does not exist")
                continue
            }
            if !matches(found, column.type) {
                faults.append("column \(column.adqlName) of \(table.adqlName) is published as \(column.type.sql) and is \(found)")
            }
        }
        for key in table.foreignKeys {
            let target = catalogue.table(schema: key.targetSchema, name: key.targetTable)
            for pair in key.columns {
                let isWhole =
                    table.columns.contains { $0.name == pair.from } && target?.columns.contains { $0.name == pair.target } ?? false
                if !isWhole { faults.append("key \(key.id) of \(table.adqlName) names columns that are not published") }
            }
        }
        return faults
    }

    /// Text of any length serves any text.
    private static func matches(_ found: String, _ type: ValueType) -> Bool {
        switch type {
        case .char, .varchar: found == "text" || found.hasPrefix("character")
        default: found == type.sql
        }
    }
}
