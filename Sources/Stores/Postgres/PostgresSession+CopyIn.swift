import CPostgres

/// A `COPY … FROM STDIN` in steps, for rows that come a batch at a time: ``PostgresSession/beginCopyIn(_:)``,
/// ``PostgresSession/send(_:)`` again and again, ``PostgresSession/endCopyIn()``.
extension PostgresSession {
    /// - Parameter sql: the COPY statement; its format is what is sent.
    package func beginCopyIn(_ sql: String) throws(PostgresError) {
        let opened = PQexec(connection, sql)
        defer { PQclear(opened) }
        switch PQresultStatus(opened) {
        case PGRES_COPY_IN: return
        case PGRES_COMMAND_OK: throw .unexpected("not a COPY FROM STDIN")
        default: throw PostgresError(result: opened)
        }
    }

    /// Sends bytes; they need not end with a row. What the database has against them, ``endCopyIn()`` tells.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        // libpq counts with 32 bits, and copies what it is given before it sends it.
        let slice = 1 << 20
        for start in stride(from: 0, to: bytes.count, by: slice) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + slice, bytes.count)])
            guard PQputCopyData(connection, part.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(part.count)) == 1 else {
                throw .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
            }
        }
    }

    /// - Returns: the number of rows that arrived.
    package func endCopyIn() throws(PostgresError) -> Int {
        try finish(failing: nil)
    }

    /// Ends the COPY without a row.
    package func abortCopyIn() {
        _ = try? finish(failing: "the sender gave up")
    }

    private func finish(failing reason: String?) throws(PostgresError) -> Int {
        guard PQputCopyEnd(connection, reason) == 1 else {
            throw .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
        }
        var rows = 0
        var failure: PostgresError?
        while let result = PQgetResult(connection) {
            let owned = PostgresResult(adopting: result)
            if PQresultStatus(result) == PGRES_COMMAND_OK {
                rows = owned.affected
            } else {
                failure = failure ?? PostgresError(result: result)
            }
        }
        if let failure { throw failure }
        return rows
    }
}
