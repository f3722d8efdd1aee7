/// PostgreSQL's microseconds as DALI's calendar text (DALI 1.1 §3.3.3).
enum Timestamp {
    /// The longest text, a year of six digits with sign included.
    static let maximumCount = 32

    /// PostgreSQL's infinities, and years that four digits can't say, as the outermost microseconds of the years 1 and 9999.
    static func clipped(_ microseconds: Int64) -> Int64 {
        min(max(microseconds, -63_082_281_600_000_000), 252_455_615_999_999_999)
    }

    /// Writes `2016-01-01T00:00:00` or, where there are any, with microseconds; returns the byte after it.
    ///
    /// PostgreSQL's infinities, which DALI can't say, become the text's outermost years.
    static func write(microseconds: Int64, with numbers: DecimalText = DecimalText(), to target: UnsafeMutableRawPointer)
        -> UnsafeMutableRawPointer
    {
        let clipped = clipped(microseconds)
        let day = clipped >= 0 ? clipped / 86_400_000_000 : (clipped - 86_399_999_999) / 86_400_000_000
        let time = clipped - day * 86_400_000_000
        // Days to civil date in the proleptic Gregorian calendar, counted in 400-year eras from 0000-03-01.
        let shifted = day + 730_425
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        var end = numbers.writeTwo(year / 100, to: target)
        end = numbers.writeTwo(year % 100, to: end)
        end = numbers.writeTwo(month, to: put("-", to: end))
        end = numbers.writeTwo(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, to: put("-", to: end))
        end = numbers.writeTwo(time / 3_600_000_000, to: put("T", to: end))
        end = numbers.writeTwo(time / 60_000_000 % 60, to: put(":", to: end))
        end = numbers.writeTwo(time / 1_000_000 % 60, to: put(":", to: end))
        let fraction = time % 1_000_000
        if fraction == 0 { return end }
        end = put(".", to: end)
        end = numbers.writeTwo(fraction / 10_000, to: end)
        // Three digits or six.
        let thousandth = fraction / 1000 % 10
        end.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: thousandth), as: UInt8.self)
        end += 1
        let rest = fraction % 1000
        if rest == 0 { return end }
        end.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / 100), as: UInt8.self)
        return numbers.writeTwo(rest % 100, to: end + 1)
    }

    @inline(__always)
    private static func put(_ character: Unicode.Scalar, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt8(ascii: character), as: UInt8.self)
        return target + 1
    }
}
