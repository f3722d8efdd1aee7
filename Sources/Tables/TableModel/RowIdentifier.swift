/// Names a table inside row identifiers: 32 bits that follow from the table's full name alone.
package struct TableTag: Hashable, Sendable, Codable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// FNV-1a over the lower-case name, as in `gaia.completesource`: the same on every server.
    package init(schema: String, table: String) {
        var hash: UInt32 = 2_166_136_261
        for byte in "\(schema).\(table)".lowercased().utf8 {
            hash = (hash ^ UInt32(byte)) &* 16_777_619
        }
        rawValue = hash
    }
}

/// The permanent name of a row of a table with data: a UUID of version 8 (RFC 9562 §5.8) that is computed, not stored.
///
/// It holds the table's tag (32 bits), the row's key (64 bits) and a check (26 bits) in this order, around the version and variant bits:
/// `tttttttt-kkkk-8kkk-Vkkk-kkkkkkcccccc` (V carries the variant and two bits of the key). The check turns away
/// made-up and mistyped identifiers; whether the row exists, the table says.
package struct RowIdentifier: Hashable, Sendable {
    package var tag: TableTag
    /// The value of the table's key column.
    package var key: Int64

    package init(tag: TableTag, key: Int64) {
        self.tag = tag
        self.key = key
    }

    /// The UUID's upper and lower 64 bits.
    package var words: (high: UInt64, low: UInt64) {
        let key = UInt64(bitPattern: key)
        let high = UInt64(tag.rawValue) << 32 | (key >> 48) << 16 | 0x8000 | (key >> 36 & 0xFFF)
        let low = 1 << 63 | (key >> 22 & 0x3FFF) << 48 | (key & 0x3F_FFFF) << 26 | check
        return (high, low)
    }

    /// 26 bits mixed from tag and key (a step and the finaliser of SplitMix64).
    private var check: UInt64 {
        var mixed = (UInt64(bitPattern: key) ^ UInt64(tag.rawValue) << 32) &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ mixed >> 31) & 0x3FF_FFFF
    }

    /// Reads the UUID's text form, letter case ignored; nil unless it is one that ``uuid`` could have written.
    package init?(uuid text: some StringProtocol) {
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { words.high = words.high << 4 | UInt64(digit) } else { words.low = words.low << 4 | UInt64(digit) }
            digits += 1
        }
        guard position == 36 else { return nil }
        self.init(words: words)
    }

    /// Reads ``words``; nil for a UUID that none of ours is.
    package init?(words: (high: UInt64, low: UInt64)) {
        let key =
            (words.high >> 16 & 0xFFFF) << 48 | (words.high & 0xFFF) << 36 | (words.low >> 48 & 0x3FFF) << 22
            | (words.low >> 26 & 0x3F_FFFF)
        self.init(tag: TableTag(rawValue: UInt32(words.high >> 32)), key: Int64(bitPattern: key))
        guard self.words == words else { return nil }
    }

    /// The canonical text form, 36 lower-case characters.
    package var uuid: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            return 36
        }
    }

    /// Writes the 36 ASCII characters of ``uuid`` to the start of `buffer`, which must hold as many.
    package func write(to buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= 36)
        let (high, low) = words
        var offset = 0
        for digit in 0..<32 {
            if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                buffer[offset] = UInt8(ascii: "-")
                offset += 1
            }
            let word = digit < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit & 15))) & 0xF
            buffer[offset] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            offset += 1
        }
    }
}
