/// Why a text is not a query: what was wrong, where, and what would work instead.
package struct ADQLError: Error, Hashable, Sendable {
    /// A stable identifier of the kind of error; the raw value is what logs and tests use.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case emptyQuery = "empty-query"
        case textTooLong = "text-too-long"
        case nestedTooDeeply = "nested-too-deeply"
        case tooManyNames = "too-many-names"

        case unterminatedString = "unterminated-string"
        case unterminatedName = "unterminated-name"
        case emptyName = "empty-name"
        case invalidName = "invalid-name"
        case blockComment = "block-comment"
        case foreignOperator = "foreign-operator"
        case unexpectedCharacter = "unexpected-character"
        case typographicCharacter = "typographic-character"

        case unexpectedToken = "unexpected-token"
        case reservedWord = "reserved-word"
        case singleQuotedName = "single-quoted-name"
        case misspeltKeyword = "misspelt-keyword"
        case missingComma = "missing-comma"
        case unescapedQuote = "unescaped-quote"
        case unbalancedParenthesis = "unbalanced-parenthesis"
        case textAfterEnd = "text-after-end"
        case notAQuery = "not-a-query"
        case notInADQL = "not-in-adql"
        case misplacedClause = "misplaced-clause"

        case missingFrom = "missing-from"
        case missingAlias = "missing-alias"
        case missingJoinCondition = "missing-join-condition"
        case surplusJoinCondition = "surplus-join-condition"
        case invalidCount = "invalid-count"
        case topAndLimit = "top-and-limit"
        case tooManyParts = "too-many-parts"

        case barePredicate = "bare-predicate"
        case missingComparison = "missing-comparison"
        case chainedComparison = "chained-comparison"
        case conditionAsValue = "condition-as-value"
        case unknownType = "unknown-type"
    }

    package let code: Code
    /// A fact in lower case, without the place.
    package let message: String
    /// What would work instead; nil where nobody can know.
    package let hint: String?
    package let span: TextSpan
    /// Where the span starts, as a person counts.
    package let position: TextPosition
    /// The line of text with carets below the span; empty for a text too long to look at.
    package let excerpt: String
    /// What else is wrong with the query and does not follow from this, in the order of the text; these have none of their own.
    package private(set) var further: [ADQLError] = []

    /// For ADQLError+Wording alone, which has a function for each error.
    init(_ code: Code, _ message: String, hint: String? = nil, at span: TextSpan, in text: String) {
        self.code = code
        self.message = message
        self.hint = hint
        self.span = span
        position = span.position(in: text)
        excerpt = span.excerpt(in: text)
    }

    /// This and the further ones.
    package var all: [ADQLError] { [self] + further }

    /// The first of all in the order of the text, with the others as its further ones.
    ///
    /// A parenthesis that does not close may be a consequence of what was wrong before.
    func after(_ others: [ADQLError]) -> ADQLError {
        guard !others.isEmpty else { return self }
        var all = others
        if code != .unbalancedParenthesis, !all.contains(where: { $0.span.start == span.start }) { all.append(self) }
        all.sort { $0.span.start < $1.span.start }
        var first = all.removeFirst()
        first.further = all
        return first
    }
}

extension ADQLError: CustomStringConvertible {
    /// One line: `"size" is a reserved word (line 1, column 8); as a name it needs double quotes: "size"`.
    package var description: String {
        "\(message) (\(position))" + (hint.map { "; \($0)" } ?? "")
    }

    /// The description, then the line of the query with carets below the place; the same of the further ones.
    package var rendering: String {
        all.map { "\($0.description)\n\($0.excerpt)" }.joined(separator: "\n")
    }
}
