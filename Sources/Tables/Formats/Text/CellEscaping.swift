import XML

/// How the bytes of a text are written so that they can't be taken for the format's own.
///
/// The loop over rows is compiled once for each kind.
protocol CellEscaping {
    /// The most bytes that one byte of text becomes.
    static var growth: Int { get }
    /// The most bytes around a text.
    static var margin: Int { get }
    /// Writes a text; `target` has room for ``growth`` times its bytes, ``margin`` and eight more.
    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer
}

/// Eight bytes at a time.
enum ByteWord {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The bytes of a text of less than eight as the lowest of a word, with zeros above; none is read twice, and none beyond the text.
    @inline(__always)
    static func short(_ text: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = text.baseAddress else { return 0 }
        var word: UInt64 = 0
        var index = 0
        if text.count & 4 != 0 {
            word = UInt64(UInt32(littleEndian: base.loadUnaligned(as: UInt32.self)))
            index = 4
        }
        if text.count & 2 != 0 {
            word |= UInt64(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt16.self))) << UInt64(8 &* index)
            index &+= 2
        }
        if text.count & 1 != 0 { word |= UInt64(base.load(fromByteOffset: index, as: UInt8.self)) << UInt64(8 &* index) }
        return word
    }

    /// The top bit of each byte that is less than `bound` (at most 128); beyond the first such byte there may be false ones.
    @inline(__always)
    static func below(_ bound: UInt64, _ word: UInt64) -> UInt64 {
        (word &- ones &* bound) & ~word & tops
    }

    /// The top bit of each byte that is `byte`; beyond the first such byte there may be false ones.
    @inline(__always)
    static func equal(_ byte: UInt64, _ word: UInt64) -> UInt64 {
        let differing = word ^ ones &* byte
        return (differing &- ones) & ~differing & tops
    }
}

/// Copies bytes up to the next special one, eight at a time.
///
/// - Parameter special: the top bits of special bytes; the first of them must be true.
@inline(__always)
private func copyPlain(
    _ text: UnsafeRawBufferPointer, from start: Int, to target: inout UnsafeMutableRawPointer, special: (UInt64) -> UInt64
) -> Int {
    guard let base = text.baseAddress else { return 0 }
    var index = start
    while index &+ 8 <= text.count {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        target.storeBytes(of: word.littleEndian, as: UInt64.self)
        let found = special(word)
        if found != 0 {
            let plain = found.trailingZeroBitCount >> 3
            target += plain
            return index &+ plain
        }
        index &+= 8
        target += 8
    }
    let left = text.count &- index
    guard left > 0 else { return index }
    // The last few as a whole word too, of which the bytes behind them are letters.
    let rest: UInt64
    if text.count >= 8 {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: text.count &- 8, as: UInt64.self))
        rest = word &>> UInt64(64 &- 8 &* left)
    } else {
        rest = ByteWord.short(UnsafeRawBufferPointer(rebasing: text[index...]))
    }
    target.storeBytes(of: rest.littleEndian, as: UInt64.self)
    let found = special(rest | 0x4141_4141_4141_4141 &<< UInt64(8 &* left))
    let plain = found == 0 ? left : found.trailingZeroBitCount >> 3
    target += plain
    return index &+ plain
}

@inline(__always)
private func store(_ byte: UInt8, to target: inout UnsafeMutableRawPointer) {
    target.storeBytes(of: byte, as: UInt8.self)
    target += 1
}

/// `& < > "` and line ends become references; characters that XML 1.0 forbids become U+FFFD.
enum XMLCells: CellEscaping {
    static let growth = 6
    static let margin = 0

