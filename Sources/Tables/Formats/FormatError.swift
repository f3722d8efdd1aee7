/// Why a result can't be written as asked.
package struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: String
    package var message: String
    package var hint: String?

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension FormatError {
    package static let damagedRow = Self(code: "damaged-row", message: "the database sent a row that does not fit its columns")

    package static let spoolFailed = Self(
        code: "spool-failed", message: "the service has no room at the moment to keep the rows until their number is known",
        hint: "try again later, or take a format that streams, such as votable, csv or parquet")

    static func tooManyColumns(_ count: Int, limit: Int) -> Self {
        Self(code: "too-many-columns", message: "a FITS table holds \(limit) columns, and this result has \(count)", hint: "select fewer")
    }

    static func unknownFormat(_ asked: String) -> Self {
        Self(
            code: "unknown-format", message: "the format \"\(asked)\" is not offered",
            hint: "RESPONSEFORMAT can be \(ResultFormat.offered.compactMap(\.aliases.first).joined(separator: ", "))")
    }
}
