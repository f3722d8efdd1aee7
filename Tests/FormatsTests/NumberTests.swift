import Formats
import NIOCore
import TableModel
import Testing
import VOTable

@Suite("Numbers as text")
struct NumberTests {
    /// What CSV says of these numbers, a line each.
    private func texts(_ type: ValueType, _ rows: [TestRow]) throws -> [Substring] {
        let document = ResultDocument(fields: [Field(Column("c", type))])
        let encoder = try ResultFormat.csv.encoder(for: document, accessURL: AccessURLForm(prefix: "", suffix: ""))
        var buffer = ByteBuffer()
        encoder.writeHead(into: &buffer)
        for row in rows { try row.bytes.withUnsafeBytes { bytes in try encoder.append(row: bytes) } }
        _ = encoder.writeTail(.ok, into: &buffer)
        return String(buffer: buffer).split(separator: "\r\n")
    }

    /// The digits of a number without sign, point, exponent and zeros around them.
    private func digits(_ text: some StringProtocol) -> String {
        let mantissa = text.prefix { $0 != "e" }.filter { $0 != "." && $0 != "-" }
        let leading = mantissa.drop { $0 == "0" }
        return String(String(leading.reversed()).drop { $0 == "0" }.reversed())
    }

    private static let doubles: [Double] = {
        var generator = SplitMix(state: 2016)
        var numbers = (0..<60_000).map { _ in Double(bitPattern: generator.next()) }
        numbers += (0..<20_000).map { _ in Double.random(in: -360...360, using: &generator) }
        // Powers of two, where the neighbour below is nearer, and their neighbours.
        for exponent in UInt64(0)..<2047 {
            let power = Double(bitPattern: exponent << 52)
            numbers += [power, power.nextUp, power.nextDown]
        }
        for exponent in -323...308 { numbers += [Double("1e\(exponent)") ?? 0, Double("9.5e\(exponent)") ?? 0] }
        numbers += [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .leastNormalMagnitude, 2e22]
        return numbers.filter(\.isFinite)
    }()

    @Test("doubles read back as the same bits and have the fewest digits")
    func shortestDoubles() throws {
        let rows = Self.doubles.map { number in
            var row = TestRow()
            row.add(number)
            return row
        }
        let texts = try texts(.double, rows).dropFirst()
        try #require(texts.count == Self.doubles.count)
        var wrong: [String] = []
        for (text, number) in zip(texts, Self.doubles) {
            let isSame = Double(text)?.bitPattern == number.bitPattern
            // Swift's own way is the judge of the digits.
            if !isSame || digits(text) != digits(number.description) { wrong.append("\(text) for \(number)") }
        }
        let examples = wrong.prefix(5)
        #expect(examples.isEmpty)
    }

    @Test("floats read back as the same bits and have the fewest digits")
    func shortestFloats() throws {
        var generator = SplitMix(state: 1958)
        var numbers = (0..<60_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
        for exponent in UInt32(0)..<255 {
            let power = Float(bitPattern: exponent << 23)
            numbers += [power, power.nextUp, power.nextDown]
        }
        numbers += [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 16_777_216, 3.4e10, 1e-5, 9.9e-6, 1e15, 1e16]
        numbers = numbers.filter(\.isFinite)
        let rows = numbers.map { number in
            var row = TestRow()
            row.add(number)
            return row
        }
        let texts = try texts(.real, rows).dropFirst()
        var wrong: [String] = []
        for (text, number) in zip(texts, numbers) {
            let isSame = Float(text)?.bitPattern == number.bitPattern
            if !isSame || digits(text) != digits(number.description) { wrong.append("\(text) for \(number)") }
        }
        try #require(texts.count == numbers.count)
        let examples = wrong.prefix(5)
        #expect(examples.isEmpty)
    }

    @Test(
        "the form is plain between 10^-5 and 10^16",
        arguments: [
            (1e15, "1000000000000000.0"), (1e16, "1e+16"), (123_456_789_012_345_680, "1.2345678901234568e+17"), (0.00001, "0.00001"),
            (0.000012345, "0.000012345"), (0.000009, "9e-06"), (1.5e-300, "1.5e-300"), (100, "100.0"), (0.5, "0.5"), (-12.25, "-12.25"),
            (9_999_999_999_999_998, "9999999999999998.0"), (9_007_199_254_740_992, "9007199254740992.0"), (1234.5678, "1234.5678"),
        ] as [(Double, String)])
    func form(number: Double, text: String) throws {
        var row = TestRow()
        row.add(number)
        #expect(try texts(.double, [row])[1] == text)
    }

    @Test("whole numbers of every number of digits are written")
    func integers() throws {
        var numbers: [Int64] = [0, .min, .max]
        var power: Int64 = 1
        for _ in 0..<18 {
            power *= 10
            numbers += [power - 1, power, power + 1, -power, power / 2 + 7]
        }
        let rows = numbers.map { number in
            var row = TestRow()
            row.add(number)
            return row
        }
        #expect(try texts(.bigint, rows).dropFirst().elementsEqual(numbers.map { Substring(String($0)) }))
    }
}

/// The same numbers in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
