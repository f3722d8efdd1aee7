import ADQL
package import Names
import TableModel

/// A literal that could be any other of its kind without a change to anything but the rows: the `5` of `… WHERE source_id = 5`.
///
/// Only equality with a stored column, asked of each row of the outermost selection, has such literals. A range or a circle has none, though
/// its numbers could be parameters too: for them PostgreSQL's plan depends on the value.
package struct KeyLiteral: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Beside a column of whole numbers.
        case integer
        /// Beside a column of text.
        case text
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
        return literals.sorted { $0.start < $1.start }
    }
}

extension KeyLiteral {
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
        case .integer, .string: break
        default: return false
        }
        guard
            let index = options.parameters.firstIndex(where: { $0.start == expression.span.start && $0.end == expression.span.end })
        else { return false }
        out += "$\(index + 1)"
        // Text takes the column's own type, as a literal does.
        if options.parameters[index].kind == .integer { out += "::int8" }
        return true
    }
}
