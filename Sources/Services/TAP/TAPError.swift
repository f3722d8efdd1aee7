package import ADQL
package import Formats
package import Names
package import Postgres

/// Why a request to the TAP service got no result; made by the functions below, so that all wording is on this page.
///
/// Everything in it is safe for strangers. The internals go to the log by ``internals``.
package struct TAPError: Error, Sendable, CustomStringConvertible {
    /// Whose move it is.
    package enum Kind: Hashable, Sendable {
        /// The request must change.
        case usage
        /// The same request may work later; the server says when to ask again.
        case busy
        /// The query was too long at work.
        case tooSlow
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

// MARK: - Parameters

extension TAPError {
    static func usage(_ code: String, _ message: String) -> Self {
        Self(kind: .usage, code: code, message: message)
    }

    static func repeated(_ parameter: String) -> Self {
        usage("repeated-parameter", "\(parameter) is given more than once; give it one value")
    }

    static let missingQuery = usage("missing-query", "the parameter QUERY is missing; it holds the ADQL text")

    static let missingLanguage = usage("missing-language", "the parameter LANG is missing; give LANG=ADQL")

    static func unknownLanguage(_ language: String) -> Self {
        usage("unknown-language", "the language \"\(language)\" is not spoken here; LANG can be ADQL, ADQL-2.0 or ADQL-2.1")
    }

    static func unknownRequest(_ request: String) -> Self {
        usage("unknown-request", "REQUEST=\(request) is not offered; leave REQUEST out or give doQuery")
    }

    static func invalidMAXREC(_ value: String) -> Self {
        usage("invalid-maxrec", "MAXREC=\(value) is not a number of rows; give a whole number from 0 up, or leave it out")
    }

    static let uploadNotOffered = usage(
        "upload-not-offered", "this service takes no uploads yet; write the values into the query, as in WHERE source_id IN (…)")
}

// MARK: - Queries

extension TAPError {
    /// What the parser found, with the line of the query and a caret below the place.
    package init(_ error: ADQLError) {
        self = .usage(error.code.rawValue, error.rendering)
    }

    /// What no table or function answers to: each with its place, the first with its line of the query.
    package init(_ error: NamesError, query: String) {
        let first = error.diagnostics.first
        let lines = error.diagnostics.enumerated().map {
            $0.offset == 0 ? $0.element.rendering(in: query) : $0.element.description(in: query)
        }
        self = .usage(first?.code.rawValue ?? "names", lines.joined(separator: "\n"))
    }

    package init(_ error: FormatError) {
        switch error {
        case .damagedRow: self = .unforeseen(error.message)
        case .spoolFailed: self.init(kind: .busy, code: error.code, message: error.description)
        default: self = .usage(error.code, error.description)
        }
    }

    static let noIdentifier = usage(
        "no-identifier", "the result has neither access_url nor the identifier of a row; select access_url or id to have objects cut out")
}

// MARK: - The database

extension TAPError {
    /// PostgreSQL's refusals in ADQL's words; the generated SQL never shows.
    ///
    /// Source of the codes: PostgreSQL 15, Appendix A.
    package init(_ error: PostgresError, timeLimit: Duration?) {
        let internals = "\(error.sqlstate) \(error.message)"
        func usage(_ code: String, _ message: String) -> Self {
            Self(kind: .usage, code: code, message: message, internals: internals)
        }
        switch error.sqlstate {
        case "22012":
            self = usage("division-by-zero", "division by zero in at least one row; leave those rows out in WHERE")
        case "22003":
            self = usage(
                "out-of-range",
                "a number became too large or too small for its type; CAST an operand to DOUBLE PRECISION, or leave the rows out")
        case "2201E":
            self = usage("logarithm", "LOG or LOG10 of zero or a negative number in at least one row; leave those rows out in WHERE")
        case "2201F":
            self = usage(
                "power", "SQRT of a negative number, or POWER of numbers that have none, in at least one row; leave those rows out in WHERE"
            )
        case "22P02", "22018":
            self = usage("invalid-cast", "a text can't be read as the number or shape that it is cast to, in at least one row")
        case "22007", "22008":
            self = usage("invalid-timestamp", "a text can't be read as a timestamp; the form is 2016-01-01T00:00:00")
        case "22001":
            self = usage("text-too-long", "a text is longer than the type that it is cast to")
        case "21000":
            self = usage("subquery-rows", "a subquery that stands for one value gave more than one row; add TOP 1 or an aggregate")
        case "22023", "XX000", "22000":
            self = usage(
                "invalid-value",
                "a function was given a value that it can't take; for shapes: latitudes lie within -90 to 90, radii within 0 to 90, and the edges of a polygon must not cross"
            )
        case "57014":
            self.init(
                kind: .tooSlow, code: "time-limit",
                message: timeLimit.map {
                    "the query was stopped after \($0.components.seconds) seconds, the limit of this service; narrow it down"
                }
                    ?? "the query was stopped", internals: internals)
        case "53300":
            self.init(
                kind: .busy, code: "busy", message: "too many results are being read at the moment; try again in a few seconds",
                internals: internals)
        case "54001", "54000", "54011":
            self = usage("too-complex", "the query is too complex for the database; split it")
        case "53100", "53200":
            self.init(
                kind: .busy, code: "resources",
                message: "the database ran out of memory or disk for this query; narrow it down or try later",
                internals: internals)
        case _ where error.isConnectionFailure:
            self.init(
                kind: .busy, code: "database-away", message: "the database can't be reached at the moment; try again in a minute",
                internals: internals)
        case let state where state.hasPrefix("22"):
            self = usage("invalid-value", "a value does not fit what is done with it, in at least one row")
        default:
            self = .unforeseen(internals)
        }
    }

    package static func unforeseen(_ internals: String) -> Self {
        Self(
            kind: .internalFault, code: "internal",
            message: "the service failed at this query; that is a fault of the service, and it has been noted", internals: internals)
    }
}
