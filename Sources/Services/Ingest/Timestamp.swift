/// Times in text, as fields of objects hold them.
enum Timestamp {
    /// Reads `2016-01-01T12:30:00.25`, also with a blank for T, with Z at the end, or the date alone (DALI 1.1 §3.3.3), as microseconds since
    /// 2000-01-01T00:00:00, which is what PostgreSQL keeps. Digits beyond the microsecond are cut off.
    static func microseconds(_ text: String) -> Int64? {
        var rest = Substring(text)
        if rest.hasSuffix("Z") { rest.removeLast() }
        let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
        guard let date = parts.first.flatMap({ numbers($0, separator: "-", widths: [4, 2, 2]) }), (1...12).contains(date[1]),
            date[2] >= 1, date[2] <= days(in: date[1], of: date[0])
        else { return nil }
        var time = 0
        if parts.count == 2 {
            let halves = parts[1].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard let clock = numbers(halves[0], separator: ":", widths: [2, 2, 2]), clock[0] < 24, clock[1] < 60, clock[2] < 60 else {
                return nil
            }
            time = (clock[0] * 3600 + clock[1] * 60 + clock[2]) * 1_000_000
            if halves.count == 2 {
                let digits = String(halves[1].prefix(6))
                guard !halves[1].isEmpty, halves[1].allSatisfy({ $0.isASCII && $0.isNumber }), let fraction = Int(digits) else {
                    return nil
                }
                time += (0..<(6 - digits.count)).reduce(fraction) { value, _ in value * 10 }
            }
        }
        return Int64(day(date[0], date[1], date[2]) * 86_400_000_000 + time)
    }

    private static func numbers(_ text: Substring, separator: Character, widths: [Int]) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.count) == widths, parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return nil }
        return parts.compactMap { Int($0) }
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 2000-01-01 in the Gregorian calendar; years begin in March here, so that the leap day comes last.
    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 730_425
    }
}
