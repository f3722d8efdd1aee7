/// Recursive descent over the tokens of one query; each clause has a file of its own.
///
/// It looks one token ahead and never goes back, which keeps it linear. Where the grammar leaves open what a parenthesis holds
/// (a value, a condition or a query), it reads the content first and then sees what came of it: ``Operand``.
struct Parser {
    let text: String
    let version: ADQLVersion
    let limits: ParserLimits
    private var lexer: Lexer
    private var lookahead: Token?
    private(set) var current: Token
    /// Where the token before the current one ends.
    private(set) var previousEnd = 0
    private(set) var previousKind = Token.Kind.endOfText
    /// An alias without AS, while it is the token before the current one: what a misspelt keyword looks like.
    private(set) var implicitAlias: Token?
    /// The parentheses that are open here.
    private(set) var opened: [Token] = []
    var depths = Depths()
    /// How many `%` followed another in one row.
    private var remainders = 0
    private var names = 0
    /// What was wrong before here, in parts of the query that were then given up.
    private(set) var errors: [ADQLError] = []

    /// How deep the reading is here.
    struct Depths {
        fileprivate var levels = 0
        /// How many queries are being read inside each other.
        fileprivate var queries = 0
        /// Levels of queries in the one that was read last, and in the deepest one inside the query being read.
        fileprivate var lastHeight = 0
        fileprivate var innerHeight = 0
    }

    init(_ text: String, version: ADQLVersion, limits: ParserLimits) {
        self.text = text
        self.version = version
        self.limits = limits
        lexer = Lexer(Array(text.utf8))
        current = Token(kind: .endOfText, start: 0, end: 0)
    }

    // MARK: Tokens

    /// Goes on to the next token. What is no token is an error now, when all before it has been read.
    mutating func advance() throws(ADQLError) {
        skip()
        if case .invalid(let fault) = current.kind { throw error(for: fault, at: current) }
    }

    /// Goes on to the next token, whatever it is.
    mutating func skip() {
        previousEnd = current.end
        previousKind = current.kind
        implicitAlias = nil
        if let lookahead {
            current = lookahead
            self.lookahead = nil
        } else {
            if current.kind == .invalid(.blockComment) { lexer.skipBlockComment() }
            current = lexer.next()
        }
    }

    /// Takes the current word, which was none, for that keyword.
    mutating func read(as keyword: Keyword) { current.kind = .keyword(keyword) }

    /// The token after the current one.
    mutating func peek() -> Token {
        if let lookahead { return lookahead }
        let token = lexer.next()
        lookahead = token
        return token
    }

    func text(of token: Token) -> String { lexer.text(of: token) }

    func at(_ kind: Token.Kind) -> Bool { current.kind == kind }
    func at(_ keyword: Keyword) -> Bool { current.kind == .keyword(keyword) }

    /// Whether the current token is that word, letter case ignored; for words that are not reserved.
    func at(word: String) -> Bool {
        current.end - current.start == word.utf8.count && text(of: current).uppercased() == word
    }

    /// Goes on if the current token is of that kind.
    mutating func take(_ kind: Token.Kind) throws(ADQLError) -> Bool {
        guard at(kind) else { return false }
        try advance()
        return true
    }

    mutating func take(_ keyword: Keyword) throws(ADQLError) -> Bool {
        try take(.keyword(keyword))
    }

    mutating func expect(_ keyword: Keyword) throws(ADQLError) {
        guard try take(keyword) else { throw expected(keyword.text, keywords: [keyword]) }
    }

    /// From `start` to the end of what has been read.
    func span(from start: Int) -> TextSpan { TextSpan(start, previousEnd) }

    // MARK: Nesting

    /// Must be followed by `defer { leave() }`.
    mutating func enter() throws(ADQLError) {
        depths.levels += 1
        if depths.levels > limits.depth { throw .nestedTooDeeply(limits.depth, at: current.span, in: text) }
    }

    mutating func leave() { depths.levels -= 1 }

    /// Each `%` of a row stands inside the next, so that a row is as deep as it is long.
    mutating func countRemainder() throws(ADQLError) {
        remainders += 1
        if remainders > limits.depth { throw .nestedTooDeeply(limits.depth, at: current.span, in: text) }
    }

    /// Reads a query by `content` and counts its levels. One that grows around the query read last, its first operand, has that one's
    /// levels too, though it was read before.
    mutating func countingQueries(
        around first: Bool, _ content: (inout Parser) throws(ADQLError) -> Query
    ) throws(ADQLError) -> Query {
        let outerHeight = depths.innerHeight
        depths.innerHeight = first ? depths.lastHeight : 0
        depths.queries += 1
        try limitQueries(depths.queries)
        let query = try content(&self)
        depths.lastHeight = depths.innerHeight + 1
        depths.innerHeight = max(outerHeight, depths.lastHeight)
        depths.queries -= 1
        try limitQueries(depths.queries + depths.lastHeight)
        return query
    }

