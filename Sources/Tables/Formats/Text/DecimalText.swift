/// Numbers as text, written straight into memory.
///
/// Floating numbers get the shortest digits that read back as the same value, and of those the closest (Raffaello Giulietti,
/// "The Schubfach way to render doubles", 2020). The form is `12.5`, `0.001` or, from 10^16 up and below 10^-5, `1.5e+300`.
struct DecimalText {
    /// The longest text, as of `-2.2250738585072014e-308`, and what a store of whole words writes beyond it.
    static let maximumCount = 40

    private let powers = DecimalPowers.shared

    // MARK: - Whole numbers

    @inline(__always)
    func write(_ value: Int64, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var end = target
        if value < 0 {
            end.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            end += 1
        }
        return write(digitsOf: value.magnitude, to: end)
    }

    /// The digits of a number without zeros before them.
    @inline(__always)
    func write(digitsOf value: UInt64, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if value < 100_000_000 { return writeHead(UInt32(truncatingIfNeeded: value), to: target) }
        let upper = value / 100_000_000
        let lower = UInt32(truncatingIfNeeded: value &- upper &* 100_000_000)
        if upper < 100_000_000 {
            return writeEight(lower, to: writeHead(UInt32(truncatingIfNeeded: upper), to: target))
        }
        let top = upper / 100_000_000
        let middle = UInt32(truncatingIfNeeded: upper &- top &* 100_000_000)
        return writeEight(lower, to: writeEight(middle, to: writeHead(UInt32(truncatingIfNeeded: top), to: target)))
    }

