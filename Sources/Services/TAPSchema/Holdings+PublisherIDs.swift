package import TableModel

/// A row's name in the whole VO: `ivo://archive.example/gaia?completesource/5369` (DataLink 1.1 §2.1.1, IVOA Identifiers 2.0 §2.4).
extension Holdings {
    /// The row of a publisher identifier: authority, collection, and behind the question mark table and key.
    ///
    /// Authority, collection and table are compared without regard to letter case. Whether there is such a row, the table says.
    /// - Returns: nil where the archive has no such table, or the text is none of its identifiers.
    package func row(publisherID text: String, authority: String) -> RowIdentifier? {
        let bytes = text.utf8
        guard bytes.count < 500, let mark = bytes.firstIndex(of: UInt8(ascii: "?")),
            let slash = bytes.lastIndex(of: UInt8(ascii: "/")), mark < slash
        else { return nil }
        let place = String(decoding: bytes[..<mark], as: UTF8.self).lowercased()
        let table = String(decoding: bytes[bytes.index(after: mark)..<slash], as: UTF8.self).lowercased()
        let digits = String(decoding: bytes[bytes.index(after: slash)...], as: UTF8.self)
        // One row has one name: no leading zeros or plus signs.
        guard let key = Int64(digits), String(key) == digits else { return nil }
        let dataset = byTag.values.first { dataset in
            place == Self.place(of: dataset, authority) && (table == dataset.table.lowercased() || table == dataset.fullName.lowercased())
        }
        return dataset.map { RowIdentifier(tag: $0.tag, key: key) }
    }

    /// The publisher identifier of a row; nil where the archive has no such table any more.
    package func publisherID(of row: RowIdentifier, authority: String) -> String? {
        self[row.tag].map { "\(Self.place(of: $0, authority))?\($0.table)/\(row.key)" }
    }

    private static func place(of dataset: Dataset, _ authority: String) -> String {
        "ivo://\(authority)/\(dataset.collection)".lowercased()
    }
}
