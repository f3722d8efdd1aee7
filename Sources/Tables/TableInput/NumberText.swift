import Glibc

/// Numbers in text, read from bytes without a String in between.
package enum NumberText {
    /// The bytes without blanks around them.
    package static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Space, tab and line ends, as XML has them.
    @inline(__always)
    package static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    /// `-12`, `+7`, `0x1F`; nil for anything else, and for what 64 bits can't hold.
    package static func int(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var index = 0
        var isNegative = false
        guard bytes.count > 0 else { return nil }
        if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            isNegative = bytes[0] == UInt8(ascii: "-")
            index = 1
        }
        guard index < bytes.count else { return nil }
        if bytes.count > index + 2, bytes[index] == UInt8(ascii: "0"), bytes[index + 1] | 0x20 == UInt8(ascii: "x") {
            let digits = String(decoding: bytes[(index + 2)...], as: UTF8.self)
            guard digits.first != "+", digits.first != "-" else { return nil }
            return Int64((isNegative ? "-" : "") + digits, radix: 16)
        }
        var value: Int64 = 0
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooFar) = product.subtractingReportingOverflow(Int64(digit))
            if tooLarge || tooFar { return nil }
            value = sum
            index += 1
        }
        // Kept negative so far, since the smallest number has no positive twin.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// `1.5`, `-2e-7`, `NaN`, `+Inf`; nil for anything else. The nearest double.
    package static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard let decimal = Decimal(bytes) else { return special(bytes) }
        // Both the digits and the power of ten are exact doubles, so one operation rounds once (Clinger 1990).
        if decimal.digits <= 1 << 53, !decimal.isCut {
            if (0...22).contains(decimal.exponent) {
                return decimal.signed(Double(decimal.digits) * powers[decimal.exponent])
            }
            if (-22..<0).contains(decimal.exponent) {
                return decimal.signed(Double(decimal.digits) / powers[-decimal.exponent])
            }
        }
        return strtod(cString(bytes), nil)
    }

    /// The same, as the nearest float.
    package static func float(_ bytes: UnsafeRawBufferPointer) -> Float? {
        guard let decimal = Decimal(bytes) else { return special(bytes).map { Float($0) } }
        if decimal.digits <= 1 << 24, !decimal.isCut {
            if (0...10).contains(decimal.exponent) {
                let value = Float(decimal.digits) * Float(powers[decimal.exponent])
                return decimal.isNegative ? -value : value
            }
            if (-10..<0).contains(decimal.exponent) {
                let value = Float(decimal.digits) / Float(powers[-decimal.exponent])
                return decimal.isNegative ? -value : value
            }
        }
        return strtof(cString(bytes), nil)
    }

    private static func special(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard bytes.count <= 9 else { return nil }
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "nan", "+nan", "-nan": return .nan
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        default: return nil
        }
    }

    /// A copy with the NUL that C wants; the bytes have been checked to be a decimal number.
    private static func cString(_ bytes: UnsafeRawBufferPointer) -> [CChar] {
        // Fortran's exponent is a d.
        bytes.map { $0 | 0x20 == UInt8(ascii: "d") ? CChar(0x65) : CChar(bitPattern: $0) } + [0]
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Digits and a power of ten.
    private struct Decimal {
        var digits: UInt64 = 0
        var exponent = 0
        var isNegative = false
        /// There were more digits than fit.
        var isCut = false

        init?(_ bytes: UnsafeRawBufferPointer) {
            var index = 0
            let count = bytes.count
            guard count > 0 else { return nil }
            if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
                isNegative = bytes[0] == UInt8(ascii: "-")
                index = 1
            }
            var seen = false
            var isFraction = false
            while index < count {
                let byte = bytes[index]
                if byte == UInt8(ascii: "."), !isFraction {
                    isFraction = true
                } else if byte &- UInt8(ascii: "0") < 10 {
                    seen = true
                    if digits < 1_000_000_000_000_000_000 {
                        digits = digits * 10 + UInt64(byte &- UInt8(ascii: "0"))
                        if isFraction { exponent -= 1 }
                    } else {
                        isCut = true
                    }
                } else {
                    break
                }
                index += 1
            }
            guard seen else { return nil }
            guard index < count else { return }
            guard bytes[index] | 0x20 == UInt8(ascii: "e") || bytes[index] | 0x20 == UInt8(ascii: "d") else { return nil }
            guard let power = NumberText.int(UnsafeRawBufferPointer(rebasing: bytes[(index + 1)...])), bytes.count < 2000 else {
                return nil
            }
            exponent += Int(min(max(power, -100_000), 100_000))
        }

        @inline(__always)
        func signed(_ value: Double) -> Double { isNegative ? -value : value }
    }
}
