package import ADQL
package import Formats
import Foundation
package import Names

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

    /// - Parameter jobs: where the same query may run as long as it takes.
    static func tooCostly(_ estimate: PlanEstimate, limit: Double, jobs: String) -> Self {
        func number(_ value: Double) -> String {
            value.formatted(.number.notation(.scientific).precision(.significantDigits(2)).locale(.init(identifier: "en_US_POSIX")))
        }
        return usage(
            "too-costly",
            "the database expects this query to cost \(number(estimate.cost)), and one that is answered at once may cost \(number(limit)), by the planner's estimate in pages read; narrow it down, by a cone, a range or a condition that joins the tables, or run it as a job at \(jobs)"
        )
    }

    static let noIdentifier = usage(
        "no-identifier", "the result has neither access_url nor the identifier of a row; select access_url or id to have objects cut out")
}

extension TAPError {
    package static func unforeseen(_ internals: String) -> Self {
        Self(
            kind: .internalFault, code: "internal",
            message: "the service failed at this query; that is a fault of the service, and it has been noted", internals: internals)
    }
}
