import Foundation

/// Reads the text of a unit: products, quotients, powers, parentheses, prefixes (VOUnits 1.1 §2).
struct UnitParser {
    private var rest: Substring
    private var depth = 0

    init(_ text: String) {
        rest = text.prefix(200).drop { $0 == " " }
    }

    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    mutating func unit() -> Unit? {
        while rest.last == " " { rest.removeLast() }
        if rest.isEmpty { return nil }
        let scale = leadingFactor()
        guard let unit = product(), rest.isEmpty else { return nil }
        return Unit(scale: unit.scale * scale, powers: unit.powers)
    }

    /// `10**3` or `0.1` before the unit.
    private mutating func leadingFactor() -> Double {
        guard let digit = rest.first, digit.isNumber, let number = number() else { return 1 }
        var factor = number
        if rest.hasPrefix("**") || rest.hasPrefix("^") {
            rest = rest.dropFirst(rest.hasPrefix("^") ? 1 : 2)
            guard let exponent = number10() else { return 1 }
            factor = Self.power(number, exponent)
        }
        while rest.first == " " || rest.first == "." { rest.removeFirst() }
        return factor
    }

    /// `kg.m**2/s`: everything after a slash up to the next sign is below the line.
    private mutating func product() -> Unit? {
        guard var unit = rest.first == "/" ? .one : factor() else { return nil }
        while let sign = rest.first, sign == "." || sign == "/" || sign == " " || sign == "*" {
            rest.removeFirst()
            guard let next = factor() else { return nil }
            unit = unit * (sign == "/" ? next.raised(to: -1) : next)
        }
        return unit
    }

    private mutating func factor() -> Unit? {
        var unit: Unit
        if rest.first == "(" {
            guard depth < 20 else { return nil }
            depth += 1
            defer { depth -= 1 }
            rest.removeFirst()
            guard let inner = product(), rest.first == ")" else { return nil }
            rest.removeFirst()
            unit = inner
        } else {
            let word = rest.prefix { $0.isLetter || $0 == "%" || $0 == "_" }
            guard !word.isEmpty, let known = UnitTable.unit(word) else { return nil }
            rest = rest.dropFirst(word.count)
            unit = known
        }
        if rest.hasPrefix("**") {
            rest = rest.dropFirst(2)
        } else if rest.first == "^" {
            rest.removeFirst()
        } else if let sign = rest.first, !sign.isNumber, sign != "-", sign != "+" {
            return unit
        } else if rest.isEmpty {
            return unit
        }
        guard let power = number10() else { return nil }
        unit = unit.raised(to: power)
        return unit
    }

    /// An exponent: `2`, `-1`, `(-1)`, `(1/2)`, `0.5`.
    private mutating func number10() -> Double? {
        let bracketed = rest.first == "("
        if bracketed { rest.removeFirst() }
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest.removeFirst() }
        guard var value = number() else { return nil }
        if bracketed {
            if rest.first == "/" {
                rest.removeFirst()
                guard let below = number(), below != 0 else { return nil }
                value /= below
            }
            guard rest.first == ")" else { return nil }
            rest.removeFirst()
        }
        guard value <= 100 else { return nil }
        return negative ? -value : value
    }

    private mutating func number() -> Double? {
        var digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        // In `s2.m` the point is a product.
        if digits.last == "." { digits = digits.dropLast() }
        guard let value = Double(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }
}
