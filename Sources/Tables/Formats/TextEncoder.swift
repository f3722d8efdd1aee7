import NIOCore
import TableModel
import VOTable
import XML

/// Rows as text: TABLEDATA (VOTable 1.4 §5.4), CSV (RFC 4180), TSV and the rows of an HTML table.
///
/// Numbers stand in the shortest form that reads back to the same value; arrays and shapes as DALI writes them, with blanks between.
final class TextEncoder: ResultEncoder {
    private let document: ResultDocument
    private let plans: [CellPlan]
    private let elements: [ValueType.Wire]
    private let dialect: TextDialect
    private let accessURL: AccessURLForm
    private var stage = ByteStage(capacity: 128 * 1024)

    init(document: ResultDocument, accessURL: AccessURLForm, dialect: TextDialect) {
        self.document = document
        self.accessURL = accessURL
        self.dialect = dialect
        plans = document.columns.map { CellPlan($0.type) }
        elements = document.columns.map(\.type.wire)
    }

    var staged: Int { stage.count }

    func writeHead(into buffer: inout ByteBuffer) {
        switch dialect.escaping {
        case .xml where dialect.links: buffer.writeImmutableBuffer(document.htmlOpening())
        case .xml: buffer.writeImmutableBuffer(document.votable(.tabledata).opening())
        case .csv, .tsv:
            for (index, column) in document.columns.enumerated() {
                if index > 0 { stage.append(dialect.separator) }
                appendText(column.name)
            }
            stage.append(dialect.rowEnd)
            drain(into: &buffer)
        }
    }

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: plans.count)
        stage.append(dialect.rowStart)
        for column in 0..<plans.count {
            if column > 0 { stage.append(dialect.separator) }
            if let field = try fields.next() {
                stage.append(dialect.cellStart)
                try append(field, plans[column], elements[column])
                stage.append(dialect.cellEnd)
            } else {
                stage.append(dialect.null)
            }
        }
        stage.append(dialect.rowEnd)
    }

    func drain(into buffer: inout ByteBuffer) {
        buffer.writeBytes(stage.bytes)
        stage.dropFirst(stage.count)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        drain(into: &buffer)
        switch dialect.escaping {
        case .xml where dialect.links:
            buffer.writeImmutableBuffer(document.htmlClosing(status))
            return true
        case .xml:
            buffer.writeImmutableBuffer(document.votable(.tabledata).closing(status))
            return true
        case .csv, .tsv:
            if case .error = status { return false }
            return true
        }
    }

    // MARK: - Cells

    private func append(_ field: UnsafeRawBufferPointer, _ plan: CellPlan, _ wire: ValueType.Wire) throws(FormatError) {
        switch plan.kind {
        case .number:
            try appendNumber(field, plan.width, floating: plan.isFloating)
        case .boolean:
            stage.append(field.first == 0 ? "F" : "T")
        case .text, .fixedText:
            appendText(field)
        case .timestamp:
            guard field.count == 8 else { throw .damagedRow }
            stage.reserve(Timestamp.maximumCount)
            let microseconds = Int64(bigEndian: field.loadUnaligned(as: Int64.self))
            stage.advance(to: Timestamp.write(microseconds: microseconds, to: stage.end))
        case .bytes:
            for (index, byte) in field.enumerated() {
                if index > 0 { stage.append(" ") }
                appendInteger(Int64(byte))
            }
        case .array:
            var array = try CopyArray(field)
            let count = plan.count < 0 ? array.count : plan.count
            for index in 0..<count {
                if index > 0 { stage.append(" ") }
                if index < array.count, let element = try array.next() {
                    try appendNumber(element, plan.width, floating: plan.isFloating)
                } else {
                    appendMissing(plan)
                }
            }
        case .rowIdentifier:
            try appendUUID(field, plan.tag)
        case .accessURL:
            if dialect.links {
                stage.append("<a href=\"")
                try appendURL(field, plan.tag)
                stage.append("\">links</a>")
            } else {
                try appendURL(field, plan.tag)
            }
        }
    }

    /// A NULL among the elements of an array: NaN, or the smallest whole number, which the field declares (Field.binaryNull).
    private func appendMissing(_ plan: CellPlan) {
        switch (plan.isFloating, plan.width) {
        case (true, _): stage.append("NaN")
        case (false, 2): appendInteger(Int64(Int16.min))
        case (false, 4): appendInteger(Int64(Int32.min))
        default: appendInteger(Int64.min)
        }
    }

    private func appendURL(_ field: UnsafeRawBufferPointer, _ tag: TableTag) throws(FormatError) {
        appendText(accessURL.prefix, quoted: false)
        try appendUUID(field, tag)
        appendText(accessURL.suffix, quoted: false)
    }

    private func appendUUID(_ field: UnsafeRawBufferPointer, _ tag: TableTag) throws(FormatError) {
        guard field.count == 8 else { throw .damagedRow }
        stage.reserve(36)
        let key = Int64(bigEndian: field.loadUnaligned(as: Int64.self))
        RowIdentifier(tag: tag, key: key).write(to: UnsafeMutableRawBufferPointer(start: stage.end, count: 36))
        stage.advance(to: stage.end + 36)
    }

    // MARK: - Numbers

    private func appendNumber(_ field: UnsafeRawBufferPointer, _ width: Int, floating: Bool) throws(FormatError) {
        guard field.count == width else { throw .damagedRow }
        switch (width, floating) {
        case (8, true): appendFloating(Double(bitPattern: UInt64(bigEndian: field.loadUnaligned(as: UInt64.self))))
        case (4, true): appendFloating(Float(bitPattern: UInt32(bigEndian: field.loadUnaligned(as: UInt32.self))))
        case (8, false): appendInteger(Int64(bigEndian: field.loadUnaligned(as: Int64.self)))
        case (4, false): appendInteger(Int64(Int32(bigEndian: field.loadUnaligned(as: Int32.self))))
        default: appendInteger(Int64(Int16(bigEndian: field.loadUnaligned(as: Int16.self))))
        }
    }

    private func appendFloating<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Number) {
        if value.isFinite {
            stage.append(value.description)
        } else if value.isNaN {
            stage.append("NaN")
        } else {
            stage.append(value < 0 ? "-Inf" : "+Inf")
        }
    }

    private func appendInteger(_ value: Int64) {
        stage.reserve(20)
        var rest = value.magnitude
        var end = stage.end
        if value < 0 {
            end.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            end += 1
        }
        var places = 1
        var bound: UInt64 = 10
        while rest >= bound, places < 19 {
            places += 1
            bound *= 10
        }
        // The largest magnitudes have no next power of ten in 64 bits.
        if places == 19, rest >= 10_000_000_000_000_000_000 { places = 20 }
        for place in stride(from: places - 1, through: 0, by: -1) {
            end.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        stage.advance(to: end + places)
    }

    // MARK: - Text

    private func appendText(_ text: String, quoted: Bool = true) {
        var text = text
        text.withUTF8 { appendText(UnsafeRawBufferPointer($0), quoted: quoted) }
    }

    private func appendText(_ field: UnsafeRawBufferPointer, quoted: Bool = true) {
        switch dialect.escaping {
        case .xml: appendEscaped(field)
        case .csv: quoted ? appendQuoted(field) : stage.append(field)
        case .tsv:
            stage.reserve(field.count)
            for byte in field { stage.append(byte == 9 || byte == 10 || byte == 13 ? UInt8(ascii: " ") : byte) }
        }
    }

    private func appendQuoted(_ field: UnsafeRawBufferPointer) {
        let plain = !field.isEmpty && field.allSatisfy { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 != 10 && $0 != 13 }
        guard !plain else { return stage.append(field) }
        stage.append(UInt8(ascii: "\""))
        for byte in field {
            if byte == UInt8(ascii: "\"") { stage.append(byte) }
            stage.append(byte)
        }
        stage.append(UInt8(ascii: "\""))
    }

    private func appendEscaped(_ field: UnsafeRawBufferPointer) {
        var written = 0
        while let (index, substitute) = XMLSubstitute.next(in: field, from: written, place: .attribute) {
            stage.append(UnsafeRawBufferPointer(rebasing: field[written..<index]))
            stage.append(substitute.text)
            written = index + substitute.length
        }
        stage.append(UnsafeRawBufferPointer(rebasing: field[written...]))
    }
}
