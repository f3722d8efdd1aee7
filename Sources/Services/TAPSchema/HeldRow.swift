package import Postgres
package import TableModel

/// A row of a table with data, with its object and its file: what links and products are made from.
package struct HeldRow: Hashable, Sendable {
    package var identifier: RowIdentifier
    package var dataset: Dataset
    /// The object's name inside the file; of a record its row, or its key's value, in decimal digits.
    package var keyName: String
    package var file: FileFacts
}

extension Holdings {
    /// Finds rows by identifier, one round trip per table and one for its files.
    ///
    /// Identifiers that no row has are missing from the answer.
    package func rows(
        _ identifiers: some Sequence<RowIdentifier>, on session: PostgresSession
    ) throws(PostgresError) -> [RowIdentifier: HeldRow] {
        var found: [RowIdentifier: HeldRow] = [:]
        for (tag, keys) in Dictionary(grouping: identifiers, by: \.tag) {
            guard let dataset = self[tag] else { continue }
            let (objects, files) = try dataset.objects(of: keys.map(\.key), on: session)
            for object in objects {
                guard let file = files[object.fileID] else { continue }
                let identifier = RowIdentifier(tag: tag, key: object.key)
                found[identifier] = HeldRow(identifier: identifier, dataset: dataset, keyName: object.keyName, file: file)
            }
        }
        return found
    }
}
