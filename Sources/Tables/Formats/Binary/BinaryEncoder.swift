import NIOCore
import TableModel
import VOTable

/// Rows as BINARY2 or BINARY in base64 (VOTable 1.4 §5.5, §5.6): every cell in VOTable's byte order, which is PostgreSQL's too.
///
/// BINARY2 has null flags before each row. BINARY has none: a whole number that is NULL is the smallest of its type, which the field
/// declares; a true one of that value can't be told from it.
///
/// VOTable's char is ASCII, and astropy fails at more. So the head waits for the first rows: columns with other characters among them are
/// declared unicodeChar, as those are that the catalogue has as such. Where such a character comes later in a column of char, a question mark takes its place, and the end of the
/// document warns of it.
final class BinaryEncoder: ResultEncoder {
    private var document: VOTableDocument
    private let frame: KnownFrame?
    private let plans: UnsafeMutableBufferPointer<CellPlan>
    /// For each column how its commonest cells are written; the plan is for the others.
    private let shortcuts: UnsafeMutableBufferPointer<Int32>
    private let flagBytes: Int
    /// Bytes of a row beyond those that PostgreSQL sent.
    private let overhead: Int
    private let urlPrefix: [UInt8]
    private let urlSuffix: [UInt8]
    /// It grows with the result: most are small.
    private var stage = ByteStage(capacity: 8 * 1024)
    /// The first rows, until the head is written.
    private var first = RowQueue()
    private var isOpen = false
    /// Texts with a character that their column can't hold.
    private var reducedTexts = 0

    /// What a cell's byte count is compared with. It is the width of a number, whose bytes go on as they are.
    private enum Shortcut {
        /// Text that is ASCII as a rule. No cell has so many bytes.
        static let text = Int32.min
        static let none = Int32.min + 1
    }

    /// - Parameter serialization: BINARY or BINARY2.
    init(document: ResultDocument, accessURL: AccessURLForm, serialization: Serialization) {
        self.document = document.votable(serialization)
        frame = document.frame
        urlPrefix = Array(accessURL.prefix.utf8)
        urlSuffix = Array(accessURL.suffix.utf8)
        plans = .allocate(capacity: document.columns.count)
        _ = plans.initialize(from: document.columns.map { CellPlan($0.type) })
        for index in plans.indices { plans[index].isUnicode = document.fields[index].isUnicode }
        flagBytes = serialization == .binary2 ? (plans.count + 7) / 8 : 0
        let urlCount = urlPrefix.count + 36 + urlSuffix.count
        // Short texts are stored as eight bytes.
        overhead = flagBytes + plans.reduce(0) { $0 + $1.binaryOverhead(urlCount: urlCount) } + 8
        shortcuts = .allocate(capacity: plans.count)
        shortcuts.initialize(repeating: Shortcut.none)
        findShortcuts()
    }

    deinit {
        plans.deinitialize()
        plans.deallocate()
        shortcuts.deallocate()
    }

    private func findShortcuts() {
        for (column, plan) in plans.enumerated() {
            switch plan.kind {
            case .int2, .int4, .int8, .float4, .float8: shortcuts[column] = Int32(plan.width)
            case .text where !plan.isUnicode: shortcuts[column] = Shortcut.text
            default: shortcuts[column] = Shortcut.none
            }
        }
    }

    var staged: Int { isOpen ? stage.count : first.count }

