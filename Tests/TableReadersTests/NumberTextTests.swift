import Foundation
import TableInput
import Testing

@Suite("Numbers and times in text")
struct NumberTextTests {
    private func double(_ text: String) -> Double? { Array(text.utf8).withUnsafeBytes { NumberText.double($0) } }
    private func float(_ text: String) -> Float? { Array(text.utf8).withUnsafeBytes { NumberText.float($0) } }
    private func int(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBytes { NumberText.int($0) } }
    private func time(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBytes { TimestampText.microseconds($0) } }

    @Test("doubles and floats come out as Swift reads them, random and hard ones")
    func doubles() {
        var generator = SystemRandomNumberGenerator()
        var texts = [
            "0", "-0.0", "1e22", "1e23", "9007199254740993", "123456789012345678901234567890", "2.2250738585072011e-308", "5e-324",
            "1.7976931348623157e308",
            "0.1", ".5", "5.", "00012.50", "1E+3", "8.5e-23", "7.2057594037927933e16", "16777217", "3.4028235677973366e38", "1e-45",
        ]
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { texts.append("\(value)") }
            texts.append("\(Int.random(in: -99999...99999)).\(UInt32.random(in: 0...99999))")
        }
        for text in texts {
            #expect(double(text) == Double(text.hasSuffix(".") ? text + "0" : text), "\(text)")
            #expect(float(text) == Float(text.hasSuffix(".") ? text + "0" : text), "\(text)")
        }
    }

    @Test(
        "special values and Fortran's exponent are read",
        arguments: [("+Inf", Double.infinity), ("-inf", -.infinity), ("1D3", 1000), ("Infinity", .infinity)])
    func special(text: String, value: Double) {
        #expect(double(text) == value)
        #expect(double("NaN")?.isNaN == true)
    }

    @Test("what is no number is none", arguments: ["", "abc", "1.2.3", "1e", "e5", "--1", "1 2", "0x", "1e5x", "nan1", "+", ".", "١"])
    func none(text: String) {
        #expect(double(text) == nil)
        #expect(int(text) == nil)
    }

    @Test("whole numbers reach to both ends of 64 bits and not beyond")
    func whole() {
        #expect(int("-9223372036854775808") == .min && int("9223372036854775807") == .max && int("+7") == 7 && int("0x1F") == 31)
        #expect(int("9223372036854775808") == nil && int("-9223372036854775809") == nil && int("1.0") == nil && int("0x-1") == nil)
    }

    @Test("times are microseconds since 2000, as Foundation counts them")
    func times() throws {
        let formatter = ISO8601DateFormatter()
        for _ in 0..<2000 {
            let date = Date(timeIntervalSince1970: Double(Int.random(in: -10_000_000_000...10_000_000_000)))
            let text = formatter.string(from: date)
            let expected = Int64(date.timeIntervalSince1970) * 1_000_000 - 946_684_800_000_000
            #expect(time(text) == expected, "\(text)")
        }
        #expect(time("2000-01-01T00:00:00.0000005") == 1 && time("2000-01-01") == 0 && time("2000-01-01 00:01") == 60_000_000)
        for bad in [
            "2000-13-01", "2001-02-29", "2000-01-01T25:00:00", "2000-01-01T", "2000-1-1", "x", "2000-01-01T00:00:00.",
            "2000-01-01T00:00:00+01",
        ] {
            #expect(time(bad) == nil, "\(bad)")
        }
    }
}
