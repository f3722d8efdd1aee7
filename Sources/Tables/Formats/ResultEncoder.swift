package import NIOCore
package import VOTable

/// Writes one result: a head, rows as PostgreSQL sends them, a tail.
///
/// Rows are staged; ``drain(into:)`` hands over what is ready. One result, one encoder, one caller at a time.
package protocol ResultEncoder: AnyObject {
    /// Everything before the first row.
    func writeHead(into buffer: inout ByteBuffer)
    /// Takes a row of `COPY … (FORMAT binary)`.
    ///
    /// - Throws: ``FormatError`` when the row does not fit the columns.
    func append(row: UnsafeRawBufferPointer) throws(FormatError)
    /// Bytes staged so far.
    var staged: Int { get }
    /// Moves staged bytes into the buffer; a few may stay until the next time.
    func drain(into buffer: inout ByteBuffer)
    /// Everything after the last row; the rows end as whole ones.
    ///
    /// - Returns: whether the format could say how the result ended. When not, the connection must break after an error, lest a part pass for the whole.
    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool
}

/// An encoder whose first byte depends on the last row: it keeps the rows on disk, and writes the whole once their number is known.
///
/// Its tail is empty; after ``ResultEncoder/writeTail(_:into:)`` the whole comes from ``next(into:)``.
package protocol SpoolingEncoder: ResultEncoder {
    /// Bytes of the whole; known after the tail.
    var contentLength: Int { get }
    /// Moves the next part into the buffer; false when there is none left.
    ///
    /// - Throws: ``FormatError`` when the disk fails.
    func next(into buffer: inout ByteBuffer) throws(FormatError) -> Bool
}

extension ResultFormat {
    /// The encoder for this format.
    ///
    /// - Throws: ``FormatError`` when the format can't hold such a result.
    package func encoder(for document: ResultDocument, accessURL: AccessURLForm) throws(FormatError) -> any ResultEncoder {
        switch kind {
        case .binary2: return BinaryEncoder(document: document, accessURL: accessURL, serialization: .binary2)
        case .binary: return BinaryEncoder(document: document, accessURL: accessURL, serialization: .binary)
        case .tableData:
            return TextEncoder<XMLCells>(document: document, accessURL: accessURL, dialect: .tableData, frame: document.tableDataFrame)
        case .csv:
            let frame = document.lineFrame(CSVCells.self, .csv)
            let dialect = document.fields.count == 1 ? TextDialect.csvOfOneColumn : .csv
            return TextEncoder<CSVCells>(document: document, accessURL: accessURL, dialect: dialect, frame: frame)
        case .tsv:
            let frame = document.lineFrame(TSVCells.self, .tsv)
            return TextEncoder<TSVCells>(document: document, accessURL: accessURL, dialect: .tsv, frame: frame)
        case .json: return TextEncoder<JSONCells>(document: document, accessURL: accessURL, dialect: .json, frame: document.jsonFrame)
        case .html: return TextEncoder<XMLCells>(document: document, accessURL: accessURL, dialect: .html, frame: document.htmlFrame)
        case .text: return PlainTextEncoder(document: document, accessURL: accessURL)
        case .fits: return try FITSEncoder(document: document, accessURL: accessURL)
        case .parquet: return ParquetEncoder(document: document, accessURL: accessURL)
        }
    }
}
