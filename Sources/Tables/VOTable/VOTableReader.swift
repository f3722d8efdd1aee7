package import TableInput
import TableModel
package import XML

/// Reads the first table of a VOTable, version 1.0 to 1.5, in TABLEDATA, BINARY or BINARY2, as its bytes arrive.
///
/// Each cell goes straight from the document into a row of PostgreSQL's binary COPY. Namespaces are not looked at: of 1.0 and of drafts are many about.
/// Source: VOTable 1.5.
package final class VOTableReader: XMLHandler {
    enum Element: String {
        case votable = "VOTABLE"
        case table = "TABLE"
        case field = "FIELD"
        case values = "VALUES"
        case description = "DESCRIPTION"
        case data = "DATA"
        case tabledata = "TABLEDATA"
        case tr = "TR"
        case td = "TD"
        case binary = "BINARY"
        case binary2 = "BINARY2"
        case fits = "FITS"
        case stream = "STREAM"
        case other = ""
    }

    let sink: any TableSink
    let limits: InputLimits
    let rows: CopyRows
    /// Rows that were read whole.
    var rowCount = 0
    var columns: [FieldReader] = []

    private var reader: XMLReader?
    private var names: [XMLName: Element] = [:]
    /// The two that make up nearly all of a document, found without a look into `names`.
    private var td: XMLName?
    private var tr: XMLName?
    private var path: [Element] = []

    private var table = IncomingTable(columns: [])
    private var field: FieldDeclaration?
    private var fields: [FieldDeclaration] = []
    private var text: [UInt8] = []
    private var hasBegun = false
    private var isOver = false

    private var column = 0
    private let cell = CellText()
    private var isBase64Cell = false
    private var binary: BinaryStream?

    /// Rows are handed on when they come to so many bytes.
    static let batch = 256 * 1024

    package init(sink: any TableSink, limits: InputLimits = InputLimits()) {
        self.sink = sink
        self.limits = limits
        rows = CopyRows(rowLimit: limits.row)
    }

    /// Reads the whole document.
    ///
    /// - Throws: ``InputError`` with the row or line, or what source and sink throw.
    package static func read(_ source: any ByteSource, into sink: any TableSink, limits: InputLimits = InputLimits()) throws {
        let handler = VOTableReader(sink: sink, limits: limits)
        let reader = XMLReader(handler)
        handler.reader = reader
        defer { handler.reader = nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        do {
            while case let count = try source.read(into: buffer), count > 0 {
                try reader.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            try reader.finish()
        } catch let error as XMLError {
            throw InputError.notVOTable(error, rows: handler.rowCount)
        }
        guard handler.isOver else { throw InputError.noTable }
        if handler.rows.rows > 0 { try sink.take(handler.rows) }
    }

    // MARK: - Events

    package func open(_ name: XMLName, _ attributes: borrowing XMLAttributes) throws {
        let element = self.element(name)
        path.append(element)
        if isOver { return }
        switch element {
        case .td:
            cell.removeAll()
            isBase64Cell = attributes.count > 0 && attributes["encoding"]?.lowercased() == "base64"
        case .tr:
            guard hasBegun else { throw InputError.misplaced("TR", line: line) }
            column = 0
            rows.beginRow(fields: columns.count)
        default: try openRare(element, attributes)
        }
    }

    package func close(_ name: XMLName) throws {
        let element = path.popLast() ?? .other
        if isOver { return }
        switch element {
        case .td:
            guard hasBegun, column < columns.count else { throw InputError.tooManyCells(row: rowCount + 1, columns: columns.count) }
            try put(cell)
            column += 1
        case .tr:
            guard column == columns.count else { throw InputError.tooFewCells(row: rowCount + 1, found: column, columns: columns.count) }
            try finishRow()
        default: try closeRare(element)
        }
    }

    package func text(_ bytes: UnsafeRawBufferPointer) throws {
        if isOver { return }
        switch path.last {
        case .td:
            guard cell.count + bytes.count <= limits.cell else { throw InputError.cellTooLarge(limit: limits.cell, row: rowCount + 1) }
            cell.append(bytes)
        case .stream:
            if let binary { try binary.append(base64: bytes, to: self) }
        case .description where path.count > 1 && [.field, .table].contains(path[path.count - 2]):
            guard text.count + bytes.count <= 1 << 16 else { throw InputError.longDescription(line: line) }
            text.append(contentsOf: bytes)
        default: break
        }
    }

    func finishRow() throws {
        rowCount += 1
        if rows.count >= Self.batch { try sink.take(rows) }
    }

    private func put(_ cell: CellText) throws {
        do throws(CellError) {
            if isBase64Cell {
                try columns[column].write(base64: cell.bytes, to: rows)
            } else {
                try columns[column].write(text: cell.bytes, to: rows)
            }
            try rows.checkRow()
        } catch {
            throw InputError.badCell(error, row: rowCount + 1, column: columns[column].column.name)
        }
    }

    // MARK: - Everything around the rows

    private var line: Int { reader?.line ?? 0 }

    private func element(_ name: XMLName) -> Element {
        if name == td { return .td }
        if name == tr { return .tr }
        if let known = names[name] { return known }
        let element = Element(rawValue: name.text.uppercased()) ?? .other
        if element == .td { td = name } else if element == .tr { tr = name }
        // A document of ever new names must not fill the memory.
        if names.count < 1000 { names[name] = element }
        return element
    }

    private func openRare(_ element: Element, _ attributes: borrowing XMLAttributes) throws {
        switch element {
        case .votable, .other, .description: break
        case .table:
            if !hasBegun { table.name = attributes["name"] ?? attributes["ID"] }
        case .field:
            guard path.dropLast().last == .table else { return }
            guard fields.count < limits.columns else { throw InputError.tooManyColumns(limit: limits.columns) }
            field = try FieldDeclaration(attributes, position: fields.count + 1)
        case .values:
            if path.dropLast().last == .field, let null = attributes["null"] { field?.null = null }
        case .tabledata: try begin()
        case .binary, .binary2:
            try begin()
            binary = BinaryStream(columns: columns, hasFlags: element == .binary2, limits: limits)
        case .stream:
            if attributes["href"] != nil { throw InputError.streamElsewhere }
            let encoding = attributes["encoding"]?.lowercased() ?? "none"
            guard encoding == "base64" else { throw InputError.unknownEncoding(encoding) }
        case .fits: throw InputError.fitsInside
        case .data, .td, .tr: break
        }
    }

    private func closeRare(_ element: Element) throws {
        switch element {
        case .description:
            guard [.field, .table].contains(path.last), !text.isEmpty else { return }
            let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if path.last == .field { field?.description = words } else if !hasBegun { table.description = words }
            text.removeAll()
        case .field:
            if let field { fields.append(field) }
            field = nil
        case .stream: try binary?.finish(self)
        case .binary, .binary2: binary = nil
        case .table:
            try begin()
            isOver = true
        default: break
        }
    }

    private func begin() throws {
        guard !hasBegun else { return }
        guard !fields.isEmpty else { throw InputError.noColumns }
        hasBegun = true
        columns = fields.map(FieldReader.init)
        table.columns = columns.map(\.column)
        try sink.begin(table)
    }
}

/// The text of one cell as it gathers.
final class CellText {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
    private(set) var count = 0

    deinit {
        storage.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    func removeAll() { count = 0 }

    func append(_ bytes: UnsafeRawBufferPointer) {
        if count + bytes.count > storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * storage.count, count + bytes.count), alignment: 16)
            larger.copyMemory(from: self.bytes)
            storage.deallocate()
            storage = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
