/// Times in text.
package enum TimestampText {
    /// Reads `2016-01-01T12:30:00.25`, also with a blank for T, without seconds, with Z at the end, or the date alone (DALI 1.1 §3.3.3), as
    /// microseconds since 2000-01-01T00:00:00, which is what PostgreSQL keeps; digits beyond the microsecond are rounded.
    package static func microseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
        var bytes = text
        if bytes.last == UInt8(ascii: "Z") { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
        var place = 0
        var isNegative = false
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            place = 1
        }
        guard let year = number(bytes, at: &place, width: 4), take("-", bytes, at: &place),
            let month = number(bytes, at: &place, width: 2), (1...12).contains(month), take("-", bytes, at: &place),
            let day = number(bytes, at: &place, width: 2)
        else { return nil }
        let civilYear = isNegative ? -year : year
        guard day >= 1, day <= days(in: month, of: civilYear) else { return nil }
        var time = 0
        if place < bytes.count {
            guard bytes[place] == UInt8(ascii: "T") || bytes[place] == UInt8(ascii: " ") else { return nil }
            place += 1
            guard let parsed = clock(bytes, at: &place) else { return nil }
            time = parsed
        }
        guard place == bytes.count else { return nil }
        return Int64(dayNumber(civilYear, month, day) * 86_400_000_000 + time)
    }

    /// `12:30`, `12:30:00`, `12:30:00.25` in microseconds. A leap second is the first one of the next minute.
    private static func clock(_ bytes: UnsafeRawBufferPointer, at place: inout Int) -> Int? {
        guard let hour = number(bytes, at: &place, width: 2), hour < 24, take(":", bytes, at: &place),
            let minute = number(bytes, at: &place, width: 2), minute < 60
        else { return nil }
        guard take(":", bytes, at: &place) else { return (hour * 3600 + minute * 60) * 1_000_000 }
        guard let second = number(bytes, at: &place, width: 2), second <= 60 else { return nil }
        var fraction = 0
        if take(".", bytes, at: &place) {
            var scale = 1_000_000
            let start = place
            while place < bytes.count, case let digit = Int(bytes[place]) - 48, (0..<10).contains(digit) {
                if place - start < 6 {
                    scale /= 10
                    fraction += digit * scale
                } else if place - start == 6, digit >= 5 {
                    fraction += 1
                }
                place += 1
            }
            guard place > start else { return nil }
        }
        return (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, at place: inout Int, width: Int) -> Int? {
        guard place + width <= bytes.count else { return nil }
        var value = 0
        for index in place..<place + width {
            let digit = Int(bytes[index]) - 48
            guard (0..<10).contains(digit) else { return nil }
            value = value * 10 + digit
        }
        place += width
        return value
    }

    private static func take(_ character: Unicode.Scalar, _ bytes: UnsafeRawBufferPointer, at place: inout Int) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 2000-01-01 in the Gregorian calendar, counted in eras of 400 years that begin in March, so that the leap day comes last.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 730_425
    }
}
