import Compression
import NIOCore
import TableModel
import VOTable

/// Rows as a Parquet file with VOTable metadata (VOParquet 1.0): row groups of bounded size, each column one zstd-compressed page in
/// PLAIN encoding, and at the end the footer with the schema, the places of the columns and the VOTable that describes them.
///
/// Texts are strings, timestamps microseconds, arrays and shapes lists of numbers. Whether rows are missing is told in the VOTable's
/// QUERY_STATUS, since the footer is written last.
final class ParquetEncoder: ResultEncoder {
    /// Bytes of rows in a row group, as PostgreSQL sends them.
    private static let groupBytes = 8 << 20

    private let document: ResultDocument
    private let schema: [ParquetSchema]
    private let columns: UnsafeMutablePointer<ParquetColumn>
    private let compressor = ZstandardCompressor(level: 1)
    private var page = ByteStage(capacity: 64)
    private var output = ByteStage(capacity: 64)

    private var groups: [RowGroup] = []
    private var groupRows = 0
    private var groupSize = 0
    private var rowCount = 0
    /// Bytes before those in ``output``.
    private var drained = 0

    private struct RowGroup {
        var rows: Int
        var chunks: [Chunk] = []
    }

    /// Where a column's values of one row group are.
    private struct Chunk {
        var offset: Int
        var entries: Int
        var nulls: Int
        var plainSize: Int
        var storedSize: Int
    }

    init(document: ResultDocument, accessURL: AccessURLForm) {
        self.document = document
        let types = document.columns.map(\.type)
        columns = .allocate(capacity: types.count)
        for (index, type) in types.enumerated() { (columns + index).initialize(to: ParquetColumn(type, accessURL: accessURL)) }
        schema = zip(document.uniqueNames(), types).map { ParquetSchema($0, CellPlan($1)) }
    }

    deinit {
        columns.deinitialize(count: schema.count)
        columns.deallocate()
    }

    /// Only whole row groups can be handed over.
    var staged: Int { output.count }

    func writeHead(into buffer: inout ByteBuffer) {
        output.append("PAR1")
    }

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: schema.count)
        for column in 0..<schema.count {
            if let field = try fields.next() { try columns[column].append(field) } else { columns[column].appendNull() }
        }
        rowCount += 1
        groupRows += 1
        groupSize += row.count
        if groupSize >= Self.groupBytes { writeGroup() }
    }

    func drain(into buffer: inout ByteBuffer) {
        buffer.writeBytes(output.bytes)
        drained += output.count
        output.dropFirst(output.count)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        if case .error = status { return false }
        if groupRows > 0 { writeGroup() }
        let footer = footer(status)
        footer.withUnsafeBytes { output.append($0) }
        withUnsafeBytes(of: UInt32(footer.count).littleEndian) { output.append($0) }
        output.append("PAR1")
        drain(into: &buffer)
        return true
    }

    // MARK: - Row groups

    private func writeGroup() {
        var group = RowGroup(rows: groupRows)
        for column in 0..<schema.count {
            let (entries, nulls) = (columns[column].entries, columns[column].nulls)
            columns[column].fillPage(&page)
            let bound = ZstandardCompressor.bound(page.count)
            // Room for the header, whose length follows from the page's.
            let header = 64
            output.reserve(header + bound)
            let stored = UnsafeMutableRawBufferPointer(start: output.end + header, count: bound)
            // A page that can't be compressed would be a page lost: zstd fails for want of memory alone.
            let storedSize = compressor.compress(page.bytes, into: stored)
            let start = pageHeader(entries: entries, plainSize: page.count, storedSize: storedSize)
            let offset = drained + output.count
            start.withUnsafeBytes { output.end.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(output.end), byteCount: $0.count) }
            (output.end + start.count).copyMemory(from: output.end + header, byteCount: storedSize)
            output.advance(to: output.end + start.count + storedSize)
            group.chunks.append(
                Chunk(
                    offset: offset, entries: entries, nulls: nulls, plainSize: start.count + page.count,
                    storedSize: start.count + storedSize))
            page.dropFirst(page.count)
        }
        groups.append(group)
        groupRows = 0
        groupSize = 0
    }

    private static let plain = 0
    private static let rle = 3
    private static let zstd = 6

    private func pageHeader(entries: Int, plainSize: Int, storedSize: Int) -> [UInt8] {
        var header = ThriftWriter()
        header.int32(1, 0)
        header.int32(2, plainSize)
        header.int32(3, storedSize)
        header.structure(5) { page in
            page.int32(1, entries)
            page.int32(2, Self.plain)
            page.int32(3, Self.rle)
            page.int32(4, Self.rle)
        }
        header.end()
        return header.bytes
    }

    // MARK: - The footer

    private func footer(_ status: QueryStatus) -> [UInt8] {
        var writer = ThriftWriter()
        writer.int32(1, 2)
        ParquetSchema.write(schema, to: &writer)
        writer.int64(3, rowCount)
        writer.structures(4, groups) { writer, group in
            writer.structures(1, Array(zip(schema, group.chunks))) { writer, column in Self.write(column.1, of: column.0, to: &writer) }
            writer.int64(2, group.chunks.reduce(0) { $0 + $1.plainSize })
            writer.int64(3, group.rows)
        }
        let description = document.votable(.tabledata).describing(rows: rowCount, status)
        let metadata: [(String, [UInt8])] = [
            ("IVOA.VOTable-Parquet.version", Array("1.0".utf8)), ("IVOA.VOTable-Parquet.content", Array(buffer: description)),
        ]
        writer.structures(5, metadata) { writer, pair in
            writer.string(1, pair.0.utf8)
            writer.string(2, pair.1)
        }
        writer.string(6, "Almagest".utf8)
        writer.end()
        return writer.bytes
    }

    private static func write(_ chunk: Chunk, of column: ParquetSchema, to writer: inout ThriftWriter) {
        writer.int64(2, 0)
        writer.structure(3) { data in
            data.int32(1, column.physical.rawValue)
            data.int32s(2, [plain, rle])
            data.strings(3, column.path)
            data.int32(4, zstd)
            data.int64(5, chunk.entries)
            data.int64(6, chunk.plainSize)
            data.int64(7, chunk.storedSize)
            data.int64(9, chunk.offset)
            data.structure(12) { $0.int64(3, chunk.nulls) }
        }
    }
}
