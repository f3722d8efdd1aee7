/// A timestamp as a query writes it in a string: `2016-01-01`, `2016-01-01T12:00:00.5Z` (DALI 1.1 §3.3.3).
enum TimestampLiteral {
    /// Whether PostgreSQL reads the text as the same moment that DALI means; a blank may stand for the T.
    static func isValid(_ text: String) -> Bool {
        var parser = Digits(text)
        guard let year = parser.number(4), parser.skip("-"), let month = parser.number(2), parser.skip("-"),
            let day = parser.number(2), (1...12).contains(month), year > 0, (1...days(month, year)).contains(day)
        else { return false }
        if parser.atEnd { return true }
        guard parser.skip("T") || parser.skip(" "), let hour = parser.number(2), parser.skip(":"), let minute = parser.number(2),
            hour < 24, minute < 60
        else { return false }
        if parser.skip(":") {
            guard let second = parser.number(2), second < 60 else { return false }
            if parser.skip(".") { parser.skipDigits() }
        }
        return (parser.skip("Z") || true) && parser.atEnd
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private struct Digits {
        private var rest: Substring.UTF8View

        init(_ text: String) {
            rest = Substring(text).utf8
        }

        var atEnd: Bool { rest.isEmpty }

        mutating func number(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
                rest.removeFirst()
            }
            return value
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func skipDigits() {
            rest = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }
}
