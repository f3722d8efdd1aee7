package import Postgres
import TableModel

/// Reads what is published out of a database.
package enum CatalogueReader {
    /// The generation counter: another value than last time means that ``read(on:)`` would answer differently.
    package static func generation(on session: PostgresSession) throws(TAPSchemaError) -> Int64 {
        do throws(PostgresError) {
            return try session.query("SELECT value FROM almagest.generation").int(0, 0) ?? 0
        } catch {
            // Undefined table, invalid schema name.
            throw ["42P01", "3F000"].contains(error.sqlstate) ? .notInstalled() : .database(error, doing: "read the generation")
        }
    }

    /// TAP_SCHEMA as a catalogue, and the tables with data behind it, from one snapshot.
    ///
    /// TAP_SCHEMA says what is published; the collections' descriptors add what it has no words for: which columns are made from a row's
    /// key, which positions are indexed, where rows lie.
    package static func read(on session: PostgresSession) throws(TAPSchemaError) -> PublishedArchive {
        try TAPSchemaError.wording("read TAP_SCHEMA") {
            try session.transaction {
                try session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                let generation = try generation(on: session)
                let texts = try session.query("SELECT name, descriptor FROM almagest.collections ORDER BY name")
                var descriptors: [Descriptor] = []
                var omissions: [String] = []
                for row in 0..<texts.count {
                    guard let name = texts.string(row, 0), let text = texts.string(row, 1) else { continue }
                    do {
                        descriptors.append(try Descriptor(yaml: text, source: name))
                    } catch {
                        omissions.append("the installed descriptor of \(name) can't be read: \(error)")
                    }
                }
                var assembly = CatalogueAssembly(descriptors: descriptors, omissions: omissions)
                try assembly.read(on: session)
                return PublishedArchive(
                    generation: generation, catalogue: assembly.catalogue, holdings: Holdings(descriptors), omissions: assembly.omissions)
            }
        }
    }
}

/// A catalogue while it is put together from the tables of TAP_SCHEMA.
private struct CatalogueAssembly {
    var omissions: [String]
    private let declared: [String: Descriptor.Table]
    private var schemas: [Catalogue.Schema] = []
    private var tables: [Table] = []
    private var positions: [String: Int] = [:]

    init(descriptors: [Descriptor], omissions: [String]) {
        self.omissions = omissions
        let tables = descriptors.flatMap(\.tables).map { (SchemaRows.adqlName($0), $0) }
        declared = Dictionary(tables) { first, _ in first }
    }

    var catalogue: Catalogue { Catalogue(schemas: schemas, tables: tables) }

    mutating func read(on session: PostgresSession) throws {
        try readSchemas(on: session)
        try readTables(on: session)
        try readColumns(on: session)
        try readKeys(on: session)
        try readCounts(on: session)
    }

    private mutating func readSchemas(on session: PostgresSession) throws {
        let rows = try session.query("SELECT schema_name, utype, description FROM tap_schema.schemas ORDER BY schema_index, schema_name")
        schemas = (0..<rows.count).map { row in
            Catalogue.Schema(name: Self.bare(rows.string(row, 0) ?? ""), description: rows.string(row, 2), utype: rows.string(row, 1))
        }
    }

