import Postgres
import TableInput

/// Why an upload is not taken; made by the functions below, so that all wording is on this page. Safe for strangers, but for ``internals``.
package struct UploadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whose move it is.
    package enum Kind: Hashable, Sendable {
        /// The request must change.
        case usage
        /// It is more than is taken.
        case tooLarge
        /// The same request may work later.
        case busy
        /// The server is at fault.
        case internalFault
    }

    package var kind: Kind
    package var code: String
    package var message: String
    /// For the log alone.
    package var internals: String?

    package var description: String { message }
}

// MARK: - The parameter

extension UploadError {
    private static func usage(_ code: String, _ message: String) -> Self {
        Self(kind: .usage, code: code, message: message)
    }

    private static func tooLarge(_ code: String, _ message: String) -> Self {
        Self(kind: .tooLarge, code: code, message: message)
    }

    static func badUpload(_ value: String) -> Self {
        usage(
            "bad-upload",
            "UPLOAD=\(value.shortened) names no table; the form is UPLOAD=mytable,param:part for a part of a multipart form, or UPLOAD=mytable,https://…"
        )
    }

    static func badName(_ name: String) -> Self {
        usage(
            "bad-table-name", "\"\(name.shortened)\" can't name an uploaded table; a name begins with a letter, then letters, digits and _")
    }

    static func reservedName(_ name: String) -> Self {
        usage(
            "reserved-table-name",
            "\"\(name.shortened)\" is a reserved word of ADQL, so a query could not name the table; choose another name")
    }

    static func twice(_ name: String) -> Self {
        usage("duplicate-table-name", "two uploaded tables are called \"\(name.shortened)\"")
    }

    static func unknownPart(_ part: String, of table: String, parts: [String]) -> Self {
        usage(
            "unknown-part",
            "the table \"\(table.shortened)\" is to come in the part \"\(part.shortened)\", which the request does not have; "
                + (parts.isEmpty
                    ? "it has no parts beside its parameters: send multipart/form-data"
                    : "it has \(parts.prefix(10).map { "\"\($0.shortened)\"" }.joined(separator: ", "))"))
    }

    static func unknownScheme(_ uri: String) -> Self {
        usage("unknown-scheme", "an upload can't be read from \"\(uri.shortened)\"; there are param:, http: and https:")
    }

    static func longUpload(limit: Int) -> Self {
        tooLarge("upload-too-long", "a value of UPLOAD has more than \(limit) bytes, the limit of this service")
    }

    static func tooManyTables(limit: Int) -> Self {
        tooLarge("too-many-tables", "a request can upload \(limit) tables at most")
    }
}

// MARK: - What comes

extension UploadError {
    static func unreadable(_ error: InputError, table: String) -> Self {
        let message = "the uploaded table \"\(table.shortened)\" is not taken: \(error)"
        return error.isLimit ? tooLarge(error.code, message) : usage(error.code, message)
    }

    static func tooManyRows(limit: Int) -> InputError {
        InputError("too-many-rows", "it has more than \(limit) rows, the limit of this service", isLimit: true)
    }

    static func tooManyBytes(limit: Int) -> InputError {
        InputError("too-many-bytes", "the uploads of the request have more than \(limit) bytes, the limit of this service", isLimit: true)
    }

    static func badShape(row: Int, column: String, kind: String) -> InputError {
        .badCell(
            "the numbers make no \(kind)" + (kind == "polygon" ? ", whose edges must not cross" : "; a radius lies within 0 to 90 degrees"),
            row: row,
            column: column)
    }

    static let tooManyWait = Self(
        kind: .busy, code: "too-many-uploads", message: "more uploads wait than this service takes in; try again in a minute")

    static let stalled = InputError("stalled", "it came too slowly, or nothing came for a while", hint: "send it again")
    static let brokenOff = InputError("broken-off", "the request ended in the middle of it", hint: "send it again")

    /// PostgreSQL's refusals of rows. COPY's context has the row's number.
    static func database(_ error: PostgresError) -> any Error {
        let row = error.context.flatMap { $0.firstMatch(of: /COPY [^,]*, line (\d+)/) }.map { "row \($0.1): " } ?? ""
        switch error.sqlstate {
        case "54000", "54011":
            return InputError("too-wide", "\(row)its rows are too wide for the database; upload fewer columns", isLimit: true)
        case "22021", "22P05": return InputError("bad-text", "\(row)a text holds characters that the database can't keep")
        case let state where state.hasPrefix("22") || state == "XX000":
            return InputError("bad-value", "\(row)a value can't be kept")
        case _ where error.isConnectionFailure || error.isCancellation || ["53100", "53200", "53300", "55P03"].contains(error.sqlstate):
            return Self(
                kind: .busy, code: "database-busy", message: "the database can't take uploads at the moment; try again in a minute",
                internals: "\(error.sqlstate) \(error.message)")
        default:
            return Self(
                kind: .internalFault, code: "internal",
                message: "the service failed at this upload; that is a fault of the service, and it has been noted",
                internals: "\(error.sqlstate) \(error.message)")
        }
    }
}

// MARK: - Addresses

extension UploadError {
    static func badAddress(_ url: String) -> InputError {
        InputError("bad-address", "\"\(url.shortened)\" is no address of http or https that can be read")
    }

    static func forbiddenAddress(_ host: String) -> InputError {
        InputError(
            "forbidden-address", "the host \"\(host.shortened)\" lies in a network that this service does not read from",
            hint: "send the table in the request, as UPLOAD=mytable,param:part")
    }

    static func tooManyRedirects(limit: Int) -> InputError {
        InputError("too-many-redirects", "the address leads on more than \(limit) times")
    }

    static func answered(_ status: Int) -> InputError {
        InputError("not-fetched", "the address answered with HTTP status \(status)")
    }

    static func notFetched(_ reason: String) -> InputError {
        InputError("not-fetched", "the address could not be read: \(reason)")
    }
}

extension String {
    /// For messages: what somebody sent may be of any length.
    var shortened: String { utf8.count <= 120 ? self : "\(prefix(100))…" }
}
