/// Why a table can't be read; made by the functions below and by those of each format's own page, safe for strangers.
package struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: String
    package var message: String
    package var hint: String?
    /// It is what it should be, but more than is taken.
    package var isLimit = false

    package init(_ code: String, _ message: String, hint: String? = nil, isLimit: Bool = false) {
        self.code = code
        self.message = message
        self.hint = hint
        self.isLimit = isLimit
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension InputError {
    static let damagedGzip = Self("damaged-gzip", "the gzip'd data are damaged")
    static let cutGzip = Self("damaged-gzip", "the gzip'd data end too early")

    /// A cell that its column can't hold. `row` counts from 1.
    package static func badCell(_ reason: String, row: Int, column: String) -> Self {
        Self("bad-value", "row \(row), column \"\(column)\": \(reason)")
    }

    package static func tooManyColumns(limit: Int) -> Self {
        Self("too-many-columns", "the table has more than \(limit) columns, the limit of this service", isLimit: true)
    }

    package static func cellTooLarge(limit: Int, row: Int) -> Self {
        Self("cell-too-large", "row \(row) has a cell of more than \(limit) bytes, the limit of this service", isLimit: true)
    }

    package static func rowTooLarge(limit: Int, row: Int) -> Self {
        Self("row-too-large", "row \(row) has more than \(limit) bytes, the limit of this service", isLimit: true)
    }

    /// What a cell's reader has against it.
    package static func badCell(_ error: CellError, row: Int, column: String) -> Self {
        error.rowLimit.map { rowTooLarge(limit: $0, row: row) } ?? badCell(error.reason, row: row, column: column)
    }

    package static let noColumns = Self("no-columns", "the table has no columns")
}

/// What is wrong with one cell; the reader knows which.
package struct CellError: Error, Hashable, Sendable {
    package var reason: String
    /// The cell is good, but with it its row has more bytes than this.
    package private(set) var rowLimit: Int?

    package init(_ reason: String) {
        self.reason = reason
    }

    static func rowTooLarge(limit: Int) -> Self {
        var error = Self("with it the row has more than \(limit) bytes, the limit of this service")
        error.rowLimit = limit
        return error
    }

    /// `"abc" is no whole number`, cut to a readable length.
    package static func notA(_ what: String, _ bytes: UnsafeRawBufferPointer) -> Self {
        let shown = String(decoding: bytes.prefix(40), as: UTF8.self)
        return Self("\"\(shown)\(bytes.count > 40 ? "…" : "")\" is no \(what)")
    }
}
