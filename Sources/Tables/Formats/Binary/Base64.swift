/// Base64 (RFC 4648 §4) through a table of all 4096 pairs of digits.
enum Base64 {
    /// Two ASCII digits for each 12 bits, in memory order.
    private static let pairs: [UInt16] = {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<4096).map { UInt16(littleEndian: UInt16(digits[$0 >> 6]) | UInt16(digits[$0 & 63]) << 8) }
    }()

    /// The characters for so many bytes, padding included.
    static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes the digits of `source` to `target`, which must hold ``encodedCount(_:)`` bytes; the last group is padded.
    static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        pairs.withUnsafeBufferPointer { pairs in
            var output = target
            var offset = 0
            // Six bytes at a time become eight digits; the load takes two bytes more than it uses.
            while offset + 8 <= source.count {
                let word = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let digits =
                    UInt64(pairs[Int(word >> 52)]) | UInt64(pairs[Int(word >> 40 & 0xFFF)]) << 16
                    | UInt64(pairs[Int(word >> 28 & 0xFFF)]) << 32 | UInt64(pairs[Int(word >> 16 & 0xFFF)]) << 48
                output.storeBytes(of: digits.littleEndian, as: UInt64.self)
                output += 8
                offset += 6
            }
            while offset < source.count {
                let left = source.count - offset
                let first = UInt32(source[offset])
                let second = left > 1 ? UInt32(source[offset + 1]) : 0
                let third = left > 2 ? UInt32(source[offset + 2]) : 0
                let word = first << 16 | second << 8 | third
                var digits = UInt32(pairs[Int(word >> 12)]) | UInt32(pairs[Int(word & 0xFFF)]) << 16
                if left < 3 { digits = digits & 0x00FF_FFFF | UInt32(UInt8(ascii: "=")) << 24 }
                if left < 2 { digits = digits & 0xFF00_FFFF | UInt32(UInt8(ascii: "=")) << 16 }
                output.storeBytes(of: digits.littleEndian, as: UInt32.self)
                output += 4
                offset += 3
            }
        }
    }
}
