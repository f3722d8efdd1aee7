/// How names of objects are ordered and put together.
package enum ObjectName {
    /// Natural order: runs of digits count as numbers, all else by bytes, so that `Impl_9` stands before `Impl_10`.
    ///
    /// Archives number their objects as they write them, so this is also about the order on disk.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in right.withUTF8 { right in compare(left, right) < 0 } }
    }

    /// The absolute path of an object named relative to the root: `Impl_5` and `/Impl_5` alike become `/Impl_5`.
    ///
    /// Empty steps and `.` are left out; nil when nothing remains or the name holds a zero byte.
    package static func absolute(_ key: String) -> String? {
        if isPlain(key) { return key.utf8.first == UInt8(ascii: "/") ? key : "/" + key }
        guard !key.utf8.contains(0) else { return nil }
        let steps = key.split(separator: "/").filter { $0 != "." }
        return steps.isEmpty ? nil : "/" + steps.joined(separator: "/")
    }

    /// Whether no step has to be looked at: the common case, for which ``absolute(_:)`` is asked again and again.
    private static func isPlain(_ key: String) -> Bool {
        var key = key
        return key.withUTF8 { bytes in
            guard let last = bytes.last, last != UInt8(ascii: "/"), last != UInt8(ascii: ".") else { return false }
            var previous = UInt8(ascii: " ")
            for byte in bytes {
                // A dot after a slash may be a step of its own.
                if byte == 0 || previous == UInt8(ascii: "/") && (byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")) { return false }
                previous = byte
            }
            return bytes.first != UInt8(ascii: ".")
        }
    }

    private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            if isDigit(left[i]), isDigit(right[j]) {
                let (a, b) = (digits(left, from: &i), digits(right, from: &j))
                if a.count != b.count { return a.count - b.count }
                for (x, y) in zip(a, b) where x != y { return Int(x) - Int(y) }
            } else {
                if left[i] != right[j] { return Int(left[i]) - Int(right[j]) }
                i += 1
                j += 1
            }
        }
        if i < left.count || j < right.count { return (left.count - i) - (right.count - j) }
        // Equal but for leading zeros: the bytes decide, so that the order is total.
        for (x, y) in zip(left, right) where x != y { return Int(x) - Int(y) }
        return left.count - right.count
    }

    /// The digits that start at `index`, without leading zeros; `index` moves behind them.
    private static func digits(_ text: UnsafeBufferPointer<UInt8>, from index: inout Int) -> Slice<UnsafeBufferPointer<UInt8>> {
        while index < text.count, text[index] == UInt8(ascii: "0") { index += 1 }
        let start = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return text[start..<index]
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }
}
