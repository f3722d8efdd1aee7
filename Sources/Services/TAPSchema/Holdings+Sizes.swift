package import Postgres
package import TableModel

extension Holdings {
    /// About how many bytes the object of each row adds to a product: its file's size over the number of its objects.
    ///
    /// Identifiers that no row has are missing from the answer.
    package func objectBytes(
        _ identifiers: some Sequence<RowIdentifier>, on session: PostgresSession
    ) throws(PostgresError) -> [RowIdentifier: Int] {
        var found: [RowIdentifier: Int] = [:]
        for (tag, keys) in Dictionary(grouping: identifiers, by: \.tag) {
            guard let dataset = self[tag] else { continue }
            let key = SQLText.name(dataset.keyColumn)
            let result = try session.query(
                """
                SELECT r.\(key), f."size" / greatest(f.objects, 1) FROM \(dataset.rows.sqlName) r
                JOIN almagest.files f ON f.file_id = r.\(RowTable.fileID) WHERE r.\(key) = ANY($1::bigint[])
                """, [.intArray(keys.map(\.key))])
            for row in 0..<result.count {
                guard let key = result.int(row, 0), let bytes = result.int(row, 1) else { continue }
                found[RowIdentifier(tag: tag, key: key)] = Int(bytes)
            }
        }
        return found
    }
}