    private func limitQueries(_ levels: Int) throws(ADQLError) {
        if levels > limits.subqueries + 1 { throw .tooManySubqueries(limits.subqueries, at: current.span, in: text) }
    }

    mutating func open(_ expectation: String = "(") throws(ADQLError) {
        guard at(.leftParenthesis) else { throw expected(expectation) }
        opened.append(current)
        try advance()
    }

    mutating func close(_ expectation: String = ")", list: Bool = false) throws(ADQLError) {
        guard at(.rightParenthesis) else { throw expected(expectation, list: list) }
        opened.removeLast()
        try advance()
    }

    mutating func push(_ parenthesis: Token) { opened.append(parenthesis) }
    mutating func closeAll(but count: Int) { opened.removeLast(max(0, opened.count - count)) }

    // MARK: Errors

    /// Keeps an error after which reading goes on; of several at one place the first. Whether it is new.
    @discardableResult
    mutating func record(_ error: ADQLError) -> Bool {
        if errors.contains(where: { $0.span.start == error.span.start }) { return false }
        errors.append(error)
        return true
    }

    // MARK: Names

    /// A name that has to be here; `role` says what of.
    mutating func name(_ role: String) throws(ADQLError) -> Name {
        guard atName || isFreeWord else { throw expected(role, name: true) }
        return try takeName()
    }

    var atName: Bool { at(.identifier) || at(.delimited) }

    /// Whether the current word was reserved by ADQL 2.1 and the query is in 2.0, where it may name something.
    var isFreeWord: Bool {
        guard version == .adql20 else { return false }
        return switch current.kind {
        case .keyword(.offset), .keyword(.ilike): true
        case .reserved: at(word: "BIGINT")
        case .function: at(word: "IN_UNIT")
        default: false
        }
    }

    mutating func takeName() throws(ADQLError) -> Name {
        names += 1
        if names > limits.names { throw .tooManyNames(limits.names, at: current.span, in: text) }
        let token = current
        try advance()
        guard token.kind == .delimited else { return Name(text(of: token), span: token.span) }
        return Name(unquoted(token), delimited: true, span: token.span)
    }

    /// The text between the quotes, with doubled ones made single.
    func unquoted(_ token: Token) -> String {
        let quote = lexer.bytes[token.start]
        let inner = lexer.bytes[(token.start + 1)..<(token.end - 1)]
        guard inner.contains(quote) else { return String(decoding: inner, as: UTF8.self) }
        var bytes: [UInt8] = []
        var index = inner.startIndex
        while index < inner.endIndex {
            bytes.append(inner[index])
            index += inner[index] == quote ? 2 : 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `AS name`, or `name` alone, or nothing.
    mutating func alias() throws(ADQLError) -> Name? {
        if try take(.as) { return try name("a name after AS") }
        guard atName, !atLimit() else { return nil }
        let token = current
        let name = try takeName()
        implicitAlias = token
        return name
    }

    /// Whether `LIMIT 10` begins here. LIMIT is not reserved, so only the number after it tells.
    mutating func atLimit() -> Bool {
        guard at(.identifier), at(word: "LIMIT") else { return false }
        return switch peek().kind {
        case .integer, .decimal, .minus, .keyword(.all): true
        default: false
        }
    }

    /// `schema.table`; the part after the last period may be missing when `*` stands there: `t.*`.
    mutating func qualifiedName(_ role: String, limit: Int, orAll: Bool = false) throws(ADQLError) -> QualifiedName {
        var parts = [try name(role)]
        while at(.period), !(orAll && peek().kind == .asterisk) {
            try advance()
            parts.append(try name("a name after the period"))
            if parts.count > limit {
                throw .tooManyParts(parts.map(\.text).joined(separator: "."), limit: limit, at: span(from: parts[0].span.start), in: text)
            }
        }
        return QualifiedName(parts)
    }

    // MARK: Lists

    /// Elements with commas between them, at least one.
    mutating func list<Element>(
        _ element: (inout Parser) throws(ADQLError) -> Element
    ) throws(ADQLError) -> [Element] {
        var elements = [try element(&self)]
        while try take(.comma) { elements.append(try element(&self)) }
        return elements
    }

    /// A whole number of rows, after TOP, OFFSET and LIMIT.
    mutating func count(of clause: String) throws(ADQLError) -> Int {
        let token = current
        guard token.kind == .integer, let count = Int(text(of: token)) else {
            if at(.endOfText) { throw .invalidCount(clause, found: describe(token), at: token.span, in: text) }
            var end = token.end
            if at(.minus) || at(.plus), peek().kind == .integer { end = peek().end }
            let found = lexer.text(of: Token(kind: .integer, start: token.start, end: end))
            throw .invalidCount(clause, found: found, at: TextSpan(token.start, end), in: text)
        }
        try advance()
        return count
    }
}
