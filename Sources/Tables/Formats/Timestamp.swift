/// PostgreSQL's microseconds as DALI's calendar text (DALI 1.1 §3.3.3).
enum Timestamp {
    /// The longest text, a year of six digits with sign included.
    static let maximumCount = 32

    /// Writes `2016-01-01T00:00:00` or, where there are any, with microseconds; returns the byte after it.
    ///
    /// PostgreSQL's infinities, which DALI can't say, become the text's outermost years.
    static func write(microseconds: Int64, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let clipped = min(max(microseconds, -63_082_281_600_000_000), 252_455_615_999_999_999)
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

        var end = digits(year, width: 4, to: target)
        end = put("-", to: end)
        end = digits(month, width: 2, to: end)
        end = put("-", to: end)
        end = digits(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, width: 2, to: end)
        end = put("T", to: end)
        end = digits(time / 3_600_000_000, width: 2, to: end)
        end = put(":", to: end)
        end = digits(time / 60_000_000 % 60, width: 2, to: end)
        end = put(":", to: end)
        end = digits(time / 1_000_000 % 60, width: 2, to: end)
        let fraction = time % 1_000_000
        if fraction != 0 {
            end = put(".", to: end)
            end = fraction % 1000 == 0 ? digits(fraction / 1000, width: 3, to: end) : digits(fraction, width: 6, to: end)
        }
        return end
    }

    private static func put(_ character: Unicode.Scalar, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt8(ascii: character), as: UInt8.self)
        return target + 1
    }

    private static func digits(_ value: Int64, width: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var rest = value
        for place in stride(from: width - 1, through: 0, by: -1) {
            target.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        return target + width
    }
}
