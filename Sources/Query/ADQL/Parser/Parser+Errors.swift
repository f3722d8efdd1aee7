/// From the place where the parser stopped to the error that helps most.
extension Parser {
    /// The one way to say that something else should stand here; looks for the usual reasons first.
    ///
    /// - Parameters:
    ///   - keywords: what else would be right here, for spelling errors.
    ///   - name: a name should stand here.
    ///   - list: an element of a list is complete, so that a comma may be missing.
    mutating func expected(_ what: String, keywords: [Keyword] = [], name: Bool = false, list: Bool = false) -> ADQLError {
        if let error = misspelling(of: keywords) ?? foreign() { return error }
        if let parenthesis = opened.last, atEnd || what.hasSuffix(")") && atClause {
            return .unclosedParenthesis(found: describe(current), at: parenthesis.span, in: text)
        }
        if at(.rightParenthesis), opened.isEmpty { return .strayParenthesis(at: current.span, in: text) }
        if name, at(.string) { return .singleQuotedName(describe(current), at: current.span, in: text) }
        if name ? nameIsReserved : wordIsReserved && peek().kind != .leftParenthesis { return reservedWord() }
        if let error = unescapedQuote() ?? prefixedString() { return error }
        if list, current.startsOperand { return .missingComma(before: describe(current), at: current.span, in: text) }
        var hint: String?
        if let parenthesis = opened.last, what.hasSuffix(")") {
            hint = "it closes the parenthesis of \(parenthesis.span.position(in: text))"
        }
        return .unexpectedToken(describe(current), expected: what, hint: hint, at: current.span, in: text)
    }

    private var atEnd: Bool { at(.endOfText) || at(.semicolon) }

    /// At a clause that can't stand in parentheses, unless they are closed first.
    private var atClause: Bool { at(.from) || at(.where) || at(.group) || at(.having) || at(.order) }

    mutating func expectedValue() -> ADQLError {
        let word = text(of: current).uppercased()
        switch current.kind {
        case .asterisk:
            return .unexpectedToken(
                "*", expected: "a value", hint: "* stands alone after SELECT, or in COUNT(*)", at: current.span, in: text)
        case .keyword(.distinct): return misplaced(word, "it stands once, after SELECT or in COUNT(DISTINCT x)")
        case .keyword(.top): return peek().kind == .integer ? misplaced(word, "it stands after SELECT: SELECT TOP 10 …") : reservedWord()
        case .reserved:
            switch word {
            case "TRUE", "FALSE":
                return .notInADQL("the value \(word)", hint: "compare with 1 or 0", at: current.span, in: text)
            case "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP":
                return .notInADQL(word, hint: "write the time: CAST('2026-01-01T00:00:00' AS TIMESTAMP)", at: current.span, in: text)
            case "DATE", "TIME", "TIMESTAMP", "INTERVAL":
                guard peek().kind == .string else { break }
                return .notInADQL(
                    "\(word) before a string", hint: "write CAST('2026-01-01T00:00:00' AS TIMESTAMP)", at: current.span, in: text)
            default: break
            }
            return expected("a value")
        case .keyword(let keyword) where !keyword.continuesQuery: return reservedWord()
        default: break
        }
        if previousKind == .comma, case .keyword(let keyword) = current.kind {
            return .unexpectedToken(
                keyword.text, expected: "a value", hint: "remove the comma before \(keyword.text)", at: current.span, in: text)
        }
        return expected("a value")
    }

    /// Where a query has to begin.
    mutating func expectedSelect() -> ADQLError {
        let word = text(of: current)
        switch current.kind {
        case .identifier, .reserved, .function:
            if Self.statements.contains(word.uppercased()) { return .notAQuery(word, at: current.span, in: text) }
            if word.uppercased().hasPrefix("SELECT") { return .missingBlank(word, after: "SELECT", at: current.span, in: text) }
        default: break
        }
        return expected("SELECT", keywords: [.select, .with])
    }

    /// What begins the statements of SQL that are no queries.
    private static let statements: Set<String> = [
        "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "COPY", "CREATE", "DELETE", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN", "GRANT",
        "INSERT",
        "MERGE", "REVOKE", "ROLLBACK", "SET", "SHOW", "TRUNCATE", "UPDATE", "USE",
    ]

