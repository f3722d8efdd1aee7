/// Why a result can't be written as asked.
package struct FormatError: Error, Sendable, CustomStringConvertible {
    package var code: String
    package var message: String
    package var hint: String?

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension FormatError {
    static let damagedRow = Self(code: "damaged-row", message: "the database sent a row that does not fit its columns")

    static func unknownFormat(_ asked: String) -> Self {
        Self(
            code: "unknown-format", message: "the format \"\(asked)\" is not offered",
            hint: "RESPONSEFORMAT can be \(ResultFormat.offered.compactMap(\.aliases.first).joined(separator: ", "))")
    }
}
