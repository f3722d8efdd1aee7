/// A query's text without the values of its literals: queries that differ in nothing else have the same.
///
/// `SELECT ra FROM t WHERE id = 17 AND name = 'x'` becomes `SELECT ra FROM t WHERE id = # AND name = $`, with the literals `17` and `'x'`. It is cut
/// by the lexer's rules, and with care: what is not certain to be a number or a string stays as it is.
package struct QueryShape: Hashable, Sendable {
    /// The text with a byte of its own, which no text has, for each literal.
    package private(set) var skeleton: [UInt8]
    /// Byte offsets of the literals in the text.
    package private(set) var places: [Range<Int>] = []
    /// The literals as they were typed, strings in their quotes.
    package private(set) var literals: [ArraySlice<UInt8>] = []

    package static func == (left: Self, right: Self) -> Bool {
        left.skeleton == right.skeleton && left.literals == right.literals
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(skeleton)
    }

    /// Texts longer than this are worth no place in a cache.
    package static let longest = 4096
    private static let mostLiterals = 64
    private static let integerMark: UInt8 = 1
    private static let stringMark: UInt8 = 2
    private static let decimalMark: UInt8 = 3
    /// Digits that fit an Int64 whatever they are.
    private static let mostDigits = 18

    /// - Returns: nil for a text that is not worth it, or that is no text.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { return nil }
        skeleton = []
        skeleton.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            let start = position
            switch byte {
            case 0..<9: return nil
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                guard let end = Self.end(ofQuoted: bytes, from: start) else { return nil }
                position = end
                if byte == UInt8(ascii: "'") {
                    take(bytes, start..<end, Self.stringMark)
                } else {
                    skeleton += bytes[start..<end]
                }
            case UInt8(ascii: "-") where start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "-"):
                while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
                skeleton += bytes[start..<position]
            case _ where byte.isPartOfWord || byte == UInt8(ascii: "."):
                // A number with a point or an exponent is taken as a whole, and so is `t1.c2`.
                while position < bytes.count, bytes[position].isPartOfWord || bytes[position] == UInt8(ascii: ".") { position += 1 }
                let word = bytes[start..<position]
                if let mark = Self.mark(number: word) {
                    take(bytes, start..<position, mark)
                } else {
                    skeleton += word
                }
            default:
                skeleton.append(byte)
                position += 1
            }
            guard literals.count <= Self.mostLiterals else { return nil }
        }
    }

    /// Nil for what is no number that is certain to fit, and for those with exponents.
    private static func mark(number word: ArraySlice<UInt8>) -> UInt8? {
        let digits = word.count(where: \.isDigit)
        guard digits > 0, digits <= mostDigits else { return nil }
        if digits == word.count { return integerMark }
        return digits == word.count - 1 && word.contains(UInt8(ascii: ".")) ? decimalMark : nil
    }

    private mutating func take(_ bytes: [UInt8], _ range: Range<Int>, _ mark: UInt8) {
        skeleton.append(mark)
        places.append(range)
        literals.append(bytes[range])
    }

    /// The place behind the closing quote; a doubled one stands for itself.
    private static func end(ofQuoted bytes: [UInt8], from start: Int) -> Int? {
        let quote = bytes[start]
        var position = start + 1
        while position < bytes.count {
            if bytes[position] == quote {
                guard position + 1 < bytes.count, bytes[position + 1] == quote else { return position + 1 }
                position += 1
            }
            position += 1
        }
        return nil
    }

    func isText(_ index: Int) -> Bool { literals[index].first == UInt8(ascii: "'") }

    /// The value of a literal: `O'Neill` for `'O''Neill'`.
    func value(_ index: Int) -> String {
        let literal = literals[index]
        guard literal.first == UInt8(ascii: "'") else { return String(decoding: literal, as: UTF8.self) }
        var value: [UInt8] = []
        value.reserveCapacity(literal.count)
        var isDoubled = false
        for byte in literal.dropFirst().dropLast() {
            if byte == UInt8(ascii: "'"), !isDoubled {
                isDoubled = true
                continue
            }
            isDoubled = false
            value.append(byte)
        }
        return String(decoding: value, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    fileprivate var isPartOfWord: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_") || self >= 0x80 }
}
