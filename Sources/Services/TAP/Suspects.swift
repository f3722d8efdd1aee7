import ADQL
package import Names
import TableModel

/// Which parts of a query can have met an error that PostgreSQL tells of without a place.
///
/// PostgreSQL says "division by zero" and not which division. Where the query has one only, that is the one; where it has a few, they are
/// named all.
package struct Suspects: Sendable {
    private let query: ResolvedQuery
    private let text: String

    /// - Parameter text: what `query` was parsed from.
    package init(in query: ResolvedQuery, of text: String) {
        self.query = query
        self.text = text
    }

    /// One part of the query, as the user typed it.
    struct Part: Hashable {
        var span: Range<Int>
        var typed: String
        var position: TextPosition
        /// What a hint may name beside it: the divisor of a division.
        var operand: String?

        /// `"ra / 0" (line 1, column 8)`
        var phrase: String { "\"\(typed)\" (\(position))" }
    }

    /// What an error can be about.
    enum Kind {
        case division
        case root, power, logarithm
        /// Of numbers to a whole number's type.
        case wholeNumbers
        case anyNumbers
        /// ACOS, ASIN and the functions of angles.
        case angle
        case cast(@Sendable (ValueType) -> Bool)
        case subquery
        case regularExpression
        case shape
        case function
    }

    /// The parts of a kind, each once, in the order of the text.
    func parts(_ kind: Kind) -> [Part] {
        var found: Set<Part> = []
        query.visitValues { value in
            guard let span = span(of: value, as: kind) else { return }
            found.insert(part(span.whole, operand: span.operand))
        }
        return found.sorted { ($0.span.lowerBound, $0.span.upperBound) < ($1.span.lowerBound, $1.span.upperBound) }
    }

    private func span(of value: ResolvedExpression, as kind: Kind) -> (whole: TextSpan, operand: TextSpan?)? {
        switch (kind, value.node) {
        case (.division, .arithmetic(_, let steps)):
            let divisors = steps.filter { $0.operator == .dividedBy }
            guard let first = divisors.first else { return nil }
            return (value.span, divisors.count == 1 ? first.operand.span : nil)
        case (.division, .function(let form, let arguments)) where form.function.uppercased() == "MOD":
            return (value.span, arguments.last?.span)
        case (.wholeNumbers, .arithmetic), (.wholeNumbers, .negation), (.wholeNumbers, .cast), (.wholeNumbers, .aggregate(.sum, _, _)),
            (.wholeNumbers, .function):
            return value.type.isInteger ? (value.span, nil) : nil
        case (.anyNumbers, .arithmetic), (.anyNumbers, .scaled), (.anyNumbers, .cast), (.anyNumbers, .aggregate(.sum, _, _)),
            (.anyNumbers, .aggregate(.avg, _, _)):
            return value.type.isNumeric ? (value.span, nil) : nil
        case (.anyNumbers, .function(let form, _)) where ["EXP", "POWER", "DEGREES", "RADIANS", "ROUND", "TRUNCATE"].contains(form.name):
            return (value.span, nil)
        case (.cast(let matches), .cast): return matches(value.type) ? (value.span, nil) : nil
        case (.subquery, .subquery): return (value.span, nil)
        case (.root, .function(let form, _)) where form.name == "SQRT": return (value.span, nil)
        case (.power, .function(let form, _)) where form.name == "POWER": return (value.span, nil)
        case (.logarithm, .function(let form, _)) where ["LOG", "LOG10"].contains(form.name): return (value.span, nil)
        case (.angle, .function(let form, _)) where ["ACOS", "ASIN", "SIN", "COS", "TAN", "COT"].contains(form.name):
            return (value.span, nil)
        case (.regularExpression, .function(let form, _)) where form.usesRegularExpression: return (value.span, nil)
        case (.shape, .function(let form, let arguments)):
            return form.result == .type(value.type) && value.type.isGeometry || arguments.contains { $0.type.isGeometry }
                ? (value.span, nil) : nil
        case (.shape, .cast): return value.type.isGeometry ? (value.span, nil) : nil
        case (.function, .function): return (value.span, nil)
        default: return nil
        }
    }

    private static let longest = 60

    private func part(_ span: TextSpan, operand: TextSpan?) -> Part {
        Part(
            span: span.start..<span.end, typed: typed(span), position: span.position(in: text), operand: operand.map(typed))
    }

    /// The text of a place on one line, the middle left out of a long one.
    private func typed(_ span: TextSpan) -> String {
        let bytes = Array(text.utf8)
        let range = min(span.start, bytes.count)..<min(span.end, bytes.count)
        let words = String(decoding: bytes[range], as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= Self.longest ? words : "\(words.prefix(Self.longest / 2)) … \(words.suffix(Self.longest / 3))"
    }
}

extension Suspects {
    /// `, in "ra / 0" (line 1, column 8)` where one part is under suspicion, the list of them where a few are, and nothing where there is none.
    func phrase(_ kinds: Kind...) -> String {
        var parts: [Part] = []
        for kind in kinds { parts += self.parts(kind) }
        switch parts.count {
        case 0: return ""
        case 1: return ", in \(parts[0].phrase)"
        case 2...4: return ", in one of \(parts.map(\.phrase).joined(separator: ", "))"
        default: return ", in one of \(parts.count) places, the first of them \(parts[0].phrase)"
        }
    }
}

extension FunctionForm {
    fileprivate var name: String { function.uppercased() }

    /// The SQL of the list tells: `{text} ~ {pattern}` and its sisters.
    fileprivate var usesRegularExpression: Bool {
        template.pieces.contains { piece in
            guard case .text(let words) = piece else { return false }
            let bytes = Array(words.utf8)
            return bytes.contains(UInt8(ascii: "~")) || words.hasPrefix("regexp_") || words.hasPrefix("(regexp_")
        }
    }
}
