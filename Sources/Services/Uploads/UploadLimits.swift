/// What uploads may be at most.
package struct UploadLimits: Hashable, Sendable {
    /// Of one table.
    package var rows: Int
    /// Of one request, as sent, and as it is when a compressed table is unpacked.
    package var bytes: Int
    /// Of one table.
    package var columns: Int
    /// Of one request.
    package var tables: Int
    /// Bytes on disk of all tables that are kept for queries which may be run again.
    package var kept: Int
    /// For the table at an address to come.
    package var fetchTime: Duration
    /// How long a client may send nothing, and for how long it may send as slowly as it likes; ``Pace`` holds from then on.
    package var stall: Duration

    package init(
        rows: Int = 10_000_000, bytes: Int = 2_000_000_000, columns: Int = 700, tables: Int = 10,
        kept: Int = 10_000_000_000, fetchTime: Duration = .seconds(300), stall: Duration = .seconds(60)
    ) {
        self.rows = rows
        self.bytes = bytes
        self.columns = columns
        self.tables = tables
        self.kept = kept
        self.fetchTime = fetchTime
        self.stall = stall
    }
}
