package import Postgres
package import TableModel

/// A published table whose rows stand for objects in data files: how to get from a row's key to its object, and to related rows.
package struct Dataset: Hashable, Sendable {
    package var tag: TableTag
    /// Published names, without quotes.
    package var schema: String
    package var table: String
    package var collection: String
    /// Whom to thank.
    package var credit: String?
    package var description: String?
    package var layout: Descriptor.Layout
    /// Path of the group that columns lie below, or of the compound dataset; nil for keyed objects.
    package var place: String?
    /// The int8 column that names a row.
    package var keyColumn: String
    /// The column with the object's name inside its file, or its row there, or else the key itself.
    package var keyNameColumn: String
    /// As in ``Descriptor/Table/productType``.
    package var productType: String?
    package var links: Set<Descriptor.Link>
    package var relations: [Relation]
    package var rows: RowTable

    /// A way to rows of another table.
    package struct Relation: Hashable, Sendable {
        package var name: String
        package var target: TableTag
        package var targetSchema: String
        package var targetTable: String
        /// Columns that are equal: (of this table, of the target).
        package var columns: [ForeignKey.Pair]
        /// DataLink's term, as in `#counterpart`.
        package var semantics: String
        package var description: String
        var targetRows: RowTable
    }

    /// As in `gaia.completesource`.
    package var fullName: String { "\(schema).\(table)" }

    /// The field of the data file that the key lies in.
    package var keyField: String { rows.keyField }

    /// Whether a row of a file is found by its key's value there, since the table doesn't know its place.
    package var findsByKey: Bool { layout != .keyed && keyNameColumn == keyColumn }

    package func relation(named name: String) -> Relation? {
        relations.first { $0.name == name }
    }
}

/// The object that a row stands for.
package struct HeldObject: Hashable, Sendable {
    package var key: Int64
    /// The object's name inside the file; of a record its row, or its key's value, in decimal digits.
    package var keyName: String
    package var fileID: Int
}

extension Dataset {
    /// Finds objects by key: rows of (key, key_name, file_id), grouped by file. `$1` is an int8 array.
    package var objectsSQL: String {
        let key = SQLText.name(keyColumn)
        return """
            SELECT r.\(key), r.\(SQLText.name(keyNameColumn)), r.\(RowTable.fileID) FROM \(rows.sqlName) r
            WHERE r.\(key) = ANY($1::bigint[]) ORDER BY r.\(RowTable.fileID), r.\(key)
            """
    }

    /// Finds objects and their files by key. Keys that no row has are missing from the answer; a key that is asked for twice comes once.
    package func objects(
        of keys: [Int64], on session: PostgresSession
    ) throws(PostgresError) -> (objects: [HeldObject], files: [Int: FileFacts]) {
        let result = try session.query(objectsSQL, [.intArray(keys)])
        let objects = (0..<result.count).compactMap { row -> HeldObject? in
            guard let key = result.int(row, 0), let name = result.string(row, 1), let file = result.int(row, 2) else { return nil }
            return HeldObject(key: key, keyName: name, fileID: Int(file))
        }
        return (objects, try FileFacts.find(ids: Array(Set(objects.map(\.fileID))), on: session))
    }

    /// Finds the keys of related rows: rows of (key here, key there). `$1` is an int8 array of keys of this table.
    package func relatedSQL(_ relation: Relation) -> String {
        let target = relation.targetRows
        let join = relation.columns.map { "t.\(SQLText.name($0.target)) = r.\(SQLText.name($0.from))" }.joined(separator: " AND ")
        let key = SQLText.name(keyColumn)
        return """
            SELECT r.\(key), t.\(SQLText.name(target.key)) FROM \(rows.sqlName) r JOIN \(target.sqlName) t ON \(join)
            WHERE r.\(key) = ANY($1::bigint[]) ORDER BY 1, 2
            """
    }

    /// Finds the keys of related rows, each once. `$1` is an int8 array of keys of this table.
    package func relatedKeysSQL(_ relation: Relation) -> String {
        let target = relation.targetRows
        let join = relation.columns.map { "t.\(SQLText.name($0.target)) = r.\(SQLText.name($0.from))" }.joined(separator: " AND ")
        return """
            SELECT DISTINCT t.\(SQLText.name(target.key)) FROM \(rows.sqlName) r JOIN \(target.sqlName) t ON \(join)
            WHERE r.\(SQLText.name(keyColumn)) = ANY($1::bigint[])
            """
    }

    /// The keys of related rows for each key of this table that has some.
    ///
    /// - Parameter limit: pairs at which to stop.
    package func related(
        _ relation: Relation, to keys: [Int64], limit: Int? = nil, on session: PostgresSession
    ) throws(PostgresError) -> [Int64: [Int64]] {
        let result = try session.query(relatedSQL(relation) + (limit.map { " LIMIT \($0)" } ?? ""), [.intArray(keys)])
        var related: [Int64: [Int64]] = [:]
        for row in 0..<result.count {
            guard let here = result.int(row, 0), let there = result.int(row, 1) else { continue }
            related[here, default: []].append(there)
        }
        return related
    }
}
