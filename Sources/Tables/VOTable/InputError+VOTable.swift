import TableInput
import XML

/// What can be wrong with a VOTable that is read.
extension InputError {
    static func notVOTable(_ error: XMLError, rows: Int) -> Self {
        Self("damaged-votable", "the VOTable can't be read: \(error)" + (rows > 0 ? ", behind row \(rows)" : ""))
    }

    static let noTable = Self("no-table", "the VOTable holds no TABLE")

    static func misplaced(_ element: String, line: Int) -> Self {
        Self("damaged-votable", "\(element) stands outside of TABLEDATA (line \(line))")
    }

    static func tooManyCells(row: Int, columns: Int) -> Self {
        Self("damaged-votable", "row \(row) has more cells than the table has columns, which are \(columns)")
    }

    static func tooFewCells(row: Int, found: Int, columns: Int) -> Self {
        Self("damaged-votable", "row \(row) has \(found) cells, and the table \(columns) columns")
    }

    static func longDescription(line: Int) -> Self {
        Self("too-long", "a DESCRIPTION is longer than 65536 bytes (line \(line))", isLimit: true)
    }

    static let streamElsewhere = Self(
        "stream-elsewhere", "the rows lie at another address (STREAM with href), which is not followed",
        hint: "send them inside the document")

    static func unknownEncoding(_ encoding: String) -> Self {
        Self("unknown-encoding", "STREAM is encoded in \"\(encoding.prefix(40))\"", hint: "base64 is read")
    }

    static let fitsInside = Self(
        "fits-inside", "a VOTable around FITS is not read", hint: "send the FITS file itself, or TABLEDATA, BINARY or BINARY2")

    static func badBase64(row: Int) -> Self {
        Self("damaged-votable", "the base64 of the rows is damaged in row \(row)")
    }

    static func cutRow(row: Int) -> Self {
        Self("damaged-votable", "the rows end in the middle of row \(row)")
    }

    static func badField(_ name: String, _ reason: String) -> Self {
        Self("bad-field", "FIELD \"\(name)\": \(reason)")
    }
}
