import TableModel

/// The statements that bring a descriptor's tables into being.
struct Publication {
    let descriptor: Descriptor
    /// Tables of rows and their indexes; each can be run again.
    let rowTables: [RowTable]
    /// Published views in the order of creation.
    let views: [View]

    struct View: Hashable {
        let schema: String
        let name: String
        let sql: String
    }

    init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        rowTables = descriptor.tables.compactMap(RowTable.init)
        // Joined views stand on the others.
        let objects = descriptor.tables.compactMap { table in RowTable(table).map { Self.view(table, over: $0) } }
        let joined = descriptor.tables.compactMap { Self.join($0, in: descriptor) }
        views = objects + joined
    }

    /// Everything in one text: when it and the descriptor are the same, so is all that publishing would make.
    var text: String {
        (rowTables.flatMap(\.ddl) + views.map(\.sql)).joined(separator: ";\n")
    }

    /// Rows with their file's facts. The join is an outer one, so that PostgreSQL drops it from queries that ask for no fact of the file.
    private static func view(_ table: Descriptor.Table, over rows: RowTable) -> View {
        let columns = table.columns.filter(\.published).compactMap { column in
            switch column.value {
            case .field, .objectName, .objectRow, .derived: "r.\(SQLText.name(column.name))"
            case .file(let fact): "f.\(SQLText.name(fact.rawValue)) AS \(SQLText.name(column.name))"
            case .identifier, .accessURL, .other, .existing: nil
            }
        }
        let fileID = RowTable.fileID
        return View(
            schema: table.schema, name: table.name,
            sql: """
                CREATE VIEW \(SQLText.name(table.schema, table.name)) AS
                SELECT \(columns.joined(separator: ", "))
                FROM \(rows.sqlName) r LEFT JOIN almagest.files f ON f.\(fileID) = r.\(fileID)
                """)
    }

    /// Both sides are published views. What a query doesn't ask of the left-joined one costs nothing where its key is the join's column.
    private static func join(_ table: Descriptor.Table, in descriptor: Descriptor) -> View? {
        guard case .join(let from, let left, let pairs) = table.source, let from = descriptor.table(named: from),
            let left = descriptor.table(named: left)
        else { return nil }
        let columns = table.columns.filter(\.published).compactMap { column -> String? in
            guard case .other(let side, let name) = column.value else { return nil }
            return "\(side == from.name ? "a" : "b").\(SQLText.name(name)) AS \(SQLText.name(column.name))"
        }
        let condition = pairs.map { "b.\(SQLText.name($0.target)) = a.\(SQLText.name($0.from))" }
        return View(
            schema: table.schema, name: table.name,
            sql: """
                CREATE VIEW \(SQLText.name(table.schema, table.name)) AS
                SELECT \(columns.joined(separator: ", "))
                FROM \(relation(of: from)) a LEFT JOIN \(relation(of: left)) b ON \(condition.joined(separator: " AND "))
                """)
    }

    private static func relation(of table: Descriptor.Table) -> String {
        if case .relation(let schema, let name) = table.source {
            SQLText.name(schema, name)
        } else {
            SQLText.name(table.schema, table.name)
        }
    }
}