    /// Something stands after what could be the end of a query.
    mutating func surplus() -> ADQLError {
        let continuations: [Keyword] = [
            .from, .where, .group, .having, .order, .union, .except, .intersect, .offset, .and, .or, .join, .inner, .left, .right, .full,
            .natural, .cross, .on, .using, .between, .like, .ilike, .is, .in, .not, .asc, .desc,
        ]
        if let error = misspelling(of: continuations) ?? foreign() { return error }
        if let error = unescapedQuote() ?? prefixedString() { return error }
        if case .keyword(let keyword) = current.kind, let rule = rule(for: keyword) { return misplaced(clause(keyword), rule) }
        if opened.isEmpty, !at(.rightParenthesis), !wordIsReserved {
            return .textAfterEnd(describe(current), isQuery: at(.select), at: current.span, in: text)
        }
        return expected(opened.isEmpty ? "the end of the query" : ")")
    }

    /// Where a clause belongs, when it is not here.
    private func rule(for keyword: Keyword) -> String? {
        switch keyword {
        case .from: "it stands once, after what is selected"
        case .where: "it stands once, after FROM and before GROUP BY and ORDER BY"
        case .group: "it stands once, after WHERE and before HAVING and ORDER BY"
        case .having: "it stands once, after GROUP BY and before ORDER BY"
        case .order: "it stands once, before OFFSET and LIMIT"
        case .offset: "it stands once, at the end of the query"
        case .top: "it stands after SELECT: SELECT TOP 10 …"
        case .distinct: "it stands after SELECT: SELECT DISTINCT …"
        case .union, .except, .intersect: "put a query with ORDER BY, OFFSET or LIMIT in parentheses before it is combined"
        case .on, .using: "it belongs to a JOIN; tables after commas are joined in WHERE"
        case .with: "it stands once, at the start of the whole query"
        case .outer: "it follows LEFT, RIGHT or FULL"
        default: nil
        }
    }

    private func clause(_ keyword: Keyword) -> String {
        keyword == .group || keyword == .order ? "\(keyword.text) BY" : keyword.text
    }

    func misplaced(_ clause: String, _ rule: String) -> ADQLError {
        .misplacedClause(clause, rule: rule, at: current.span, in: text)
    }

    // MARK: Usual reasons

    /// A keyword in other letters: the current word, or an alias before it that was none.
    func misspelling(of keywords: [Keyword]) -> ADQLError? {
        for token in [implicitAlias, current] {
            guard let token, token.kind == .identifier else { continue }
            let word = text(of: token)
            guard let nearest = Spelling.nearest(to: word, among: keywords.map(\.text)) else { continue }
            return .misspeltKeyword(word, nearest: nearest, at: token.span, in: text)
        }
        return nil
    }

    /// Constructs of other languages that can be told by one word.
    private func foreign() -> ADQLError? {
        if let alias = implicitAlias, at(.leftParenthesis), text(of: alias).uppercased() == "OVER" {
            return .notInADQL("a window function", hint: nil, at: alias.span, in: text)
        }
        guard at(.reserved) else { return nil }
        return switch text(of: current).uppercased() {
        case "FETCH": .notInADQL("FETCH", hint: "write SELECT TOP 10 …", at: current.span, in: text)
        case "FIRST" where previousKind == .keyword(.select):
            .notInADQL("SELECT FIRST", hint: "write SELECT TOP 10 …", at: current.span, in: text)
        case "FOR": .notInADQL("FOR", hint: "ADQL only reads tables and locks nothing", at: current.span, in: text)
        case "INTO": .notInADQL("SELECT INTO", hint: "ADQL only reads tables", at: current.span, in: text)
        default: nil
        }
    }

    /// `E'a\n'`, `N'a'`, `X'FF'`: the letter was read as a name.
    private func prefixedString() -> ADQLError? {
        guard at(.string), previousKind == .identifier, current.start == previousEnd else { return nil }
        return .notInADQL("a letter before a string", hint: "strings begin with a quote and have no escapes", at: current.span, in: text)
    }

