import TableInput
import TableModel

/// The rows of BINARY or BINARY2 as their base64 arrives (VOTable 1.5 §5.3, §5.4).
final class BinaryStream {
    private let columns: [FieldReader]
    private let flagBytes: Int
    private let limits: InputLimits
    private var decoder = Base64Decoder()
    /// Decoded bytes that belong to rows that are not whole.
    private var pending = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 * 1024, alignment: 16)
    private var start = 0
    private var end = 0
    /// The next row has at least so many bytes.
    private var needed = 1

    init(columns: [FieldReader], hasFlags: Bool, limits: InputLimits) {
        self.columns = columns
        self.limits = limits
        flagBytes = hasFlags ? (columns.count + 7) / 8 : 0
    }

    deinit {
        pending.deallocate()
    }

    func append(base64 text: UnsafeRawBufferPointer, to reader: VOTableReader) throws {
        // Up to three digits wait in the decoder, so that one more can make three bytes.
        makeRoom(text.count + 3)
        let isGood = decoder.decode(text) { byte in
            pending[end] = byte
            end += 1
        }
        guard isGood else { throw InputError.badBase64(row: reader.rowCount + 1) }
        if end - start >= needed, end - start >= 16 * 1024 { try readRows(to: reader) }
    }

    func finish(_ reader: VOTableReader) throws {
        guard decoder.isComplete else { throw InputError.badBase64(row: reader.rowCount + 1) }
        try readRows(to: reader)
        guard start == end else { throw InputError.cutRow(row: reader.rowCount + 1) }
    }

    private func readRows(to reader: VOTableReader) throws {
        let rows = reader.rows
        while start < end {
            let mark = rows.mark
            var cursor = BinaryCursor(UnsafeRawBufferPointer(rebasing: pending[start..<end]))
            guard try readRow(&cursor, reader) else {
                rows.rewind(to: mark)
                needed = max(cursor.needed, end - start + 1)
                return
            }
            start += cursor.offset
            needed = 1
            try reader.finishRow()
        }
    }

    private func readRow(_ cursor: inout BinaryCursor, _ reader: VOTableReader) throws -> Bool {
        guard let flags = cursor.take(flagBytes) else { return false }
        reader.rows.beginRow(fields: columns.count)
        for index in columns.indices {
            let isNull = flagBytes > 0 && flags[index >> 3] & (0x80 >> UInt8(index & 7)) != 0
            do throws(CellError) {
                guard try columns[index].write(binary: &cursor, isNull: isNull, limit: limits.cell, to: reader.rows) else { return false }
                try reader.rows.checkRow()
            } catch {
                throw InputError.badCell(error, row: reader.rowCount + 1, column: columns[index].column.name)
            }
            // Of a NULL next to nothing is written, however many bytes it came in.
            guard cursor.offset <= limits.row else { throw InputError.rowTooLarge(limit: limits.row, row: reader.rowCount + 1) }
        }
        return true
    }

    private func makeRoom(_ count: Int) {
        if pending.count - end >= count { return }
        let kept = end - start
        if pending.count - kept >= count, start > 0 {
            pending.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[start..<end]))
        } else {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * pending.count, kept + count), alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[start..<end]))
            pending.deallocate()
            pending = larger
        }
        start = 0
        end = kept
    }
}

/// Base64 in pieces, with blanks anywhere between its characters (RFC 4648 §4, VOTable 1.5 §5.4).
struct Base64Decoder {
    private var bits: UInt32 = 0
    private var digits = 0
    private var padding = 0

    /// Nothing is left over.
    var isComplete: Bool { digits == 0 }

    /// - Returns: false for what is no base64.
    @inline(__always)
    mutating func decode(_ text: UnsafeRawBufferPointer, into take: (UInt8) -> Void) -> Bool {
        for character in text {
            let value = Self.table[Int(character)]
            if value < 64 {
                guard padding == 0 else { return false }
                bits = bits << 6 | UInt32(value)
                digits += 1
                if digits == 4 {
                    take(UInt8(truncatingIfNeeded: bits >> 16))
                    take(UInt8(truncatingIfNeeded: bits >> 8))
                    take(UInt8(truncatingIfNeeded: bits))
                    digits = 0
                    bits = 0
                }
            } else if value == 64 {
                continue
            } else if character == UInt8(ascii: "=") {
                padding += 1
                guard digits + padding <= 4, digits >= 2 else { return padding <= 2 && digits == 0 }
                if digits + padding == 4 {
                    take(UInt8(truncatingIfNeeded: padding == 1 ? bits >> 10 : bits >> 4))
                    if padding == 1 { take(UInt8(truncatingIfNeeded: bits >> 2)) }
                    digits = 0
                    bits = 0
                }
            } else {
                return false
            }
        }
        return true
    }

    /// 64 for blanks, 255 for what does not belong.
    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { table[Int(character)] = UInt8(value) }
        for blank in [0x20, 0x09, 0x0A, 0x0D] { table[blank] = 64 }
        return table
    }()
}
