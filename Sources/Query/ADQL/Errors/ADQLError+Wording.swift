/// All that the parser can say, on one page.
///
/// `text` is the whole query, for the place and the excerpt; `found` and the like are pieces of it.
extension ADQLError {
    // MARK: The text as a whole

    static func emptyQuery(in text: String) -> ADQLError {
        ADQLError(
            .emptyQuery, "the query is empty", hint: "write one such as SELECT TOP 10 * FROM schema.table", at: TextSpan(0, 0), in: text)
    }

    static func textTooLong(_ length: Int, limit: Int) -> ADQLError {
        ADQLError(
            .textTooLong, "the query has \(length) bytes, more than the \(limit) that are allowed",
            hint: "upload a table and join it instead of listing its values", at: .none, in: "")
    }

    static func nestedTooDeeply(_ limit: Int, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .nestedTooDeeply, "the query is nested more than \(limit) levels deep", hint: "leave out parentheses that are not needed",
            at: span, in: text)
    }

    static func tooManySubqueries(_ limit: Int, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .nestedTooDeeply, "more than \(limit) subqueries are nested inside each other", hint: "name them in WITH, one after the other",
            at: span, in: text)
    }

    static func tooManyNames(_ limit: Int, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .tooManyNames, "the query has more than \(limit) names", hint: "upload a table and join it instead of repeating conditions",
            at: span, in: text)
    }

    static func textAfterEnd(_ found: String, isQuery: Bool, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .textAfterEnd, "the query is complete before \(found)",
            hint: isQuery ? "send one query at a time" : "remove it, or add the comma, operator or keyword that is missing before it",
            at: span, in: text)
    }

    static func notAQuery(_ word: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .notAQuery, "\(word.uppercased()) is no query", hint: "ADQL only reads tables: start with SELECT or WITH", at: span, in: text)
    }

    // MARK: Characters

    static func unterminatedString(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .unterminatedString, "the string that starts here has no closing quote",
            hint: "end it with ' and double a quote inside: 'O''Neill'", at: span, in: text)
    }

    static func unterminatedName(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .unterminatedName, "the name that starts here has no closing double quote",
            hint: "end it with \" and double a quote inside", at: span, in: text)
    }

    static func emptyName(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.emptyName, "a name can't be empty", hint: "the empty string is written ''", at: span, in: text)
    }

    static func invalidName(_ name: String, at span: TextSpan, in text: String) -> ADQLError {
        let message: String
        if name.lowercased().hasPrefix("0x") {
            return ADQLError(
                .invalidName, "\(name) is neither a number nor a name", hint: "ADQL has no hexadecimal numbers; write it in decimal",
                at: span, in: text)
        }
        message = name.hasPrefix("_") ? "\(name) starts with an underscore" : "\(name) starts with a digit"
        return ADQLError(.invalidName, message, hint: "as a name it needs double quotes: \"\(name)\"", at: span, in: text)
    }

    static func blockComment(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .blockComment, "ADQL has no /* … */ comments", hint: "start a comment with -- on each of its lines", at: span, in: text)
    }

    static func foreignOperator(_ symbol: String, at span: TextSpan, in text: String) -> ADQLError {
        let hint =
            switch symbol {
            case "==": "compare with a single ="
            case "=<": "write <="
            case "=>": "write >="
            case "!<": "write >="
            case "!>": "write <="
            case "^", "**": "the power is POWER(a, b)"
            case "::": "convert with CAST(value AS type)"
            case "&&": "write AND"
            case "!": "write NOT, or <> between two values"
            case "~": "patterns are written with LIKE or ILIKE, and there are no operators on bits"
            default: "it has no operators on bits"
            }
        return ADQLError(.foreignOperator, "ADQL has no operator \(symbol)", hint: hint, at: span, in: text)
    }

    static func unexpectedCharacter(_ character: String, at span: TextSpan, in text: String) -> ADQLError {
        let hint: String? =
            switch character {
            case "[", "]": "a name with odd characters stands in double quotes; ADQL has no arrays"
            case "`": "a name with odd characters stands in double quotes"
            case "#": "a comment starts with --"
            case ":": nil
            case let other where other.unicodeScalars.allSatisfy { $0.properties.isAlphabetic && !$0.isASCII }:
                "a name with letters other than a to z needs double quotes"
            default: nil
            }
        let shown = character.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ? character : code(of: character)
        return ADQLError(.unexpectedCharacter, "the character \(shown) has no meaning in ADQL", hint: hint, at: span, in: text)
    }

    private static func code(of character: String) -> String {
        let digits = String(character.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A character that a word processor or a PDF put in place of an ASCII one; nil when it is not one of those.
    static func typographicCharacter(_ character: String, at span: TextSpan, in text: String) -> ADQLError? {
        let plain: String
        switch character {
        case "‘", "’", "‚", "‛", "′", "´": plain = "'"
        case "“", "”", "„", "‟", "″", "«", "»": plain = "\""
        case "−", "–", "—", "‐", "‑": plain = "-"
        case "≤": plain = "<="
        case "≥": plain = ">="
        case "≠": plain = "<>"
        case "×", "·", "∗", "⋅": plain = "*"
        case "÷", "∕": plain = "/"
        case "，": plain = ","
        case "（": plain = "("
        case "）": plain = ")"
        case "…": plain = "..."
        default: return nil
        }
        return ADQLError(
            .typographicCharacter, "\(character) is a typographic character", hint: "type \(plain) in its place", at: span, in: text)
    }

    // MARK: Tokens out of place

    static func unexpectedToken(_ found: String, expected: String, hint: String? = nil, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.unexpectedToken, "expected \(expected), found \(found)", hint: hint, at: span, in: text)
    }

    static func reservedWord(_ word: String, callable: Bool, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .reservedWord, "\"\(word)\" is a reserved word",
            hint: "as a name it needs double quotes: \"\(word)\"" + (callable ? "; as a function, parentheses: \(word)(…)" : ""),
            at: span, in: text)
    }

    static func singleQuotedName(_ literal: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .singleQuotedName, "\(literal) is a string where a name is needed", hint: "names stand in double quotes", at: span, in: text)
    }

    static func misspeltKeyword(_ word: String, nearest: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.misspeltKeyword, "unknown keyword \"\(word)\"", hint: "nearest: \(nearest)", at: span, in: text)
    }

    static func missingBlank(_ word: String, after keyword: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .misspeltKeyword, "unknown keyword \"\(word)\"", hint: "a blank is missing after \(keyword)", at: span, in: text)
    }

    static func missingComma(before found: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.missingComma, "a comma or an operator is missing before \(found)", at: span, in: text)
    }

    static func unclosedParenthesis(found: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.unbalancedParenthesis, "the parenthesis opened here is not closed before \(found)", hint: "add )", at: span, in: text)
    }

    static func strayParenthesis(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.unbalancedParenthesis, "this ) closes nothing", hint: "remove it, or add the ( that it closes", at: span, in: text)
    }

    /// A string ended where its writer did not mean it to.
    static func unescapedQuote(before found: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .unescapedQuote, "the string ends before \(found)", hint: "a quote inside a string is doubled: 'O''Neill'", at: span, in: text)
    }

    static func notInADQL(_ what: String, hint: String?, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.notInADQL, "\(what) is not in ADQL", hint: hint, at: span, in: text)
    }

    static func misplacedClause(_ clause: String, rule: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.misplacedClause, "\(clause) can't stand here", hint: rule, at: span, in: text)
    }

    // MARK: Clauses

    static func missingFrom(found: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .missingFrom, "FROM is missing before \(found)", hint: "every SELECT names its tables: FROM schema.table", at: span, in: text)
    }

    static func missingAlias(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.missingAlias, "the subquery in FROM has no name", hint: "add one after it: (SELECT …) AS q", at: span, in: text)
    }

    static func missingJoinCondition(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .missingJoinCondition, "this JOIN has no condition",
            hint: "add ON a.id = b.id or USING (id); for all pairs of rows write a comma or CROSS JOIN", at: span, in: text)
    }

    static func surplusJoinCondition(_ kind: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.surplusJoinCondition, "a \(kind) JOIN takes no condition", hint: "remove \(kind) or the condition", at: span, in: text)
    }

    static func invalidCount(_ clause: String, found: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .invalidCount, "\(clause) needs a whole number of rows, not \(found)", hint: "for example \(clause) 100", at: span, in: text)
    }

    static func topAndLimit(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.topAndLimit, "both TOP and LIMIT are given", hint: "keep TOP", at: span, in: text)
    }

    static func tooManyParts(_ name: String, limit: Int, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .tooManyParts, "\(name) has more than \(limit) parts",
            hint: limit == 3 ? "a table is catalog.schema.table at most" : "a column is catalog.schema.table.column at most",
            at: span, in: text)
    }

    // MARK: Values and conditions

    /// `call` is a function call that stands alone where a condition is needed.
    static func barePredicate(_ call: String, function: String, at span: TextSpan, in text: String) -> ADQLError {
        let hint =
            switch function.uppercased() {
            case "CONTAINS", "INTERSECTS": "it returns a number; compare it: 1 = \(call)"
            default: "it returns a value; compare it: \(call) = …"
            }
        return ADQLError(.barePredicate, "\(function)(…) alone is no condition", hint: hint, at: span, in: text)
    }

    static func missingComparison(
        _ value: String, found: String, example: String, at span: TextSpan, in text: String
    ) -> ADQLError {
        ADQLError(
            .missingComparison, "\(value) alone is no condition before \(found)", hint: "compare it, for example \(example)", at: span,
            in: text)
    }

    static func bareSubquery(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(.missingComparison, "a subquery alone is no condition", hint: "compare it, or write EXISTS before it", at: span, in: text)
    }

    static func concatenatedCondition(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .missingComparison, "|| joins two strings and is no condition", hint: "write OR between two conditions", at: span, in: text)
    }

    static func chainedComparison(_ operator: String, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .chainedComparison, "a second comparison with \(`operator`) can't follow the first", hint: "join two with AND: a < b AND b < c",
            at: span, in: text)
    }

    static func conditionAsValue(at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .conditionAsValue, "a condition stands where a value is needed", hint: "write CASE WHEN … THEN 1 ELSE 0 END", at: span, in: text
        )
    }

    static func unknownType(_ type: String, nearest: String?, at span: TextSpan, in text: String) -> ADQLError {
        ADQLError(
            .unknownType, "\(type) is no type to cast to",
            hint: nearest.map { "nearest: \($0)" }
                ?? "types are " + CastTarget.TypeName.allCases.map(\.rawValue).joined(separator: ", "),
            at: span, in: text)
    }
}
