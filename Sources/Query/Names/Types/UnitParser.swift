import Foundation

/// Reads the text of a unit (VOUnits 1.1 §2, and its grammar in appendix C).
///
/// Where the standard demands one way of writing and others are common in old metadata, they are read too: blanks and `*` for products,
/// several slashes, `^`, and powers without a sign in between (`s-1`).
struct UnitParser {
    private var rest: Substring.UTF8View
    private var depth = 0

    static func read(_ text: String) throws(UnitError) -> Unit {
        guard text.utf8.count <= 200 else { throw .tooLong }
        var parser = UnitParser(rest: Substring(text).utf8)
        parser.skipBlanks()
        while parser.rest.last == blank { parser.rest.removeLast() }
        if parser.rest.isEmpty { return .one }
        let word = String(Substring(parser.rest))
        if word == "unknown" || word == "UNKNOWN" { throw .unknown }
        return try parser.complete()
    }

    private static let blank = UInt8(ascii: " ")

    private mutating func complete() throws(UnitError) -> Unit {
        let start = rest
        var unit = Unit.one
        if let number = try scaleFactor() {
            skipBlanks()
            skip(".")
            // Of bare numbers VOUnits knows 1 alone.
            if rest.isEmpty, number != 1 { throw .syntax(String(Substring(start))) }
            unit = Unit(number: number)
        }
        if !rest.isEmpty, let product = unit.times(try product()) {
            unit = product
        } else if !rest.isEmpty {
            throw .scale
        }
        guard rest.isEmpty else { throw .syntax(String(Substring(rest))) }
        return unit
    }

    /// `10**3`, `0.1`, `1e-17`; nil where there is none.
    private mutating func scaleFactor() throws(UnitError) -> Double? {
        guard let first = rest.first, Self.isDigit(first) else { return nil }
        guard let number = decimal() else { throw .syntax(String(Substring(rest))) }
        guard skipPower() else {
            guard number.isNormal else { throw .scale }
            return number
        }
        let value = pow(number, try power().value)
        guard value.isNormal else { throw .scale }
        return value
    }

    /// `kg.m**2/s`
    private mutating func product() throws(UnitError) -> Unit {
        var unit = Unit.one
        if rest.first != UInt8(ascii: "/") { unit = try factor() }
        var divided = false
        while let sign = separator() {
            let next = try factor()
            if sign == UInt8(ascii: "/") {
                divided = true
            } else if divided {
                throw .ambiguousSlash
            }
            guard let product = sign == UInt8(ascii: "/") ? unit.dividedBy(next) : unit.times(next) else { throw .scale }
            unit = product
        }
        return unit
    }