    private mutating func readTables(on session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT t.schema_name, t.table_name, t.table_type, t.utype, t.description FROM tap_schema.tables t
            JOIN tap_schema.schemas s USING (schema_name) ORDER BY s.schema_index, s.schema_name, t.table_index, t.table_name
            """)
        for row in 0..<rows.count {
            let listed = rows.string(row, 1) ?? ""
            let parts = Self.parts(listed)
            guard let name = parts.last, parts.count <= 2 else {
                omissions.append("table \(listed) has a name that no query can write")
                continue
            }
            let schema = parts.count == 2 ? parts[0] : Self.bare(rows.string(row, 0) ?? "")
            var table = Table(
                schema: schema, name: name, type: rows.string(row, 2) ?? "table", description: rows.string(row, 4),
                utype: rows.string(row, 3), columns: [])
            if let declaration = declared[listed] {
                if case .relation(let sqlSchema, let sqlName) = declaration.source {
                    table.sqlSchema = sqlSchema
                    table.sqlName = sqlName
                }
                if declaration.columns.contains(where: { $0.value == .identifier || $0.value == .accessURL }) {
                    table.tag = declaration.tag
                }
                table.positions = declaration.indexes.compactMap { index in
                    guard case .sky(let kind) = index.kind, index.columns.count == 2 else { return nil }
                    return PositionIndex(kind: kind, longitude: index.columns[0], latitude: index.columns[1])
                }
            }
            positions[listed] = tables.count
            tables.append(table)
        }
    }

    private mutating func readColumns(on session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT table_name, column_name, datatype, arraysize, xtype, description, utype, unit, ucd, indexed, principal, std
            FROM tap_schema.columns ORDER BY table_name, column_index, column_name
            """)
        for row in 0..<rows.count {
            let table = rows.string(row, 0) ?? ""
            let listed = rows.string(row, 1) ?? ""
            guard let position = positions[table] else { continue }
            let name = Self.bare(listed)
            let declaration = declared[table]
            let declared = declaration?.column(named: name)
            let isMade = declared?.value == .identifier || declared?.value == .accessURL
            let datatype = rows.string(row, 2) ?? ""
            let read = ColumnType.read(datatype: datatype, arraysize: rows.string(row, 3), xtype: rows.string(row, 4))
            guard let type = isMade ? declared?.type : read else {
                omissions.append("column \(listed) of \(table) has the type \(datatype), which can't be served")
                continue
            }
            var column = Column(
                name, type, unit: rows.string(row, 7), ucd: rows.string(row, 8), utype: rows.string(row, 6),
                description: rows.string(row, 5), indexed: rows.int(row, 9) == 1, principal: rows.int(row, 10) == 1,
                std: rows.int(row, 11) == 1, sqlName: isMade ? declaration?.key : nil)
            if datatype == VOTableType.Datatype.unicodeChar.rawValue {
                column.declared = VOTableType(.unicodeChar, arraysize: type.votable.arraysize)
            }
            tables[position].columns.append(column)
        }
    }

    private mutating func readKeys(on session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT k.key_id, k.from_table, k.target_table, k.description, k.utype, c.from_column, c.target_column
            FROM tap_schema.keys k JOIN tap_schema.key_columns c USING (key_id) ORDER BY k.from_table, k.key_id, c.from_column
            """)
        for row in 0..<rows.count {
            guard let id = rows.string(row, 0), let position = positions[rows.string(row, 1) ?? ""],
                let target = positions[rows.string(row, 2) ?? ""]
            else { continue }
            let pair = ForeignKey.Pair(from: Self.bare(rows.string(row, 5) ?? ""), target: Self.bare(rows.string(row, 6) ?? ""))
            if let known = tables[position].foreignKeys.firstIndex(where: { $0.id == id }) {
                tables[position].foreignKeys[known].columns.append(pair)
            } else {
                tables[position].foreignKeys.append(
                    ForeignKey(
                        id: id, targetSchema: tables[target].schema, targetTable: tables[target].name, columns: [pair],
                        description: rows.string(row, 3), utype: rows.string(row, 4)))
            }
        }
    }

    /// The planner's estimates. A joined table has as many rows as the one on its left, whose rows each find one partner at most.
    private mutating func readCounts(on session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT n.nspname, c.relname, c.reltuples::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0 AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """)
        var counts: [String: Int] = [:]
        for row in 0..<rows.count {
            counts[SQLText.name(rows.string(row, 0) ?? "", rows.string(row, 1) ?? "")] = rows.int(row, 2).map(Int.init)
        }
        for position in tables.indices {
            let listed = tables[position].adqlName
            tables[position].nrows =
                count(of: declared[listed], counts) ?? counts[SQLText.name(tables[position].sqlSchema, tables[position].sqlName)]
        }
    }

    private func count(of table: Descriptor.Table?, _ counts: [String: Int]) -> Int? {
        guard let table else { return nil }
        switch table.source {
        case .objects: return RowTable(table).flatMap { counts[$0.sqlName] }
        case .relation(let schema, let name): return counts[SQLText.name(schema, name)]
        case .join(let from, _, _): return count(of: declared["\(Identifier.adql(table.schema)).\(Identifier.adql(from))"], counts)
        }
    }

    // MARK: - Names as TAP_SCHEMA writes them

    /// `"size"` is size.
    private static func bare(_ name: String) -> String {
        parts(name).count == 1 ? parts(name)[0] : name
    }

    /// `gaia."2mass"` is gaia, 2mass.
    private static func parts(_ name: String) -> [String] {
        var parts: [String] = [""]
        var isInside = false
        var previous: Character?
        for character in name {
            switch character {
            case "\"":
                // Two in a row stand for one.
                if !isInside && previous == "\"" { parts[parts.count - 1].append("\"") }
                isInside.toggle()
            case "." where !isInside: parts.append("")
            default: parts[parts.count - 1].append(character)
            }
            previous = character
        }
        return parts
    }
}
