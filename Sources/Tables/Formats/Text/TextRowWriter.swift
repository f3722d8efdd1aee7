import TableModel

/// Writes rows as text into a stage: what to do with each column is decided beforehand, and nothing in the loop is an object.
///
/// Its owner must call ``free()``.
struct TextRowWriter<Escaping: CellEscaping> {
    private let plans: UnsafeMutableBufferPointer<CellPlan>
    private let dialect: TextDialect
    private let numbers = DecimalText()
    /// A NULL and what follows it.
    private let null: ShortText
    /// What follows any other value.
    private let cellEnd: ShortText
    private let urlPrefix: UnsafeMutableRawBufferPointer
    private let urlSuffix: UnsafeMutableRawBufferPointer
    private let markRoom: Int
    /// Bytes that a row takes at most, apart from its texts and arrays.
    private let rowRoom: Int

    init(types: [ValueType], accessURL: AccessURLForm, dialect: TextDialect) {
        self.dialect = dialect
        plans = .allocate(capacity: types.count)
        _ = plans.initialize(from: types.map { CellPlan($0) })
        // One mark for each object of a row: beside its links, else beside its identifier.
        let marked: CellPlan.Kind = plans.contains { $0.kind == .accessURL } ? .accessURL : .rowIdentifier
        for column in plans.indices { plans[column].isMarkable = dialect.markStart.utf8CodeUnitCount > 0 && plans[column].kind == marked }
        markRoom = 36 + dialect.markStart.utf8CodeUnitCount + dialect.markEnd.utf8CodeUnitCount
        null = ShortText(joining: [dialect.null, dialect.separator])
        cellEnd = ShortText(joining: [dialect.cellEnd, dialect.separator])
        urlPrefix = Self.escapedURL(accessURL.prefix)
        urlSuffix = Self.escapedURL(accessURL.suffix)
        let cellRoom =
            4 * ShortText.room + max(DecimalText.maximumCount, 36 + markRoom + urlPrefix.count + urlSuffix.count + 2 * ShortText.room)
        rowRoom = 4 * ShortText.room + types.count * cellRoom
    }

    func free() {
        plans.deinitialize()
        plans.deallocate()
        urlPrefix.deallocate()
        urlSuffix.deallocate()
    }