    /// Up to eight digits.
    @inline(__always)
    private func writeHead(_ value: UInt32, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        if value < 10 {
            target.storeBytes(of: UInt8(truncatingIfNeeded: value) | 0x30, as: UInt8.self)
            return target + 1
        }
        if value < 100 {
            target.storeBytes(of: powers.pairs[Int(value)], as: UInt16.self)
            return target + 2
        }
        var count = 3
        if value >= 1000 { count = 4 }
        if value >= 10_000 { count = 5 }
        if value >= 100_000 { count = 6 }
        if value >= 1_000_000 { count = 7 }
        if value >= 10_000_000 { count = 8 }
        var rest = value
        var place = target + count
        while rest >= 100 {
            let next = rest / 100
            place -= 2
            place.storeBytes(of: powers.pairs[Int(rest &- next &* 100)], as: UInt16.self)
            rest = next
        }
        if rest >= 10 {
            target.storeBytes(of: powers.pairs[Int(rest)], as: UInt16.self)
        } else {
            target.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x30, as: UInt8.self)
        }
        return target + count
    }

    /// Exactly eight digits, zeros before them included.
    @inline(__always)
    private func writeEight(_ value: UInt32, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let (upper, lower) = (value / 10_000, value % 10_000)
        target.storeBytes(of: powers.pairs[Int(upper / 100)], as: UInt16.self)
        target.storeBytes(of: powers.pairs[Int(upper % 100)], toByteOffset: 2, as: UInt16.self)
        target.storeBytes(of: powers.pairs[Int(lower / 100)], toByteOffset: 4, as: UInt16.self)
        target.storeBytes(of: powers.pairs[Int(lower % 100)], toByteOffset: 6, as: UInt16.self)
        return target + 8
    }

    /// Two digits, for the fields of a date.
    @inline(__always)
    func writeTwo(_ value: Int64, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: powers.pairs[Int(value)], as: UInt16.self)
        return target + 2
    }

    // MARK: - Floating numbers

    /// A finite number.
    @inline(__always)
    func write(_ value: Double, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let bits = value.bitPattern
        let start = sign(bits >> 63 != 0, at: target)
        let biased = Int(bits >> 52 & 0x7FF)
        let fraction = bits & 0xF_FFFF_FFFF_FFFF
        if biased | Int(truncatingIfNeeded: fraction) == 0 { return writeWhole(0, to: start) }
        var significand = fraction
        var exponent = -1074
        if biased != 0 {
            significand |= 1 << 52
            exponent = biased - 1075
            if exponent <= 0, exponent > -53, significand & ((1 << UInt64(-exponent)) - 1) == 0 {
                return writeWhole(significand >> UInt64(-exponent), to: start)
            }
        }
        let isCloserBelow = fraction == 0 && biased > 1
        let k = (exponent &* 1_262_611 &- (isCloserBelow ? 524_031 : 0)) >> 22
        let shift = UInt64(exponent &+ ((-k &* 1_741_647) >> 19) &+ 1)
        let power = powers.significand(-k)
        let middle = significand << 2
        let odd = significand & 1
        let lower = Self.roundedToOdd(power, (middle &- (isCloserBelow ? 1 : 2)) &<< shift) &+ odd
        let exact = Self.roundedToOdd(power, middle &<< shift)
        let upper = Self.roundedToOdd(power, (middle &+ 2) &<< shift) &- odd
        let decimal = Self.closest(lower: lower, exact: exact, upper: upper, exponent: k)
        return write(digits: decimal.digits, exponent: decimal.exponent, to: start)
    }

    /// A finite number.
    @inline(__always)
    func write(_ value: Float, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let bits = value.bitPattern
        let start = sign(bits >> 31 != 0, at: target)
        let biased = Int(bits >> 23 & 0xFF)
        let fraction = bits & 0x7F_FFFF
        if biased | Int(truncatingIfNeeded: fraction) == 0 { return writeWhole(0, to: start) }
        var significand = fraction
        var exponent = -149
        if biased != 0 {
            significand |= 1 << 23
            exponent = biased - 150
            if exponent <= 0, exponent > -24, significand & ((1 << UInt32(-exponent)) - 1) == 0 {
                return writeWhole(UInt64(significand >> UInt32(-exponent)), to: start)
            }
        }
        let isCloserBelow = fraction == 0 && biased > 1
        let k = (exponent &* 1_262_611 &- (isCloserBelow ? 524_031 : 0)) >> 22
        let shift = UInt32(truncatingIfNeeded: exponent &+ ((-k &* 1_741_647) >> 19) &+ 1)
        let power = powers.significand(-k)
        // The same power with 64 bits, rounded up.
        let short = power.high &+ (power.low == 0 ? 0 : 1)
        let middle = significand << 2
        let odd = UInt64(significand & 1)
        let lower = Self.roundedToOdd(short, (middle &- (isCloserBelow ? 1 : 2)) &<< shift) &+ odd
        let exact = Self.roundedToOdd(short, middle &<< shift)
        let upper = Self.roundedToOdd(short, (middle &+ 2) &<< shift) &- odd
        let decimal = Self.closest(lower: lower, exact: exact, upper: upper, exponent: k)
        return write(digits: decimal.digits, exponent: decimal.exponent, to: start)
    }

    @inline(__always)
    private func sign(_ isNegative: Bool, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        return isNegative ? target + 1 : target
    }

    @inline(__always)
    private func writeWhole(_ value: UInt64, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let end = write(digitsOf: value, to: target)
        end.storeBytes(of: UInt16(littleEndian: 0x302E), as: UInt16.self)
        return end + 2
    }

    // MARK: - The shortest digits

    /// The upper bits of the product; the lowest of them is set when others were lost.
    @inline(__always)
    private static func roundedToOdd(_ power: (high: UInt64, low: UInt64), _ factor: UInt64) -> UInt64 {
        let carried = power.low.multipliedFullWidth(by: factor).high
        let product = power.high.multipliedFullWidth(by: factor)
        let (low, overflow) = product.low.addingReportingOverflow(carried)
        return (product.high &+ (overflow ? 1 : 0)) | (low > 1 ? 1 : 0)
    }

    @inline(__always)
    private static func roundedToOdd(_ power: UInt64, _ factor: UInt32) -> UInt64 {
        let product = power.multipliedFullWidth(by: UInt64(factor))
        return product.high | (UInt32(truncatingIfNeeded: product.low >> 32) > 1 ? 1 : 0)
    }

    /// The number of fewest digits between the bounds, all of which are given in quarters of 10^exponent.
    @inline(__always)
    private static func closest(lower: UInt64, exact: UInt64, upper: UInt64, exponent: Int) -> (digits: UInt64, exponent: Int) {
        let below = exact >> 2
        if below >= 10 {
            let tens = below / 10
            let isBelowInside = lower <= 40 &* tens
            let isAboveInside = 40 &* tens &+ 40 <= upper
            if isBelowInside != isAboveInside { return (tens &+ (isAboveInside ? 1 : 0), exponent &+ 1) }
        }
        let isBelowInside = lower <= 4 &* below
        let isAboveInside = 4 &* below &+ 4 <= upper
        if isBelowInside != isAboveInside { return (below &+ (isAboveInside ? 1 : 0), exponent) }
        let middle = 4 &* below &+ 2
        let roundsUp = exact > middle || (exact == middle && below & 1 != 0)
        return (below &+ (roundsUp ? 1 : 0), exponent)
    }

    // MARK: - The form

    /// Writes digits · 10^exponent, which is not zero.
    @inline(__always)
    private func write(digits: UInt64, exponent: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var (digits, exponent) = (digits, exponent)
        while true {
            let tens = digits / 10
            guard tens &* 10 == digits else { break }
            (digits, exponent) = (tens, exponent &+ 1)
        }
        // One byte is left free, into which the digits before the point move.
        let first = target + 1
        var end = write(digitsOf: digits, to: first)
        let count = end - first
        let magnitude = count &- 1 &+ exponent
        if magnitude >= 0, magnitude < 16 {
            if exponent >= 0 { return writeLarge(count, exponent, at: target) }
            for place in 0...magnitude {
                target.storeBytes(of: first.load(fromByteOffset: place, as: UInt8.self), toByteOffset: place, as: UInt8.self)
            }
            target.storeBytes(of: UInt8(ascii: "."), toByteOffset: magnitude &+ 1, as: UInt8.self)
            return end
        }
        if magnitude < 0, magnitude >= -5 {
            let start = target + (1 - magnitude)
            start.copyMemory(from: first, byteCount: count)
            target.storeBytes(of: UInt16(littleEndian: 0x2E30), as: UInt16.self)
            for place in 2..<(1 - magnitude) { target.storeBytes(of: UInt8(ascii: "0"), toByteOffset: place, as: UInt8.self) }
            return start + count
        }
        target.storeBytes(of: first.load(as: UInt8.self), as: UInt8.self)
        if count == 1 { end = first } else { first.storeBytes(of: UInt8(ascii: "."), as: UInt8.self) }
        return writeExponent(magnitude, to: end)
    }

    /// Digits and zeros up to the point, where the number is whole but its digits end before the point.
    private func writeLarge(_ count: Int, _ exponent: Int, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.copyMemory(from: target + 1, byteCount: count)
        let end = target + count
        end.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "0"), count: exponent)
        (end + exponent).storeBytes(of: UInt16(littleEndian: 0x302E), as: UInt16.self)
        return end + exponent + 2
    }

    /// `e+300`, `e-07`
    private func writeExponent(_ exponent: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt8(ascii: "e"), as: UInt8.self)
        target.storeBytes(of: exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"), toByteOffset: 1, as: UInt8.self)
        let digits = target + 2
        let magnitude = UInt64(exponent.magnitude)
        if magnitude < 10 { digits.storeBytes(of: UInt8(ascii: "0"), as: UInt8.self) }
        return write(digitsOf: magnitude, to: magnitude < 10 ? digits + 1 : digits)
    }
}