    @inline(__always)
    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        var index = 0
        while true {
            index = copyPlain(text, from: index, to: &end) { word in
                ByteWord.below(0x20, word) | ByteWord.equal(UInt64(UInt8(ascii: "&")), word)
                    | ByteWord.equal(UInt64(UInt8(ascii: "<")), word) | ByteWord.equal(UInt64(UInt8(ascii: ">")), word)
                    | ByteWord.equal(UInt64(UInt8(ascii: "\"")), word) | ByteWord.equal(0xEF, word)
            }
            guard index < text.count else { return end }
            index = substitute(text, at: index, to: &end)
        }
    }

    private static func substitute(_ text: UnsafeRawBufferPointer, at index: Int, to end: inout UnsafeMutableRawPointer) -> Int {
        if let substitute = XMLSubstitute.at(index, of: text, in: .attribute) {
            end.copyMemory(from: substitute.text.utf8Start, byteCount: substitute.text.utf8CodeUnitCount)
            end += substitute.text.utf8CodeUnitCount
            return index + substitute.length
        }
        store(text[index], to: &end)
        return index + 1
    }
}

/// A text with a comma, a quote or a line end is quoted, quotes doubled (RFC 4180). An empty text is `""`, unlike NULL.
enum CSVCells: CellEscaping {
    static let growth = 2
    static let margin = 2

    @inline(__always)
    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        let plain = copyPlain(text, from: 0, to: &end) { word in
            ByteWord.equal(UInt64(UInt8(ascii: ",")), word) | ByteWord.equal(UInt64(UInt8(ascii: "\"")), word)
                | ByteWord.equal(10, word) | ByteWord.equal(13, word)
        }
        return plain == text.count && plain > 0 ? end : writeQuoted(text, to: target)
    }

    private static func writeQuoted(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        store(UInt8(ascii: "\""), to: &end)
        var index = 0
        while true {
            index = copyPlain(text, from: index, to: &end) { ByteWord.equal(UInt64(UInt8(ascii: "\"")), $0) }
            guard index < text.count else { break }
            store(UInt8(ascii: "\""), to: &end)
            store(UInt8(ascii: "\""), to: &end)
            index += 1
        }
        store(UInt8(ascii: "\""), to: &end)
        return end
    }
}

/// Tabulators and line ends become blanks: TSV has no way to write them.
enum TSVCells: CellEscaping {
    static let growth = 1
    static let margin = 0

    @inline(__always)
    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        var index = 0
        while true {
            index = copyPlain(text, from: index, to: &end) {
                ByteWord.equal(9, $0) | ByteWord.equal(10, $0) | ByteWord.equal(13, $0)
            }
            guard index < text.count else { return end }
            store(UInt8(ascii: " "), to: &end)
            index += 1
        }
    }
}

/// Every control character becomes a blank, so that lines and columns stay in place.
enum PlainCells: CellEscaping {
    static let growth = 1
    static let margin = 0

    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        var index = 0
        while true {
            index = copyPlain(text, from: index, to: &end) { ByteWord.below(0x20, $0) | ByteWord.equal(0x7F, $0) }
            guard index < text.count else { return end }
            store(UInt8(ascii: " "), to: &end)
            index += 1
        }
    }
}

/// A string of JSON (RFC 8259 §7), in its quotes.
enum JSONCells: CellEscaping {
    static let growth = 6
    static let margin = 2

    @inline(__always)
    static func write(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        store(UInt8(ascii: "\""), to: &end)
        var index = 0
        while true {
            index = copyPlain(text, from: index, to: &end) { word in
                ByteWord.below(0x20, word) | ByteWord.equal(UInt64(UInt8(ascii: "\"")), word)
                    | ByteWord.equal(UInt64(UInt8(ascii: "\\")), word)
            }
            guard index < text.count else { break }
            substitute(text[index], to: &end)
            index += 1
        }
        store(UInt8(ascii: "\""), to: &end)
        return end
    }

    private static func substitute(_ byte: UInt8, to end: inout UnsafeMutableRawPointer) {
        store(UInt8(ascii: "\\"), to: &end)
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): store(byte, to: &end)
        case 9: store(UInt8(ascii: "t"), to: &end)
        case 10: store(UInt8(ascii: "n"), to: &end)
        case 13: store(UInt8(ascii: "r"), to: &end)
        default:
            for digit in [UInt8(ascii: "u"), 0x30, 0x30, 0x30 + byte >> 4] { store(digit, to: &end) }
            let low = byte & 0xF
            store(low < 10 ? 0x30 + low : 0x57 + low, to: &end)
        }
    }
}
