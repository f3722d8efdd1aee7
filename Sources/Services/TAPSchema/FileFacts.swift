package import Foundation
package import Postgres

/// What the archive knows of a data file. The file is immutable and stays where it lies.
package struct FileFacts: Hashable, Sendable {
    package var id: Int
    package var collection: String
    /// The published table whose rows stand for the file's objects, as in `gaia.completesource`.
    package var table: String
    package var didScope: String
    /// Unique in the archive.
    package var didName: String
    package var didRSE: String
    package var name: String
    package var fileExtension: String
    package var version: String?
    /// SHA-256, lower-case hexadecimal.
    package var checksum: String
    /// Bytes.
    package var size: Int
    /// Media type.
    package var format: String
    /// Absolute path.
    package var location: String
    /// Rows that stand for objects of this file.
    package var objects: Int
    /// When the checksum was found to be right.
    package var recorded: Date

    /// The columns that ``init(_:row:from:)`` reads, of the file table named `f`.
    static let columns = """
        f.file_id, f.collection, f.table_name, f.did_scope, f.did_name, f.did_rse, f.file_name, f.file_extension, f.file_version, f.checksum,
        f."size", f.format, f.location, f.objects, extract(epoch FROM f.ingested_at)
        """

    /// Reads ``columns``, the first of which is the result's column `first`.
    init?(_ result: PostgresResult, row: Int, from first: Int = 0) {
        func text(_ offset: Int) -> String? { result.string(row, first + offset) }
        guard let id = result.int(row, first), let collection = text(1), let table = text(2), let didScope = text(3), let didName = text(4),
            let didRSE = text(5), let name = text(6), let fileExtension = text(7), let checksum = text(9),
            let size = result.int(row, first + 10), let format = text(11), let location = text(12),
            let objects = result.int(row, first + 13), let recorded = result.double(row, first + 14)
        else { return nil }
        self.id = Int(id)
        self.collection = collection
        self.table = table
        self.didScope = didScope
        self.didName = didName
        self.didRSE = didRSE
        self.name = name
        self.fileExtension = fileExtension
        version = text(8)
        self.checksum = checksum
        self.size = Int(size)
        self.format = format
        self.location = location
        self.objects = Int(objects)
        self.recorded = Date(timeIntervalSince1970: recorded)
    }

    /// The file of that dataset identifier.
    package static func find(didName: String, on session: PostgresSession) throws(PostgresError) -> FileFacts? {
        let result = try session.query("SELECT \(columns) FROM almagest.files f WHERE f.did_name = $1", [.text(didName)])
        return result.count == 1 ? FileFacts(result, row: 0) : nil
    }

    /// The file of that name; of several in different scopes, the one that came last.
    package static func find(name: String, on session: PostgresSession) throws(PostgresError) -> FileFacts? {
        let result = try session.query(
            "SELECT \(columns) FROM almagest.files f WHERE f.file_name = $1 ORDER BY f.file_id DESC LIMIT 1", [.text(name)])
        return result.count == 1 ? FileFacts(result, row: 0) : nil
    }

    /// All files of the archive.
    package static func all(on session: PostgresSession) throws(PostgresError) -> [FileFacts] {
        let result = try session.query("SELECT \(columns) FROM almagest.files f ORDER BY f.file_id")
        return (0..<result.count).compactMap { FileFacts(result, row: $0) }
    }

    /// The files of these internal numbers, those that exist.
    package static func find(ids: [Int], on session: PostgresSession) throws(PostgresError) -> [Int: FileFacts] {
        let result = try session.query(
            "SELECT \(columns) FROM almagest.files f WHERE f.file_id = ANY($1)", [.intArray(ids.map(Int64.init))])
        let files = (0..<result.count).compactMap { FileFacts(result, row: $0) }
        return Dictionary(files.map { ($0.id, $0) }) { first, _ in first }
    }
}
