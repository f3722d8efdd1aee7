extension StoredType {
    /// The value that `bytes` hold: one element, or with `count` an array of them. Nil for a type without a value.
    func value(at bytes: UnsafeRawBufferPointer, count: Int? = nil) -> HDF5Value? {
        if case .array(let element, let shape) = self, count == nil {
            return element.isScalar ? element.value(at: bytes, count: shape.reduce(1, *)) : nil
        }
        switch self {
        case .integer(8, false, _):
            guard let count else { return .uint64(UInt64(bitPattern: integer(at: bytes))) }
            return .uint64s(elements(bytes, count) { UInt64(bitPattern: integer(at: $0)) })
        case .integer:
            guard let count else { return .int64(integer(at: bytes)) }
            return .int64s(elements(bytes, count) { integer(at: $0) })
        case .enumeration(let base, _):
            return base.value(at: bytes, count: count)
        case .float(4, let bigEndian):
            guard let count else { return .float(Self.float(bytes, bigEndian)) }
            return .floats(elements(bytes, count) { Self.float($0, bigEndian) })
        case .float(_, let bigEndian):
            guard let count else { return .double(Self.double(bytes, bigEndian)) }
            return .doubles(elements(bytes, count) { Self.double($0, bigEndian) })
        case .string:
            guard let count else { return .string(text(at: bytes)) }
            return .strings(elements(bytes, count) { text(at: $0) })
        case .array, .list, .compound, .reference, .other:
            return nil
        }
    }

    private func elements<T>(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ read: (UnsafeRawBufferPointer) -> T) -> [T] {
        let width = self.bytes
        return (0..<count).map { read(UnsafeRawBufferPointer(rebasing: bytes[$0 * width..<($0 + 1) * width])) }
    }

    /// The integer at the start of `bytes`; one of 64 unsigned bits as its bit pattern.
    func integer(at bytes: UnsafeRawBufferPointer) -> Int64 {
        guard case .integer(let width, let signed, let bigEndian) = self else { return 0 }
        func load<S: FixedWidthInteger, U: FixedWidthInteger>(_: S.Type, _: U.Type) -> Int64 {
            if signed {
                let value = bytes.loadUnaligned(as: S.self)
                return Int64(truncatingIfNeeded: bigEndian ? S(bigEndian: value) : S(littleEndian: value))
            }
            let value = bytes.loadUnaligned(as: U.self)
            return Int64(truncatingIfNeeded: bigEndian ? U(bigEndian: value) : U(littleEndian: value))
        }
        switch width {
        case 1: return load(Int8.self, UInt8.self)
        case 2: return load(Int16.self, UInt16.self)
        case 4: return load(Int32.self, UInt32.self)
        case 8: return load(Int64.self, UInt64.self)
        default:
            // Widths of 3, 5, 6 and 7 bytes: rare, byte by byte.
            var value: UInt64 = 0
            for index in 0..<width { value = value << 8 | UInt64(bytes[bigEndian ? index : width - 1 - index]) }
            let unused = UInt64(64 - 8 * width)
            return signed ? Int64(bitPattern: value << unused) >> Int64(unused) : Int64(bitPattern: value)
        }
    }

    private static func float(_ bytes: UnsafeRawBufferPointer, _ bigEndian: Bool) -> Float {
        let bits = bytes.loadUnaligned(as: UInt32.self)
        return Float(bitPattern: bigEndian ? UInt32(bigEndian: bits) : UInt32(littleEndian: bits))
    }

    private static func double(_ bytes: UnsafeRawBufferPointer, _ bigEndian: Bool) -> Double {
        let bits = bytes.loadUnaligned(as: UInt64.self)
        return Double(bitPattern: bigEndian ? UInt64(bigEndian: bits) : UInt64(littleEndian: bits))
    }

    private func text(at bytes: UnsafeRawBufferPointer) -> String {
        guard case .string(let width, let padding, _) = self else { return "" }
        guard let width else {
            let pointer = bytes.loadUnaligned(as: UnsafePointer<CChar>?.self)
            return pointer.map { String(cString: $0) } ?? ""
        }
        var end = bytes.prefix(width).firstIndex(of: 0) ?? width
        if padding == .spaces { while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 } }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

extension StoredType {
    /// Appends what `bytes` hold in a form without pointers, so that equal contents are equal bytes.
    func appendContents(of bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard varies else {
            output.append(contentsOf: bytes.prefix(self.bytes))
            return
        }
        switch self {
        case .string:
            output.append(contentsOf: text(at: bytes).utf8)
            output.append(0)
        case .list(let element):
            let count = bytes.loadUnaligned(as: Int.self)
            let base = bytes.loadUnaligned(fromByteOffset: MemoryLayout<Int>.size, as: UnsafeRawPointer?.self)
            withUnsafeBytes(of: count.littleEndian) { output.append(contentsOf: $0) }
            let contents = UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count * element.bytes)
            for start in stride(from: 0, to: contents.count, by: element.bytes) {
                element.appendContents(of: UnsafeRawBufferPointer(rebasing: contents[start...]), to: &output)
            }
        case .array(let element, _):
            for start in stride(from: 0, to: self.bytes, by: element.bytes) {
                element.appendContents(of: UnsafeRawBufferPointer(rebasing: bytes[start...]), to: &output)
            }
        case .compound(let members, _):
            for member in members {
                member.type.appendContents(of: UnsafeRawBufferPointer(rebasing: bytes[member.offset...]), to: &output)
            }
        default:
            output.append(contentsOf: bytes.prefix(self.bytes))
        }
    }
}
