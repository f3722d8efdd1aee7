import ADQL
package import Names
import TableModel

/// A literal that could be any other of its kind without a change to anything but the rows: the `5` of `… WHERE source_id = 5`.
///
/// Equality with a stored column has such literals, and the circle of a cone, where they are asked of each row of the outermost selection. A
/// range has none, though its numbers could be parameters too: for them PostgreSQL's plan depends on the value.
package struct KeyLiteral: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Beside a column of whole numbers.
        case integer
        /// Beside a column of text.
        case text
        /// In a circle: a number of any form, beyond which the query would be another.
        case number(atMost: Double)
    }

    /// Where it stands: byte offsets into the query's UTF-8.
    package var start: Int
    package var end: Int
    package var kind: Kind
}

extension ResolvedQuery {
    /// The literals that can be parameters, in the order of the text.
    package var keyLiterals: [KeyLiteral] {
        guard case .selection(let selection) = root.source, let condition = selection.condition else { return [] }
        let conditions = if case .and(let conditions) = condition { conditions } else { [condition] }
        let literals = conditions.compactMap { condition -> KeyLiteral? in
            guard case .comparison(let left, .equal, let right) = condition else { return nil }
            return KeyLiteral(right, beside: left) ?? KeyLiteral(left, beside: right)
        }
        let numbers = conditions.flatMap { condition -> [KeyLiteral] in
            guard case .comparison(let left, .equal, let right) = condition else { return [] }
            return Self.circleLiterals(left) + Self.circleLiterals(right)
        }
        return (literals + numbers).sorted { $0.start < $1.start }
    }

    /// Those of `CONTAINS(POINT(ra, dec), CIRCLE(10, -20, 0.5))`.
    private static func circleLiterals(_ test: ResolvedExpression) -> [KeyLiteral] {
        guard case .function(let form, let arguments) = test.node, form.isTest else { return [] }
        return arguments.flatMap { argument -> [KeyLiteral] in
            guard case .function(let circle, var parts) = argument.node, circle.function == "CIRCLE" else { return [] }
            if parts.count == 2, case .function(let point, let coordinates) = parts[0].node, point.function == "POINT" {
                parts.replaceSubrange(0..<1, with: coordinates)
            }
            guard parts.count == 3 else { return [] }
            let literals = zip(parts, [360, 90, 90]).compactMap { KeyLiteral(number: $0, atMost: $1) }
            // The numbers of a REGION stand nowhere but in its one string.
            return Set(literals.map(\.start)).count == literals.count ? literals : []
        }
    }
}

extension KeyLiteral {
    /// A number, or what a minus stands before.
    fileprivate init?(number: ResolvedExpression, atMost: Double) {
        var literal = number
        if case .negation(let operand) = number.node { literal = operand }
        switch literal.node {
        case .integer, .number: break
        default: return nil
        }
        guard literal.span.start < literal.span.end else { return nil }
        start = literal.span.start
        end = literal.span.end
        kind = .number(atMost: atMost)
    }

    fileprivate init?(_ literal: ResolvedExpression, beside column: ResolvedExpression) {
        guard case .column(let reference) = column.node, case .stored = reference.place, literal.span.start < literal.span.end else {
            return nil
        }
        switch (literal.node, column.type) {
        case (.integer, .smallint), (.integer, .integer), (.integer, .bigint): kind = .integer
        case (.string, _) where literal.type.isText && column.isStoredText: kind = .text
        default: return nil
        }
        start = literal.span.start
        end = literal.span.end
    }
}

extension Translation {
    /// Writes a literal as a parameter; false for all else.
    mutating func parameter(_ expression: ResolvedExpression) -> Bool {
        guard !options.parameters.isEmpty else { return false }
        switch expression.node {
        case .integer, .number, .string: break
        default: return false
        }
        guard
            let index = options.parameters.firstIndex(where: { $0.start == expression.span.start && $0.end == expression.span.end })
        else { return false }
        out += "$\(index + 1)"
        switch options.parameters[index].kind {
        case .integer: out += "::int8"
        // Text takes the column's own type, as a literal does.
        case .text: break
        case .number: out += "::float8"
        }
        return true
    }
}
