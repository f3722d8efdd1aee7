import CPostgres
import Glibc

/// One connection to PostgreSQL whose calls block: for threads of one's own, and for command-line work.
///
/// Not Sendable: one caller at a time. The server's rooms reach it through ``PostgresPool``.
package final class PostgresSession {
    let connection: OpaquePointer
    /// What it has been prepared for.
    var statements = KnownStatements()

    /// Connects.
    ///
    /// - Parameters:
    ///   - uri: a connection URI or key-value string of libpq, such as `postgresql:///archive?host=/run/postgresql`.
    ///   - applicationName: how `pg_stat_activity` names the connection.
    ///   - settings: run-time parameters for the whole session, such as `statement_timeout`.
    /// - Throws: ``PostgresError`` with SQLSTATE 08006 when there is no way to the server.
    package init(uri: String, applicationName: String, settings: [String: String] = [:]) throws(PostgresError) {
        let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }.joined(separator: " ")
        // What stands before dbname, the URI may override. A network that drops a connection silently is noticed within half a minute.
        let connection = Self.withCStrings([
            "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname",
            "fallback_application_name", "options", "client_encoding",
        ]) { keys in
            Self.withCStrings(["5", "10", "5", "3", "30000", uri, applicationName, options, "UTF8"]) { values in
                PQconnectdbParams(keys, values, 1)
            }
        }
        guard let connection else { throw .unreachable("out of memory") }
        self.connection = connection
        guard PQstatus(connection) == CONNECTION_OK else {
            // The instance is whole, so deinit closes the connection.
            throw .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
        }
        // Notices would go to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether the connection can take a new statement.
    package var isIdle: Bool {
        PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE
    }

    /// Runs statements in the simple protocol; several may stand in one text, separated by semicolons.
    package func execute(_ sql: String) throws(PostgresError) {
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        try check(result)
    }

    /// Runs one statement and fetches its rows.
    @discardableResult
    package func query(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresError) -> PostgresResult {
        let result = Self.withCStrings(parameters.map(\.text)) { values in
            PQexecParams(connection, sql, Int32(parameters.count), nil, values, nil, nil, 0)
        }
        let owned = PostgresResult(adopting: result)
        try check(result)
        return owned
    }

    /// Runs `body` inside a transaction; an error rolls it back and is thrown on.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Where the connection itself is gone, the server rolls back by itself.
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Sends rows with `COPY … FROM STDIN`.
    ///
    /// - Parameters:
    ///   - sql: the COPY statement; its format is what `body` writes.
    ///   - body: sends the bytes. An error that it throws ends the COPY without a row and is thrown on.
    /// - Returns: the number of rows that arrived.
    package func copyIn(_ sql: String, _ body: (borrowing CopyIn) throws -> Void) throws -> Int {
        let opened = PQexec(connection, sql)
        let status = PQresultStatus(opened)
        guard status == PGRES_COPY_IN else {
            let error = status == PGRES_COMMAND_OK ? PostgresError.unexpected("not a COPY FROM STDIN") : PostgresError(result: opened)
            PQclear(opened)
            throw error
        }
        PQclear(opened)
        var failure: (any Error)?
        do { try body(CopyIn(connection: connection)) } catch { failure = error }
        if PQputCopyEnd(connection, failure == nil ? nil : "the sender gave up") != 1 {
            throw failure ?? PostgresError.unreachable(String(cString: PQerrorMessage(connection)).trimmed)
        }
        var rows = 0
        while let result = PQgetResult(connection) {
            let owned = PostgresResult(adopting: result)
            if PQresultStatus(result) == PGRES_COMMAND_OK {
                rows = owned.affected
            } else if failure == nil {
                failure = PostgresError(result: result)
            }
        }
        if let failure { throw failure }
        return rows
    }

    private func check(_ result: OpaquePointer?) throws(PostgresError) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
        case PGRES_FATAL_ERROR where PQstatus(connection) != CONNECTION_OK:
            throw PQresultErrorField(result, DIAG_SQLSTATE) == nil
                ? .unreachable(String(cString: PQerrorMessage(connection)).trimmed) : PostgresError(result: result)
        default: throw PostgresError(result: result)
        }
    }

    /// Lends the strings as a NULL-terminated array of C strings; nil stays NULL.
    private static func withCStrings<Result>(
        _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var copies = strings.map { string in string.map { strdup($0) } ?? nil }
        copies.append(nil)
        defer { for copy in copies { free(copy) } }
        return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map(body) ?? withUnsafePointer(to: nil) { body($0) }
        }
    }
}

/// The open end of a `COPY … FROM STDIN`.
package struct CopyIn: ~Copyable {
    let connection: OpaquePointer

    /// Sends bytes; they need not end with a row.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        guard bytes.count > 0 else { return }
        let pointer = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard PQputCopyData(connection, pointer, Int32(bytes.count)) == 1 else {
            throw .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
        }
    }

    package func append(_ bytes: [UInt8]) throws(PostgresError) {
        let outcome = bytes.withUnsafeBytes { bytes in Swift.Result { () throws(PostgresError) in try append(bytes) } }
        try outcome.get()
    }
}

extension String {
    /// Without the line end that libpq's messages have.
    var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}

extension PostgresSession {
    /// False once the server has hung up: an idle connection has nothing to say, so bytes that wait mean its end.
    var answers: Bool {
        let socket = PQsocket(connection)
        guard socket >= 0 else { return false }
        var poll = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 0
    }
}

extension PostgresSession {
    /// Whether the server has sent what nobody has read yet.
    var hasUnread: Bool { socket_available(PQsocket(connection)) > 0 }

    /// Asks the server to stop the running statement; returns when the request is delivered.
    func cancel() {
        guard let cancel = PQgetCancel(connection) else { return }
        defer { PQfreeCancel(cancel) }
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(cancel, &message, Int32(message.count))
    }
}
