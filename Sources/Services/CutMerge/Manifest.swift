package import HDF5

/// The dataset `/manifest` of a product: one record per requested row.
///
/// Its members are UTF-8 strings of fixed length, padded with zeros: h5py and astropy read them as byte strings without a detour. The last, `row`,
/// is an integer: a record's place in the datasets at `path`, -1 for other objects.
package enum Manifest {
    package static let name = "manifest"

    private static let columns: [(name: String, value: @Sendable (ManifestRow) -> String)] = [
        ("id", { $0.id }), ("table", { $0.table }), ("source_file", { $0.sourceFile }), ("key", { $0.key }), ("path", { $0.path }),
        ("checksum", { $0.checksum }), ("status", { $0.status.rawValue }), ("reason", { $0.reason }),
    ]

    static func write(_ rows: [ManifestRow], to product: borrowing HDF5Writer) throws(HDF5Error) {
        let widths = columns.map { column in rows.reduce(1) { max($0, column.value($1).utf8.count) } }
        let texts = zip(columns, widths).map { (name: $0.name, type: StoredType.string(bytes: $1)) }
        let stored = StoredType.packed(texts + [(name: "row", type: .int64)])
        let type = try HDF5Type(stored)
        try product.root.writeRows(rows.count, to: name, as: type) { range, bytes in
            var offset = 0
            for row in rows[range] {
                for (column, width) in zip(columns, widths) {
                    var text = column.value(row)
                    text.withUTF8 { UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: UnsafeRawBufferPointer($0)) }
                    offset += width
                }
                bytes.storeBytes(of: Int64(row.row ?? -1).littleEndian, toByteOffset: offset, as: Int64.self)
                offset += MemoryLayout<Int64>.size
            }
        }
    }

    /// Reads the manifest of a product.
    package static func read(from product: inout HDF5File) throws -> [ManifestRow] {
        try product.table(name).map { record in
            ManifestRow(
                id: record["id"]?.text ?? "", table: record["table"]?.text ?? "", sourceFile: record["source_file"]?.text ?? "",
                key: record["key"]?.text ?? "", path: record["path"]?.text ?? "",
                row: (record["row"]?.integer).flatMap { $0 < 0 ? nil : Int($0) },
                checksum: record["checksum"]?.text ?? "",
                status: (record["status"]?.text).flatMap(ManifestRow.Status.init) ?? .unreadable, reason: record["reason"]?.text ?? "")
        }
    }
}
