/// The powers of ten from 10^-292 to 10^324 as 128-bit significands, rounded up, and the pairs of digits from 00 to 99.
///
/// Made once and never freed: the pointers in it are as good as constants, and reading them costs no lock and no reference count.
// @unchecked: nothing writes to the tables after they were made.
struct DecimalPowers: @unchecked Sendable {
    static let shared = DecimalPowers()

    static let smallest = -292
    static let largest = 324

    /// For each power 10^k = g · 2^r with 2^127 ≤ g < 2^128: the upper and the lower word of g, rounded up.
    private let significands: UnsafePointer<UInt64>
    /// For each number below 100 its two digits in memory order.
    let pairs: UnsafePointer<UInt16>

    @inline(__always)
    func significand(_ k: Int) -> (high: UInt64, low: UInt64) {
        let place = 2 * (k &- Self.smallest)
        return (significands[place], significands[place &+ 1])
    }

    private init() {
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * (Self.largest - Self.smallest + 1))
        func store(_ significand: (high: UInt64, low: UInt64), _ k: Int) {
            words[2 * (k - Self.smallest)] = significand.high
            words[2 * (k - Self.smallest) + 1] = significand.low
        }
        // 10^k and 5^k differ by a power of two alone, which the significand does not hold.
        var five = WideNumber(words: [1])
        for k in 0...Self.largest {
            store(five.leading128(isExact: true), k)
            five.multiplyByFive()
        }
        // floor(2^n / 5^k), by one division after the other: floor(floor(x / 5) / 5) = floor(x / 25).
        var inverse = WideNumber(words: [UInt32](repeating: 0, count: 28) + [1])
        for k in 1...(-Self.smallest) {
            inverse.divideByFive()
            store(inverse.leading128(isExact: false), -k)
        }
        significands = UnsafePointer(words)

        let digits = UnsafeMutablePointer<UInt16>.allocate(capacity: 100)
        for number in 0..<100 {
            let (tens, ones) = (UInt16(number / 10) + 0x30, UInt16(number % 10) + 0x30)
            digits[number] = UInt16(littleEndian: tens | ones << 8)
        }
        pairs = UnsafePointer(digits)
    }
}

/// A whole number of any size, lowest word first.
private struct WideNumber {
    var words: [UInt32]

    mutating func multiplyByFive() {
        var carry: UInt64 = 0
        for index in words.indices {
            carry += UInt64(words[index]) * 5
            words[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 { words.append(UInt32(carry)) }
    }

    mutating func divideByFive() {
        var rest: UInt64 = 0
        for index in words.indices.reversed() {
            rest = rest << 32 | UInt64(words[index])
            words[index] = UInt32(rest / 5)
            rest %= 5
        }
        while words.last == 0 { words.removeLast() }
    }

    /// The 128 bits from the highest one down, rounded up when others follow, or when the number is itself rounded down.
    func leading128(isExact: Bool) -> (high: UInt64, low: UInt64) {
        let shift = words.last?.leadingZeroBitCount ?? 0
        /// 32 bits of the number shifted so that its highest bit is the first.
        func word(_ place: Int) -> UInt64 {
            let index = words.count - 1 - place
            let upper = index >= 0 ? UInt64(words[index]) : 0
            let lower = index >= 1 ? UInt64(words[index - 1]) : 0
            return (upper << 32 | lower) >> UInt64(32 - shift) & 0xFFFF_FFFF
        }
        var high = word(0) << 32 | word(1)
        var low = word(2) << 32 | word(3)
        let rest = (4...max(4, words.count)).contains { word($0) != 0 }
        if rest || !isExact {
            low &+= 1
            if low == 0 { high += 1 }
        }
        return (high, low)
    }
}
