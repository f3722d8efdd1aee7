import ArgumentParser
import Foundation
import Postgres

/// An error as a command tells it: what is wrong and what to do, and no stack trace.
struct Complaint: Error, CustomStringConvertible {
    let description: String

    /// - Parameter detail: what PostgreSQL or the system said; the operator may read it.
    init(_ message: String, detail: String? = nil) {
        description = detail.map { "\(message)\n\($0)" } ?? message
    }

    static func database(_ error: PostgresError) -> Self {
        error.isConnectionFailure
            ? Complaint("PostgreSQL can't be reached; is it running, and is ALMAGEST_DATABASE_URL right?", detail: error.message)
            : Complaint(
                "PostgreSQL refused (SQLSTATE \(error.sqlstate))",
                detail: [error.message, error.detail].compactMap(\.self).joined(separator: "\n"))
    }

    static func functionFile(_ path: String, _ reason: String) -> Self {
        Complaint("the functions in \(path), which ALMAGEST_FUNCTIONS names, can't be used: \(reason)")
    }

    static func functions(_ faults: [String]) -> Self {
        Complaint(
            "functions of the archive's own can't be used; mend their entries, or the functions in PostgreSQL that they call",
            detail: faults.joined(separator: "\n"))
    }

    static func portTaken(_ port: Int) -> Self {
        Complaint("port \(port) is taken by another program; stop that one, or set ALMAGEST_HTTP_PORT to a free port")
    }

    static func notAllowed(_ port: Int) -> Self {
        Complaint("port \(port) may not be opened by this user; set ALMAGEST_HTTP_PORT to one from 1024 up")
    }
}
