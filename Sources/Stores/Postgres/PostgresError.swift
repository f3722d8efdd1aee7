import CPostgres

/// What PostgreSQL or the way to it had to say.
///
/// `message` may name internals and belongs into the log; what a stranger reads is made from `sqlstate` by the caller.
package struct PostgresError: Error, Sendable, Codable, CustomStringConvertible {
    /// Five characters (PostgreSQL, Appendix A); `08006` when there is no connection.
    package var sqlstate: String
    package var message: String
    package var detail: String?
    package var constraint: String?
    /// Where it happened, as in `COPY t, line 3`.
    package var context: String?
    /// The message comes from RAISE in a function of ours, so its words were made for users.
    package var isRaisedByFunction = false
    /// The rows took too long to be read; otherwise a statement that is cancelled for its time was too long at work.
    package var isOfTransfer = false

    /// Safe for strangers: the class of the error only.
    package var description: String { "the database refused (SQLSTATE \(sqlstate))" }

    /// The connection is gone or was never there.
    package var isConnectionFailure: Bool { sqlstate.hasPrefix("08") || sqlstate.hasPrefix("57P") }
    /// The statement was cancelled, by us or by its time limit.
    package var isCancellation: Bool { sqlstate == "57014" }
}

extension PostgresError {
    static func unreachable(_ message: String) -> Self {
        Self(sqlstate: "08006", message: message)
    }

    static func unexpected(_ what: String) -> Self {
        Self(sqlstate: "08P01", message: what)
    }

    static func budgetExhausted(connections: Int) -> Self {
        Self(sqlstate: "53300", message: "all \(connections) connections stayed in use for too long")
    }

    /// A statement kept its reader waiting for longer than it may.
    static let timeLimitReached = Self(sqlstate: "57014", message: "the time limit of the statement was reached")

    /// The rows of a statement took longer than they may, from the first to the last.
    static let transferLimitReached = Self(sqlstate: "57014", message: "the time limit of the transfer was reached", isOfTransfer: true)

    /// Reads the fields of a failed result.
    init(result: OpaquePointer?) {
        func field(_ code: Int32) -> String? {
            PQresultErrorField(result, code).map { String(cString: $0) }
        }
        self.init(
            sqlstate: field(DIAG_SQLSTATE) ?? "08006",
            message: field(DIAG_MESSAGE_PRIMARY)
                ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? "no message",
            detail: field(DIAG_MESSAGE_DETAIL),
            constraint: field(DIAG_CONSTRAINT_NAME), context: field(DIAG_CONTEXT),
            isRaisedByFunction: field(DIAG_SOURCE_FUNCTION) == "exec_stmt_raise")
    }
}
