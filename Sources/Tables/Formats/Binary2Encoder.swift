import NIOCore
import TableModel
import VOTable

/// Rows as BINARY2 in base64 (VOTable 1.4 §6.4): null flags, then every cell in VOTable's byte order, which is PostgreSQL's too.
final class Binary2Encoder: ResultEncoder {
    private let document: VOTableDocument
    private let plans: UnsafeMutableBufferPointer<CellPlan>
    private let flagBytes: Int
    /// Bytes of a row beyond those that PostgreSQL sent.
    private let overhead: Int
    private let urlPrefix: [UInt8]
    private let urlSuffix: [UInt8]
    private var stage = ByteStage(capacity: 128 * 1024)

    init(document: ResultDocument, accessURL: AccessURLForm) {
        self.document = document.votable(.binary2)
        urlPrefix = Array(accessURL.prefix.utf8)
        urlSuffix = Array(accessURL.suffix.utf8)
        plans = .allocate(capacity: document.columns.count)
        _ = plans.initialize(from: document.columns.map { CellPlan($0.type) })
        flagBytes = (plans.count + 7) / 8
        let urlCount = urlPrefix.count + 36 + urlSuffix.count
        overhead = flagBytes + plans.reduce(0) { $0 + $1.binaryOverhead(urlCount: urlCount) }
    }

    deinit {
        plans.deinitialize()
        plans.deallocate()
    }

    var staged: Int { stage.count }

    func writeHead(into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(document.opening())
    }

    func append(row: UnsafeRawBufferPointer) throws(FormatError) {
        var fields = try CopyRow(row, columns: plans.count)
        // A NULL in an array has 4 bytes on the wire and up to 8 in the cell.
        stage.reserve(2 * row.count + overhead)
        let flags = stage.end
        flags.initializeMemory(as: UInt8.self, repeating: 0, count: flagBytes)
        var end = flags + flagBytes
        for column in 0..<plans.count {
            let plan = plans[column]
            if let field = try fields.next() {
                end = try write(field, plan, to: end)
            } else {
                let flag = flags.load(fromByteOffset: column >> 3, as: UInt8.self) | 0x80 >> UInt8(column & 7)
                flags.storeBytes(of: flag, toByteOffset: column >> 3, as: UInt8.self)
                end = writeNull(plan, to: end)
            }
        }
        stage.advance(to: end)
    }

    func drain(into buffer: inout ByteBuffer) {
        encode(stage.count / 3 * 3, into: &buffer)
    }

    func writeTail(_ status: QueryStatus, into buffer: inout ByteBuffer) -> Bool {
        encode(stage.count, into: &buffer)
        buffer.writeImmutableBuffer(document.closing(status))
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

    @inline(__always)
    private func write(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        switch plan.kind {
        case .number:
            guard field.count == plan.width, let source = field.baseAddress else { throw .damagedRow }
            switch plan.width {
            case 8: target.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
            case 4: target.storeBytes(of: source.loadUnaligned(as: UInt32.self), as: UInt32.self)
            default: target.storeBytes(of: source.loadUnaligned(as: UInt16.self), as: UInt16.self)
            }
            return target + plan.width
        case .text, .bytes:
            return copy(field, to: writeCount(field.count, to: target))
        default:
            return try writeUncommon(field, plan, to: target)
        }
    }

    private func writeUncommon(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        switch plan.kind {
        case .boolean:
            target.storeBytes(of: field.first == 0 ? UInt8(ascii: "F") : UInt8(ascii: "T"), as: UInt8.self)
            return target + 1
        case .fixedText:
            // PostgreSQL pads char(n) with blanks by characters; VOTable counts bytes.
            var kept = min(field.count, plan.width)
            // No character is cut in two.
            while kept > 0, kept < field.count, field[kept] & 0xC0 == 0x80 { kept -= 1 }
            let end = copy(UnsafeRawBufferPointer(rebasing: field.prefix(kept)), to: target)
            end.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: " "), count: plan.width - kept)
            return target + plan.width
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
        case .number, .text, .bytes:
            return target
        }
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
        case .number:
            return writeBlank(plan, to: target)
        case .boolean:
            target.storeBytes(of: UInt8(ascii: "?"), as: UInt8.self)
            return target + 1
        case .text, .bytes, .timestamp, .accessURL:
            return writeCount(0, to: target)
        case .fixedText:
            target.initializeMemory(as: UInt8.self, repeating: 0, count: plan.width)
            return target + plan.width
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

    /// NaN for a floating number, zero for an integer.
    private func writeBlank(_ plan: CellPlan, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.initializeMemory(as: UInt8.self, repeating: 0, count: plan.width)
        if plan.isFloating {
            target.storeBytes(of: 0x7F, as: UInt8.self)
            target.storeBytes(of: plan.width == 8 ? 0xF8 : 0xC0, toByteOffset: 1, as: UInt8.self)
        }
        return target + plan.width
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