    /// A sign between two factors: the slash, or any of those that mean a product.
    private mutating func separator() -> UInt8? {
        let before = rest
        skipBlanks()
        guard let sign = rest.first, sign != UInt8(ascii: ")") else { return nil }
        if [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "*")].contains(sign) {
            rest.removeFirst()
            skipBlanks()
            return sign
        }
        return before.count > rest.count ? Self.blank : nil
    }

    private mutating func factor() throws(UnitError) -> Unit {
        var unit: Unit
        if skip("(") {
            unit = try parenthesized()
        } else if rest.first == UInt8(ascii: "'") {
            unit = try quoted(prefix: "")
        } else {
            unit = try symbol()
        }
        let isExplicit = skipPower()
        guard isExplicit || rest.first.map({ Self.isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }) ?? false else {
            return unit
        }
        guard let raised = unit.raised(to: try power()) else { throw .power }
        unit = raised
        return unit
    }

    private mutating func parenthesized() throws(UnitError) -> Unit {
        guard depth < 20 else { throw .tooLong }
        depth += 1
        defer { depth -= 1 }
        skipBlanks()
        let unit = try product()
        skipBlanks()
        guard skip(")") else { throw .syntax(String(Substring(rest))) }
        return unit
    }

    /// `'furlong'`: a unit of somebody's own, which is not looked into.
    private mutating func quoted(prefix: String) throws(UnitError) -> Unit {
        let start = rest
        rest.removeFirst()
        let name = rest.prefix { $0 != UInt8(ascii: "'") }
        rest = rest.dropFirst(name.count)
        guard !name.isEmpty, skip("'") else { throw .syntax(String(Substring(start))) }
        let own = "'\(Substring(name))'"
        guard let scale = prefix.isEmpty ? 1 : UnitTable.prefix(prefix) else { throw .symbol(prefix + own, nearest: []) }
        return Unit(symbol: prefix + own, scale: scale, powers: [own: .one])
    }

    private mutating func symbol() throws(UnitError) -> Unit {
        let word = rest.prefix { Self.isLetter($0) || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "_") }
        guard !word.isEmpty else { throw .syntax(String(Substring(rest))) }
        rest = rest.dropFirst(word.count)
        let name = String(Substring(word))
        if rest.first == UInt8(ascii: "'") { return try quoted(prefix: name) }
        if rest.first == UInt8(ascii: "("), let function = try function(name) { return function }
        return try UnitTable.unit(name)
    }

    /// `sqrt(Hz)` is a power; a logarithm is a scale of its own, which nothing but the same converts to.
    private mutating func function(_ name: String) throws(UnitError) -> Unit? {
        guard ["sqrt", "log", "ln", "exp"].contains(name), skip("(") else { return nil }
        let inner = try parenthesized()
        guard name != "sqrt" else {
            guard let root = inner.raised(to: .half) else { throw .power }
            return root
        }
        let own = "\(name)(\(inner.text))"
        return Unit(symbol: own, scale: 1, powers: [own: .one])
    }

    // MARK: Numbers

    private mutating func skipPower() -> Bool {
        if skip("^") { return true }
        guard rest.starts(with: "**".utf8) else { return false }
        rest = rest.dropFirst(2)
        return true
    }

    /// `2`, `-1`, `0.5`, `(-1)`, `(1/2)`, `(0.5)`.
    private mutating func power() throws(UnitError) -> Fraction {
        let isBracketed = skip("(")
        let isNegative = skip("-")
        if !isNegative { skip("+") }
        guard var above = digits() else { throw .power }
        var below = 1
        if rest.first == UInt8(ascii: "."), let next = rest.dropFirst().first, Self.isDigit(next) {
            rest.removeFirst()
            for digit in rest.prefix(while: Self.isDigit) {
                guard below < 1_000_000 else { throw .power }
                above = above * 10 + Int(digit - UInt8(ascii: "0"))
                below *= 10
            }
            rest = rest.drop(while: Self.isDigit)
        }
        if isBracketed {
            if below == 1, skip("/") {
                guard let divisor = digits() else { throw .power }
                below = divisor
            }
            guard skip(")") else { throw .syntax(String(Substring(rest))) }
        }
        guard let fraction = Fraction(numerator: isNegative ? -above : above, denominator: below), abs(fraction.value) <= 100 else {
            throw .power
        }
        return fraction
    }

    private mutating func digits() -> Int? {
        let digits = rest.prefix(while: Self.isDigit)
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int(Substring(digits))
    }

    /// `1.5e-17`, as far as it goes: in `10.m` the point is a product, in `1eV` the e is a letter.
    private mutating func decimal() -> Double? {
        var end = rest.drop(while: Self.isDigit)
        if end.first == UInt8(ascii: "."), case let tail = end.dropFirst(), tail.first.map(Self.isDigit) ?? false {
            end = tail.drop(while: Self.isDigit)
        }
        if end.first == UInt8(ascii: "e") || end.first == UInt8(ascii: "E") {
            var tail = end.dropFirst()
            if tail.first == UInt8(ascii: "-") || tail.first == UInt8(ascii: "+") { tail = tail.dropFirst() }
            if tail.first.map(Self.isDigit) ?? false { end = tail.drop(while: Self.isDigit) }
        }
        let text = Substring(rest[..<end.startIndex])
        rest = end
        return Double(text)
    }

    // MARK: Bytes

    @discardableResult
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == Self.blank }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
