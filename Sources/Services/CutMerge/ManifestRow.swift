import HDF5

/// What became of one requested row: a record of the product's `/manifest`.
package struct ManifestRow: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        case ok
        /// No such row, or no such object in its file.
        case notFound = "not found"
        case notAuthorised = "not authorised"
        /// Left out by a rule of the archive, as a transit whose source is not selected.
        case dropped
        /// The file is missing or damaged.
        case unreadable
    }

    package var id: String
    package var table: String
    /// The data file's name; empty when the row has none.
    package var sourceFile: String
    package var key: String
    /// Where the object is in the product; empty when it is not.
    package var path: String
    /// For a record, its place from 0 in the product's datasets at ``path``.
    package var row: Int?
    /// The data file's.
    package var checksum: String
    package var status: Status
    /// Why the status is not ok, or what is special; for people, without paths of the server.
    package var reason: String

    package init(
        id: String, table: String, sourceFile: String = "", key: String = "", path: String = "", row: Int? = nil, checksum: String = "",
        status: Status, reason: String = ""
    ) {
        self.id = id
        self.table = table
        self.sourceFile = sourceFile
        self.key = key
        self.path = path
        self.row = row
        self.checksum = checksum
        self.status = status
        self.reason = reason
    }

    init(
        _ cut: CutRequest.Cut, of file: CutRequest.SourceFile, path: String = "", row: Int? = nil, status: Status, reason: String = ""
    ) {
        self.init(
            id: cut.id, table: cut.table, sourceFile: file.name, key: cut.key, path: path, row: row, checksum: file.checksum,
            status: status,
            reason: reason)
    }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.sourceFile != right.sourceFile { return ObjectName.precedes(left.sourceFile, right.sourceFile) }
        if left.key != right.key { return ObjectName.precedes(left.key, right.key) }
        return (left.table, left.id, left.status.rawValue, left.reason) < (right.table, right.id, right.status.rawValue, right.reason)
    }
}
