import TableInput

/// What can be wrong with a table that is no VOTable.
extension InputError {
    private static let taken = "VOTable, FITS tables, CSV and TSV are read, each also gzip'd"

    static let empty = Self("empty", "there is nothing in it", hint: taken)

    static func foreign(_ form: String) -> Self {
        Self("unknown-form", "\(form) is not read", hint: taken)
    }

    static let unknownForm = Self("unknown-form", "it is no table of a known form", hint: taken)

    // MARK: - FITS

    static func badFITS(_ reason: String) -> Self {
        Self("damaged-fits", "the FITS file can't be read: \(reason)")
    }

    static let noFITSTable = Self("no-table", "the FITS file holds no table", hint: "an extension BINTABLE or TABLE is read, the first one")

    static func badFormat(_ format: String, column: Int) -> Self {
        Self("damaged-fits", "TFORM\(column) = '\(format.prefix(40))' is not read")
    }

    // MARK: - CSV and TSV

    static let badHeader = Self("bad-header", "its first line must name the columns, and holds numbers only")

    static func fields(_ found: Int, of columns: Int, row: Int) -> Self {
        Self("damaged-text", "row \(row) has \(found) fields, and the first line names \(columns) columns")
    }

    static func openQuote(row: Int) -> Self {
        Self("damaged-text", "a double quote is not closed in row \(row)")
    }

    static func longLine(row: Int, limit: Int) -> Self {
        Self("too-long", "row \(row) is longer than \(limit) bytes, the limit of this service", isLimit: true)
    }

    static let noSpool = Self("no-space", "there is no room on this server to look it over first")
}
