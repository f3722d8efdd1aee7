import TableModel

/// The table of rows behind a published table of objects: what lies there, under which names.
///
/// It stands in a schema of its own that no query reaches; the published view joins the facts of the file to each row.
package struct RowTable: Hashable, Sendable {
    /// The file that the row's object lies in.
    package static let fileID = "file_id"

    package let schema: String
    package let name: String
    /// Columns that ingest writes: fields and the object's name, in the descriptor's order.
    package let written: [Descriptor.Column]
    /// Columns that PostgreSQL derives and stores.
    package let derived: [Descriptor.Column]
    package let key: String
    private let indexes: [Descriptor.Index]

    /// Nil for tables that don't come from objects.
    package init?(_ table: Descriptor.Table) {
        guard case .objects = table.source, let key = table.key else { return nil }
        schema = "\(table.schema)_rows"
        name = table.name
        self.key = key
        written = table.columns.filter { column in
            switch column.value {
            case .field, .objectName, .objectRow: true
            default: false
            }
        }
        derived = table.columns.filter { if case .derived = $0.value { true } else { false } }
        indexes = table.indexes
    }

    /// As SQL writes it.
    package var sqlName: String { SQLText.name(schema, name) }

    /// The column that says which of the file's objects it is: that of the name, or of the row's place, or else of the key, by whose value the row is
    /// found in the file.
    package var keyName: String {
        written.first { $0.value == .objectName || $0.value == .objectRow }?.name ?? key
    }

    /// The field that the key lies in.
    package var keyField: String {
        if case .field(let field)? = written.first(where: { $0.name == key })?.value { field } else { key }
    }

    /// Makes schema, table and indexes where they are missing.
    var ddl: [String] {
        ["CREATE SCHEMA IF NOT EXISTS \(SQLText.name(schema))", creation] + indexes.map(index)
            + [
                "CREATE INDEX IF NOT EXISTS \(SQLText.name(SQLText.shortened("\(name)_file_id"))) ON \(sqlName) (\(Self.fileID))"
            ]
    }

    private var creation: String {
        var lines = ["\(Self.fileID) integer NOT NULL REFERENCES almagest.files (file_id) ON DELETE CASCADE"]
        for column in written {
            let constraint = column.name == key ? " PRIMARY KEY" : [.objectName, .objectRow].contains(column.value) ? " NOT NULL" : ""
            lines.append("\(SQLText.name(column.name)) \(column.type.sql)\(constraint)")
        }
        for column in derived {
            guard case .derived(let expression) = column.value else { continue }
            lines.append("\(SQLText.name(column.name)) \(column.type.sql) GENERATED ALWAYS AS (\(expression)) STORED")
        }
        return "CREATE TABLE IF NOT EXISTS \(sqlName) (\n    \(lines.joined(separator: ",\n    "))\n)"
    }

    private func index(_ index: Descriptor.Index) -> String {
        let columns = index.columns.map(SQLText.name)
        let label = "\(name)_\(index.columns.joined(separator: "_"))"
        switch index.kind {
        case .btree:
            return
                "CREATE INDEX IF NOT EXISTS \(SQLText.name(SQLText.shortened("\(label)_btree"))) ON \(sqlName) (\(columns.joined(separator: ", ")))"
        case .sky(.spoint):
            let point = "spoint(radians(\(columns[0])), radians(\(columns[1])))"
            return "CREATE INDEX IF NOT EXISTS \(SQLText.name(SQLText.shortened("\(label)_spoint"))) ON \(sqlName) USING gist (\(point))"
        case .sky(.q3c):
            let pixel = "q3c_ang2ipix(\(columns[0]), \(columns[1]))"
            return "CREATE INDEX IF NOT EXISTS \(SQLText.name(SQLText.shortened("\(label)_q3c"))) ON \(sqlName) (\(pixel))"
        }
    }

    /// What differs between the shapes of two versions of a table, in words; nil when rows of one fit the other.
    func difference(from installed: RowTable) -> String? {
        let before = Self.shape(installed)
        let after = Self.shape(self)
        if key != installed.key { return "the key was \(installed.key) and would be \(key)" }
        for (name, shape) in before where after[name] != shape {
            return after[name].map { "column \(name) was \(shape) and would be \($0)" } ?? "column \(name) would be gone"
        }
        return after.keys.sorted().first { before[$0] == nil }.map { "column \($0) would be new" }
    }

    private static func shape(_ table: RowTable) -> [String: String] {
        Dictionary(
            (table.written + table.derived).map { column in
                let origin =
                    switch column.value {
                    case .field(let field): " from field \(field)"
                    case .derived(let expression): " derived as \(expression)"
                    default: ""
                    }
                return (column.name, "\(column.type.sql)\(origin)")
            }, uniquingKeysWith: { first, _ in first })
    }
}
