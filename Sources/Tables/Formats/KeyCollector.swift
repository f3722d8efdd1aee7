package import TableModel

/// Reads which rows of tables with data a result names, and nothing else of it.
package struct KeyCollector {
    /// Each row once, in the order of the result.
    package private(set) var identifiers: [RowIdentifier] = []
    private var seen: Set<RowIdentifier> = []
    private let columns: Int
    private let places: [Int: TableTag]

    /// - Parameter places: which columns of the result hold row keys, and of which table.
    package init(columns: Int, places: [(Int, TableTag)]) {
        self.columns = columns
        self.places = Dictionary(places) { first, _ in first }
    }

    /// Takes a row of `COPY … (FORMAT binary)`; NULLs, as of outer joins, name no row.
    package mutating func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: columns)
        for column in 0..<columns {
            guard let field = try fields.next(), let tag = places[column] else { continue }
            guard field.count == 8 else { throw .damagedRow }
            let identifier = RowIdentifier(tag: tag, key: Int64(bigEndian: field.loadUnaligned(as: Int64.self)))
            if seen.insert(identifier).inserted { identifiers.append(identifier) }
        }
    }
}
