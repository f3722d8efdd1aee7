package import ADQL

/// Everything that keeps a query from being understood: unknown names first of all, each with its place.
package struct NamesError: Error, Hashable, Sendable {
    /// At least one, in the order of the text.
    package let diagnostics: [NamesDiagnostic]

    init(_ diagnostics: [NamesDiagnostic]) {
        var seen: Set<NamesDiagnostic.Key> = []
        self.diagnostics = diagnostics.filter { seen.insert($0.key).inserted }
            .enumerated().sorted { ($0.element.span.start, $0.offset) < ($1.element.span.start, $1.offset) }.map(\.element)
    }
}

extension NamesError: CustomStringConvertible {
    /// One line for each diagnostic, without places; ``description(in:)`` has them.
    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }

    /// One line for each diagnostic: `unknown column "ra2000" in gaia.completesource (line 1, column 8); nearest: "ra"`.
    ///
    /// - Parameter text: the query that was parsed.
    package func description(in text: String) -> String {
        diagnostics.map { $0.description(in: text) }.joined(separator: "\n")
    }
}

/// One thing that is wrong, where, and what would work instead.
package struct NamesDiagnostic: Hashable, Sendable {
    /// A stable identifier of the kind of error; the raw value is what logs and tests use.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case unknownTable = "unknown-table"
        case unknownColumn = "unknown-column"
        case unknownFunction = "unknown-function"
        case unknownUnit = "unknown-unit"
        case unknownFrame = "unknown-frame"
        case ambiguousTable = "ambiguous-table"
        case ambiguousColumn = "ambiguous-column"
        case duplicateName = "duplicate-name"

        case argumentCount = "argument-count"
        case argumentType = "argument-type"
        case argumentValue = "argument-value"
        case operandType = "operand-type"
        case incomparableTypes = "incomparable-types"
        case castType = "cast-type"
        case numberRange = "number-range"

        case notGrouped = "not-grouped"
        case misplacedAggregate = "misplaced-aggregate"
        case columnCount = "column-count"
        case setTypes = "set-types"
        case joinCondition = "join-condition"
        case orderBy = "order-by"
        case tooComplex = "too-complex"
    }

    package let code: Code
    /// A fact in lower case, without the place.
    package let message: String
    /// What would work instead; nil where nobody can know.
    package let hint: String?
    package let span: TextSpan

    /// For NamesDiagnostic+Wording alone, which has a function for each error.
    init(_ code: Code, _ message: String, hint: String? = nil, at span: TextSpan) {
        self.code = code
        self.message = message
        self.hint = hint
        self.span = span
    }

    /// Spans compare equal wherever they are; for telling diagnostics apart the place counts.
    struct Key: Hashable {
        let start: Int
        let message: String
    }

    var key: Key { Key(start: span.start, message: message) }
}

extension NamesDiagnostic: CustomStringConvertible {
    package var description: String { message + (hint.map { "; \($0)" } ?? "") }

    /// `unknown column "ra2000" in gaia.completesource (line 1, column 8); nearest: "ra"`
    package func description(in text: String) -> String {
        "\(message) (\(span.position(in: text)))" + (hint.map { "; \($0)" } ?? "")
    }

    /// The description, then the line of the query with carets below the place.
    package func rendering(in text: String) -> String { "\(description(in: text))\n\(span.excerpt(in: text))" }
}
