package import TableModel

/// Takes a table that is being read, a batch of rows at a time.
package protocol TableSink: AnyObject {
    /// What the table is, before its first row.
    func begin(_ table: IncomingTable) throws

    /// Takes whole rows in the form of PostgreSQL's binary COPY, and leaves `rows` empty.
    func take(_ rows: CopyRows) throws
}

/// A table that is being read: its columns stand in the order of the cells of each row.
package struct IncomingTable: Sendable {
    package var name: String?
    package var description: String?
    /// Points, circles and polygons travel as arrays of doubles in degrees (``ValueType/wire``).
    package var columns: [Column]

    package init(name: String? = nil, description: String? = nil, columns: [Column]) {
        self.name = name
        self.description = description
        self.columns = columns
    }
}

/// What a table may be at most.
package struct InputLimits: Hashable, Sendable {
    package var columns: Int
    /// Bytes of one cell.
    package var cell: Int
    /// Bytes of one row, as it came and as the database takes it.
    package var row: Int

    package init(columns: Int = 1000, cell: Int = 16 * 1024 * 1024, row: Int = 64 * 1024 * 1024) {
        self.columns = columns
        self.cell = cell
        self.row = row
    }
}