    /// It comes with the first rows.
    func writeHead(into buffer: inout ByteBuffer) {}

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        if isOpen { return try write(row) }
        try lookThrough(row)
        // A damaged row must be told of now, not when the head is written.
        try write(row)
        stage.dropFirst(stage.count)
        first.append(row)
    }

    /// Notes which columns have more than ASCII.
    private func lookThrough(_ row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: plans.count)
        for column in 0..<plans.count {
            guard let field = try fields.next() else { continue }
            switch plans[column].kind {
            case .text, .fixedText:
                if !TextRepertoire.isASCII(field) { plans[column].isUnicode = true }
            default: break
            }
        }
    }

    /// Writes the head and the rows that waited for it.
    private func open(into buffer: inout ByteBuffer) {
        guard !isOpen else { return }
        isOpen = true
        reducedTexts = 0
        for column in 0..<plans.count { document.fields[column].isUnicode = plans[column].isUnicode }
        findShortcuts()
        if frame?.writeOpening(of: document, into: &buffer) != true { buffer.writeImmutableBuffer(document.opening()) }
        // They were written once before, so that they are not damaged.
        first.handOut { row in try? write(row) }
        first = RowQueue()
    }

    private func write(_ row: UnsafeRawBufferPointer) throws(FormatError) {
        // A NULL in an array has 4 bytes on the wire and up to 8 in the cell.
        try stage.append(atMost: 2 * row.count + overhead) { target throws(FormatError) in try write(row, to: target) }
    }

    /// - Returns: the end of what was written.
    private func write(_ row: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) throws(FormatError) -> UnsafeMutableRawPointer {
        var fields = try CopyRow(row, columns: plans.count)
        let flags = target
        flags.initializeMemory(as: UInt8.self, repeating: 0, count: flagBytes)
        var end = flags + flagBytes
        for column in 0..<plans.count {
            let shortcut = shortcuts[column]
            if let field = try fields.next() {
                let count = Int32(truncatingIfNeeded: field.count)
                if count == shortcut, let start = field.baseAddress {
                    // All numbers are copied, and the bytes of most are four.
                    if count == 4 {
                        end.storeBytes(of: start.loadUnaligned(as: UInt32.self), as: UInt32.self)
                    } else if count == 8 {
                        end.storeBytes(of: start.loadUnaligned(as: UInt64.self), as: UInt64.self)
                    } else {
                        end.storeBytes(of: start.loadUnaligned(as: UInt16.self), as: UInt16.self)
                    }
                    end += field.count
                } else if shortcut == Shortcut.text, TextRepertoire.copyASCII(field, to: end + 4) {
                    end = writeCount(field.count, to: end) + field.count
                } else {
                    end = try write(field, plans[column], to: end)
                }
            } else if flagBytes == 0 {
                end = writeDeclaredNull(plans[column], to: end)
            } else {
                let flag = flags.load(fromByteOffset: column >> 3, as: UInt8.self) | 0x80 >> UInt8(column & 7)
                flags.storeBytes(of: flag, toByteOffset: column >> 3, as: UInt8.self)
                end = writeNull(plans[column], to: end)
            }
        }
        return end
    }

    func drain(into buffer: inout ByteBuffer) {
        open(into: &buffer)
        encode(stage.count / 3 * 3, into: &buffer)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        open(into: &buffer)
        encode(stage.count, into: &buffer)
        let remark =
            "\(reducedTexts) texts hold characters that this serialization can't say, with a question mark for each; TABLEDATA has them all"
        let infos = reducedTexts > 0 ? [Info("warning", remark)] : []
        if let frame {
            frame.writeClosing(document.serialization, status, infos: infos, into: &buffer)
        } else {
            buffer.writeImmutableBuffer(document.closing(status, infos: infos))
        }
        return true
    }

    /// Moves the first bytes of the stage into the buffer as a line of base64.
    private func encode(_ count: Int, into buffer: inout ByteBuffer) {
        guard count > 0 else { return }
        let encoded = Base64.encodedCount(count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: encoded + 1) { target in
            guard let base = target.baseAddress else { return 0 }
            Base64.encode(UnsafeRawBufferPointer(rebasing: stage.bytes.prefix(count)), to: base)
            base.storeBytes(of: UInt8(ascii: "\n"), toByteOffset: encoded, as: UInt8.self)
            return encoded + 1
        }
        stage.dropFirst(count)
    }

    // MARK: - Cells

    private func write(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        switch plan.kind {
        case .int2, .int4, .int8, .float4, .float8:
            // One of the right width has been written.
            throw .damagedRow
        case .text:
            return writeUncommonText(field, plan, to: target)
        case .bytes:
            return copy(field, to: writeCount(field.count, to: target))
        case .boolean:
            target.storeBytes(of: field.first == 0 ? UInt8(ascii: "F") : UInt8(ascii: "T"), as: UInt8.self)
            return target + 1
        case .fixedText:
            return writeFixedText(field, plan, to: target)
        case .timestamp:
            let start = target + 4
            let end = Timestamp.write(microseconds: try int8(field), to: start)
            _ = writeCount(end - start, to: target)
            return end
        case .array:
            return try writeArray(CopyArray(field), plan, to: target)
        case .rowIdentifier:
            return writeUUID(try int8(field), plan.tag, to: target)
        case .accessURL:
            var end = writeCount(urlPrefix.count + 36 + urlSuffix.count, to: target)
            end = urlPrefix.withUnsafeBytes { copy($0, to: end) }
            end = writeUUID(try int8(field), plan.tag, to: end)
            return urlSuffix.withUnsafeBytes { copy($0, to: end) }
        }
    }

    private func writeUncommonText(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let start = target + 4
        let end: UnsafeMutableRawPointer
        if plan.isUnicode {
            end = TextRepertoire.writeUTF16(field, to: start)
            _ = writeCount((end - start) / 2, to: target)
        } else {
            reducedTexts += 1
            end = TextRepertoire.writeASCII(field, to: start)
            _ = writeCount(end - start, to: target)
        }
        return end
    }

    /// Exactly so many characters, blanks at the end.
    private func writeFixedText(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let end = target + plan.width * (plan.isUnicode ? 2 : 1)
        if plan.isUnicode {
            // PostgreSQL counts characters as UTF-16 does, but for those that take two units of it.
            var next = TextRepertoire.writeUTF16(field, to: target)
            while next < end {
                next.storeBytes(of: 0, as: UInt8.self)
                next.storeBytes(of: UInt8(ascii: " "), toByteOffset: 1, as: UInt8.self)
                next += 2
            }
            return end
        }
        if !TextRepertoire.isASCII(field) { reducedTexts += 1 }
        let next = TextRepertoire.writeASCII(field, to: target)
        if next < end { next.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: " "), count: end - next) }
        return end
    }

    private func writeArray(
        _ array: CopyArray, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        var array = array
        var end = target
        let written = plan.count < 0 ? array.count : plan.count
        if plan.count < 0 { end = writeCount(array.count, to: end) }
        for index in 0..<written {
            if index < array.count, let element = try array.next() {
                guard element.count == plan.width else { throw .damagedRow }
                end = copy(element, to: end)
            } else {
                end = writeBlank(plan, to: end)
                // The declared NULL of an element: the smallest whole number (Field.binaryNull).
                if !plan.isFloating { (end - plan.width).storeBytes(of: 0x80, as: UInt8.self) }
            }
        }
        return end
    }

    /// A NULL: its flag says so, the cell is there all the same.
    private func writeNull(_ plan: CellPlan, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        switch plan.kind {
        case .int2, .int4, .int8:
            target.initializeMemory(as: UInt8.self, repeating: 0, count: plan.width)
            return target + plan.width
        case .float4, .float8:
            return writeNaN(plan.width, to: target)
        case .boolean:
            target.storeBytes(of: UInt8(ascii: "?"), as: UInt8.self)
            return target + 1
        case .text, .bytes, .timestamp, .accessURL:
            return writeCount(0, to: target)
        case .fixedText:
            let count = plan.width * (plan.isUnicode ? 2 : 1)
            target.initializeMemory(as: UInt8.self, repeating: 0, count: count)
            return target + count
        case .rowIdentifier:
            target.initializeMemory(as: UInt8.self, repeating: 0, count: 36)
            return target + 36
        case .array:
            guard plan.count >= 0 else { return writeCount(0, to: target) }
            var end = target
            for _ in 0..<plan.count { end = writeBlank(plan, to: end) }
            return end
        }
    }

    /// A NULL where no flag says so: whole numbers are the smallest of their type, as the field declares.
    private func writeDeclaredNull(_ plan: CellPlan, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let end = writeNull(plan, to: target)
        switch plan.kind {
        case .int2, .int4, .int8:
            target.storeBytes(of: 0x80, as: UInt8.self)
        case .array where !plan.isFloating:
            for index in 0..<max(0, plan.count) { target.storeBytes(of: 0x80, toByteOffset: index * plan.width, as: UInt8.self) }
        default: break
        }
        return end
    }

    /// NaN for a floating number, zero for an integer.
    private func writeBlank(_ plan: CellPlan, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if plan.isFloating { return writeNaN(plan.width, to: target) }
        target.initializeMemory(as: UInt8.self, repeating: 0, count: plan.width)
        return target + plan.width
    }

    private func writeNaN(_ width: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if width == 8 {
            target.storeBytes(of: Double.nan.bitPattern.bigEndian, as: UInt64.self)
        } else {
            target.storeBytes(of: Float.nan.bitPattern.bigEndian, as: UInt32.self)
        }
        return target + width
    }

    private func writeUUID(_ key: Int64, _ tag: TableTag, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        RowIdentifier(tag: tag, key: key).write(to: UnsafeMutableRawBufferPointer(start: target, count: 36))
        return target + 36
    }

    private func int8(_ field: UnsafeRawBufferPointer) throws(FormatError) -> Int64 {
        guard field.count == 8 else { throw .damagedRow }
        return Int64(bigEndian: field.loadUnaligned(as: Int64.self))
    }

    @inline(__always)
    private func writeCount(_ count: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian, as: UInt32.self)
        return target + 4
    }

    @inline(__always)
    private func copy(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        guard let start = source.baseAddress else { return target }
        target.copyMemory(from: start, byteCount: source.count)
        return target + source.count
    }
}