    /// A part of a URL, which stands inside quotes of the dialect's own where there are any.
    private static func escapedURL(_ text: String) -> UnsafeMutableRawBufferPointer {
        var escaped = Escaping.growth > 2 ? Escaping.escaped(text) : Array(text.utf8)
        if Escaping.growth > 2, Escaping.margin == 2 { escaped = Array(escaped.dropFirst().dropLast()) }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: escaped.count, alignment: 1)
        memory.copyBytes(from: escaped)
        return memory
    }

    // MARK: - Rows

    func write(_ row: UnsafeRawBufferPointer, isFirst: Bool, to stage: inout ByteStage) throws(FormatError) {
        var fields = try CopyRow(row, columns: plans.count)
        stage.reserve(rowRoom)
        var end = stage.end
        if !isFirst { end = dialect.rowSeparator.write(to: end) }
        end = dialect.rowStart.write(to: end)
        for column in 0..<plans.count {
            guard let field = try fields.next() else {
                end = null.write(to: end)
                continue
            }
            end = dialect.cellStart.write(to: end)
            switch plans[column].kind {
            case .float8:
                guard field.count == 8 else { throw .damagedRow }
                end = write(Double(bitPattern: UInt64(bigEndian: field.loadUnaligned(as: UInt64.self))), to: end)
            case .float4:
                guard field.count == 4 else { throw .damagedRow }
                end = write(Float(bitPattern: UInt32(bigEndian: field.loadUnaligned(as: UInt32.self))), to: end)
            case .int8:
                guard field.count == 8 else { throw .damagedRow }
                end = numbers.write(Int64(bigEndian: field.loadUnaligned(as: Int64.self)), to: end)
            case .int4:
                guard field.count == 4 else { throw .damagedRow }
                end = numbers.write(Int64(Int32(bigEndian: field.loadUnaligned(as: Int32.self))), to: end)
            case .int2:
                guard field.count == 2 else { throw .damagedRow }
                end = numbers.write(Int64(Int16(bigEndian: field.loadUnaligned(as: Int16.self))), to: end)
            case .text, .fixedText:
                end = makeRoom(field.count * Escaping.growth + Escaping.margin + 8, at: end, in: &stage)
                end = Escaping.write(field, to: end)
            default:
                end = try writeUncommon(field, plans[column], to: end, in: &stage)
            }
            end = cellEnd.write(to: end)
        }
        // The last cell has no other after it.
        if !plans.isEmpty { end -= dialect.separator.count }
        end = dialect.rowEnd.write(to: end)
        stage.advance(to: end)
    }

    /// Where to go on writing so that `extra` bytes and the rest of a row fit.
    @inline(__always)
    private func makeRoom(_ extra: Int, at end: UnsafeMutableRawPointer, in stage: inout ByteStage) -> UnsafeMutableRawPointer {
        if stage.room(at: end) >= extra + rowRoom { return end }
        stage.advance(to: end)
        stage.reserve(extra + rowRoom)
        return stage.end
    }

    // MARK: - Cells

    @inline(__always)
    private func write(_ value: Double, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if value.isFinite { return numbers.write(value, to: target) }
        if value.isNaN { return dialect.notANumber.write(to: target) }
        return (value < 0 ? dialect.negativeInfinity : dialect.infinity).write(to: target)
    }

    @inline(__always)
    private func write(_ value: Float, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        value.isFinite ? numbers.write(value, to: target) : write(Double(value), to: target)
    }

    private func writeUncommon(
        _ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer, in stage: inout ByteStage
    ) throws(FormatError) -> UnsafeMutableRawPointer {
        switch plan.kind {
        case .boolean:
            return (field.first == 0 ? dialect.isFalse : dialect.isTrue).write(to: target)
        case .timestamp:
            let end = Timestamp.write(microseconds: try int8(field), with: numbers, to: dialect.quote.write(to: target))
            return dialect.quote.write(to: end)
        case .bytes:
            var end = dialect.arrayStart.write(to: makeRoom(field.count * (3 + ShortText.room), at: target, in: &stage))
            for (index, byte) in field.enumerated() {
                if index > 0 { end = dialect.arraySeparator.write(to: end) }
                end = numbers.write(digitsOf: UInt64(byte), to: end)
            }
            return dialect.arrayEnd.write(to: end)
        case .array:
            let array = try CopyArray(field)
            let room = max(array.count, plan.count) * (DecimalText.maximumCount + ShortText.room)
            return try write(array, plan, to: makeRoom(room, at: target, in: &stage))
        case .rowIdentifier:
            let start = dialect.quote.write(to: try writeMark(field, plan, to: target))
            return dialect.quote.write(to: writeUUID(try int8(field), plan.tag, to: start))
        case .accessURL:
            var end = copy(urlPrefix, to: dialect.linkStart.write(to: try writeMark(field, plan, to: target)))
            end = copy(urlSuffix, to: writeUUID(try int8(field), plan.tag, to: end))
            return dialect.linkEnd.write(to: end)
        case .int2, .int4, .int8, .float4, .float8, .text, .fixedText:
            return target
        }
    }

    private func write(_ array: CopyArray, _ plan: CellPlan, to target: UnsafeMutableRawPointer) throws(FormatError)
        -> UnsafeMutableRawPointer
    {
        var array = array
        var end = dialect.arrayStart.write(to: target)
        for index in 0..<(plan.count < 0 ? array.count : plan.count) {
            if index > 0 { end = dialect.arraySeparator.write(to: end) }
            guard index < array.count, let element = try array.next() else {
                end = writeMissing(plan, to: end)
                continue
            }
            guard element.count == plan.width else { throw .damagedRow }
            switch plan.element {
            case .float4: end = write(Float(bitPattern: UInt32(bigEndian: element.loadUnaligned(as: UInt32.self))), to: end)
            case .int2: end = numbers.write(Int64(Int16(bigEndian: element.loadUnaligned(as: Int16.self))), to: end)
            case .int4: end = numbers.write(Int64(Int32(bigEndian: element.loadUnaligned(as: Int32.self))), to: end)
            case .int8: end = numbers.write(Int64(bigEndian: element.loadUnaligned(as: Int64.self)), to: end)
            default: end = write(Double(bitPattern: UInt64(bigEndian: element.loadUnaligned(as: UInt64.self))), to: end)
            }
        }
        return dialect.arrayEnd.write(to: end)
    }

    /// A NULL among the elements of an array: NaN, or the smallest whole number, which the field declares (Field.binaryNull).
    private func writeMissing(_ plan: CellPlan, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if plan.isFloating { return dialect.missingNumber.write(to: target) }
        if let missing = dialect.missingElement { return missing.write(to: target) }
        switch plan.element {
        case .int2: return numbers.write(Int64(Int16.min), to: target)
        case .int4: return numbers.write(Int64(Int32.min), to: target)
        default: return numbers.write(Int64.min, to: target)
        }
    }

    /// What marks the row that a cell names.
    private func writeMark(_ field: UnsafeRawBufferPointer, _ plan: CellPlan, to target: UnsafeMutableRawPointer) throws(FormatError)
        -> UnsafeMutableRawPointer
    {
        guard plan.isMarkable else { return target }
        return copy(dialect.markEnd, to: writeUUID(try int8(field), plan.tag, to: copy(dialect.markStart, to: target)))
    }

    private func writeUUID(_ key: Int64, _ tag: TableTag, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        RowIdentifier(tag: tag, key: key).write(to: UnsafeMutableRawBufferPointer(start: target, count: 36))
        return target + 36
    }

    private func int8(_ field: UnsafeRawBufferPointer) throws(FormatError) -> Int64 {
        guard field.count == 8 else { throw .damagedRow }
        return Int64(bigEndian: field.loadUnaligned(as: Int64.self))
    }

    private func copy(_ text: StaticString, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        return target + text.utf8CodeUnitCount
    }

    private func copy(_ source: UnsafeMutableRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        guard let start = source.baseAddress else { return target }
        target.copyMemory(from: start, byteCount: source.count)
        return target + source.count
    }
}