    /// `'O'Neill'`
    private func unescapedQuote() -> ADQLError? {
        guard previousKind == .string, current.start == previousEnd else { return nil }
        switch current.kind {
        case .identifier, .function, .reserved, .integer, .decimal:
            return .unescapedQuote(before: describe(current), at: current.span, in: text)
        default: return nil
        }
    }

    /// A word that can't be a name, where nothing but a name could be meant.
    var nameIsReserved: Bool {
        if case .keyword(let keyword) = current.kind { return !keyword.continuesQuery }
        return wordIsReserved
    }

    /// A word that has no place in the grammar, or not without parentheses.
    private var wordIsReserved: Bool {
        at(.reserved) || at(.function)
    }

    func reservedWord() -> ADQLError {
        var callable = at(.function)
        if case .keyword(let keyword) = current.kind, keyword.aggregate != nil { callable = true }
        return .reservedWord(text(of: current), callable: callable, at: current.span, in: text)
    }

    // MARK: Conditions

    /// A value stands where a condition should, and what follows does not make it one.
    mutating func bare(_ value: ValueExpression, at span: TextSpan) -> ADQLError {
        if let error = misspelling(of: [.between, .like, .ilike, .in, .is, .not]) { return error }
        if at(.rightParenthesis), opened.isEmpty { return .strayParenthesis(at: current.span, in: text) }
        if at(.identifier) || at(.reserved), Self.patternWords.contains(text(of: current).uppercased()) {
            return .notInADQL(
                text(of: current).uppercased(), hint: "patterns are written with LIKE or ILIKE: name LIKE 'M%'", at: current.span, in: text)
        }
        let written = value.adql
        let shown = written.utf8.count > 60 ? "the value" : written
        switch value {
        case .function(let call):
            return .barePredicate(written.utf8.count > 60 ? "\(call.name.text)(…)" : written, function: call.name.text, at: span, in: text)
        case .concatenation: return .concatenatedCondition(at: span, in: text)
        case .subquery: return .bareSubquery(at: span, in: text)
        case .numeric, .string, .null: return .missingComparison(shown, found: describe(current), example: "ra > 1", at: span, in: text)
        default: return .missingComparison(shown, found: describe(current), example: "\(shown) = 1", at: span, in: text)
        }
    }

    /// How other languages match text.
    private static let patternWords: Set<String> = ["REGEXP", "RLIKE", "GLOB", "SIMILAR", "MATCH", "MATCHES"]

    /// Whether an operator follows that takes a value on its left.
    var continuesOperand: Bool {
        switch current.kind {
        case .plus, .minus, .asterisk, .slash, .percent, .concatenation, .comparison: true
        case .keyword(.between), .keyword(.in), .keyword(.like), .keyword(.ilike), .keyword(.is): true
        default: false
        }
    }

    func afterCondition(_ condition: SearchCondition) -> ADQLError {
        .conditionAsValue(at: condition.span, in: text)
    }

    // MARK: Tokens

    /// How a message names a token.
    func describe(_ token: Token) -> String {
        switch token.kind {
        case .endOfText: return "the end of the query"
        case .keyword(let keyword): return keyword.text
        default:
            let text = text(of: token)
            return text.count > 40 ? text.prefix(39) + "…" : text
        }
    }

    func error(for fault: Token.Fault, at token: Token) -> ADQLError {
        let piece = text(of: token)
        let opening = TextSpan(token.start, token.start + 1)
        return switch fault {
        case .unterminatedString: .unterminatedString(at: opening, in: text)
        case .unterminatedName: .unterminatedName(at: opening, in: text)
        case .emptyName: .emptyName(at: token.span, in: text)
        case .blockComment: .blockComment(at: token.span, in: text)
        case .foreignOperator: .foreignOperator(piece, at: token.span, in: text)
        case .nameStart: .invalidName(piece, at: token.span, in: text)
        case .character:
            .typographicCharacter(piece, at: token.span, in: text) ?? .unexpectedCharacter(piece, at: token.span, in: text)
        }
    }
}
