import TableInput
import TableModel

/// Reads CSV (RFC 4180), TSV and ECSV: the first line names the columns, and what stands in a column says its type.
///
/// The types are known only at the end, so the text is looked over while it is kept on disk, and then read again.
enum TextReader {
    static func read(_ source: ByteCursor, into sink: any TableSink, limits: InputLimits) throws {
        let spool = try SpoolSource(source)
        let first = DelimitedRows(ByteCursor(spool), limit: limits.cell)
        let names = try first.header()
        guard !names.isEmpty else { throw InputError.noColumns }
        guard names.count <= limits.columns else { throw InputError.tooManyColumns(limit: limits.columns) }
        guard
            names.contains(where: {
                $0.utf8.withContiguousStorageIfAvailable { NumberText.double(UnsafeRawBufferPointer($0)) == nil } ?? true
            })
        else {
            throw InputError.badHeader
        }
        var kinds = [TextKind](repeating: TextKind(), count: names.count)
        var row = 0
        while try first.next(row: row + 1) {
            row += 1
            if first.isBlank, names.count > 1 { continue }
            guard first.count == names.count else { throw InputError.fields(first.count, of: names.count, row: row) }
            for index in kinds.indices { kinds[index].look(first.field(index), isQuoted: first.isQuoted(index)) }
        }
        try spool.rewind()
        let columns = zip(names, kinds).map { Column($0, $1.type) }
        try sink.begin(IncomingTable(columns: columns))
        try write(DelimitedRows(ByteCursor(spool), limit: limits.cell), columns, into: sink)
    }

    private static func write(_ text: DelimitedRows, _ columns: [Column], into sink: any TableSink) throws {
        _ = try text.header()
        let rows = CopyRows()
        var row = 0
        while try text.next(row: row + 1) {
            row += 1
            if text.isBlank, columns.count > 1 { continue }
            rows.beginRow(fields: columns.count)
            for (index, column) in columns.enumerated() {
                let field = text.field(index)
                guard write(field, isQuoted: text.isQuoted(index), column.type, to: rows) else {
                    throw InputError.badCell(CellError.notA("value of its column", field).reason, row: row, column: column.name)
                }
            }
            if rows.count >= 256 * 1024 { try sink.take(rows) }
        }
        if rows.rows > 0 { try sink.take(rows) }
    }

    private static func write(_ field: UnsafeRawBufferPointer, isQuoted: Bool, _ type: ValueType, to rows: CopyRows) -> Bool {
        if case .varchar = type {
            field.isEmpty && !isQuoted ? rows.null() : rows.field(text: field)
            return true
        }
        let value = NumberText.trimmed(field)
        if value.isEmpty {
            rows.null()
            return true
        }
        switch type {
        case .integer: return NumberText.int(value).flatMap { Int32(exactly: $0) }.map { rows.field($0) } != nil
        case .bigint: return NumberText.int(value).map { rows.field($0) } != nil
        case .double: return NumberText.double(value).map { rows.field($0) } != nil
        case .timestamp: return TimestampText.microseconds(value).map { rows.field($0) } != nil
        case .boolean: return TextKind.truth(value).map { rows.field($0) } != nil
        default: return false
        }
    }
}

/// What all values of a column that were seen so far can be.
struct TextKind {
    private var isInt = true
    private var isLong = true
    private var isDouble = true
    private var isTime = true
    private var isTruth = true
    private var isEmpty = true
    private var isDone = false

    mutating func look(_ field: UnsafeRawBufferPointer, isQuoted: Bool) {
        if isDone { return }
        let value = NumberText.trimmed(field)
        if value.isEmpty {
            // Quotes around nothing mean a text.
            if isQuoted { (isEmpty, isDone, isLong, isDouble, isTime, isTruth) = (false, true, false, false, false, false) }
            return
        }
        isEmpty = false
        if isLong {
            let number = NumberText.int(value)
            isLong = number != nil
            isInt = isInt && number.flatMap { Int32(exactly: $0) } != nil
        }
        if !isLong, isDouble { isDouble = NumberText.double(value) != nil }
        if !isLong, !isDouble, isTime { isTime = TimestampText.microseconds(value) != nil }
        if isTruth { isTruth = Self.truth(value) != nil }
        // A hexadecimal number among decimals is no number of this kind of text.
        isDone = !isLong && !isDouble && !isTime && !isTruth
    }

    var type: ValueType {
        if isEmpty { return .varchar(nil) }
        if isLong { return isInt ? .integer : .bigint }
        if isDouble { return .double }
        if isTruth { return .boolean }
        return isTime ? .timestamp : .varchar(nil)
    }

    static func truth(_ value: UnsafeRawBufferPointer) -> Bool? {
        guard value.count <= 5 else { return nil }
        switch String(decoding: value, as: UTF8.self).lowercased() {
        case "true", "t": return true
        case "false", "f": return false
        default: return nil
        }
    }
}
