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

extension ResultFormat {
    /// The encoder for this format.
    package func encoder(for document: ResultDocument, accessURL: AccessURLForm) -> any ResultEncoder {
        switch kind {
        case .binary2: Binary2Encoder(document: document, accessURL: accessURL)
        case .tableData: TextEncoder(document: document, accessURL: accessURL, dialect: .tableData)
        case .csv: TextEncoder(document: document, accessURL: accessURL, dialect: .csv)
        case .tsv: TextEncoder(document: document, accessURL: accessURL, dialect: .tsv)
        case .html: TextEncoder(document: document, accessURL: accessURL, dialect: .html)
        }
    }
}
