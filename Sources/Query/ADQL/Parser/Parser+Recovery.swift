/// After a first error, the further ones that do not follow from it.
///
/// A clause begins with a keyword of its own, so what is wrong in the next one is wrong whatever the one before was meant to be.
/// Reading goes on there, at the same level of parentheses. Where an error leaves open what is text and what is string, or which
/// parenthesis is which, nothing after it can be told and reading ends.
extension Parser {
    /// What has to be put back when the content of a selection is left in the middle.
    struct Place {
        fileprivate let opened: Int
        fileprivate let depths: Depths
    }

    /// So many errors say enough.
    private static let errorLimit = 10

    var place: Place { Place(opened: opened.count, depths: depths) }

    /// Records the error, then reads the clauses that follow in the query that began at `place`, for their errors alone.
    ///
    /// - Throws: an error after which nothing can be told.
    mutating func recover(from first: ADQLError, in place: Place) throws(ADQLError) {
        var error = first
        while true {
            guard error.code.leavesRestReadable, errors.count < Self.errorLimit else { throw error }
            let isNew = record(error)
            depths = place.depths
            // What has been told before would be found here again and again.
            if !isNew { skip() }
            do throws(ADQLError) {
                if isNew, let keyword = misspeltClause(error) {
                    if current.start == error.span.start { try advance() }
                    try clause(keyword)
                }
                while let keyword = try skipToClause(outside: place.opened) {
                    try advance()
                    try clause(keyword)
                }
                return
            } catch let next {
                error = next
            }
        }
    }

    /// The keyword that a misspelt word was meant to be, where a clause begins with it.
    private func misspeltClause(_ error: ADQLError) -> Keyword? {
        guard error.code == .misspeltKeyword else { return nil }
        let word = text(of: Token(kind: .identifier, start: error.span.start, end: error.span.end))
        let keyword = Spelling.nearest(to: word, among: Keyword.allCases.map(\.text)).flatMap { Keyword(rawValue: $0.lowercased()) }
        return keyword.flatMap { $0.startsClause ? $0 : nil }
    }

    private mutating func clause(_ keyword: Keyword) throws(ADQLError) {
        try clauseContent(keyword)
        if let error = misspelling(of: Keyword.allCases.filter(\.startsClause)) { throw error }
    }

    /// Reads what follows the keyword of a clause.
    private mutating func clauseContent(_ keyword: Keyword) throws(ADQLError) {
        switch keyword {
        case .from: _ = try fromList()
        case .where, .having: _ = try condition()
        case .group:
            try expect(.by)
            _ = try list { parser throws(ADQLError) in try parser.value() }
        case .order:
            try expect(.by)
            _ = try list { parser throws(ADQLError) in try parser.sortItem() }
        case .offset: _ = try count(of: "OFFSET")
        case .union, .except, .intersect:
            _ = try take(.all)
            _ = try setPrimary()
        default: break
        }
    }

    /// Goes past all tokens before the next clause at the level of `outer` open parentheses; nil at the end of the query there.
    ///
    /// What is no token on the way is an error of its own.
    private mutating func skipToClause(outside outer: Int) throws(ADQLError) -> Keyword? {
        while true {
            switch current.kind {
            case .endOfText, .semicolon:
                closeAll(but: outer)
                return nil
            case .leftParenthesis: push(current)
            case .rightParenthesis:
                if opened.count <= outer { return nil }
                closeAll(but: opened.count - 1)
            case .keyword(let keyword) where keyword.startsClause && opened.count <= outer:
                // IS DISTINCT FROM is no clause.
                if keyword != .from || previousKind != .keyword(.distinct) { return keyword }
            case .invalid(let fault):
                let error = error(for: fault, at: current)
                guard error.code.leavesRestReadable, errors.count < Self.errorLimit else { throw error }
                record(error)
            default: break
            }
            skip()
        }
    }
}

extension Keyword {
    /// Whether a part of a query begins with it that can be read by itself.
    fileprivate var startsClause: Bool {
        switch self {
        case .from, .where, .group, .having, .order, .offset, .union, .except, .intersect: true
        default: false
        }
    }
}

extension ADQLError.Code {
    /// Whether the text after such an error still means what it says.
    fileprivate var leavesRestReadable: Bool {
        switch self {
        case .emptyQuery, .textTooLong, .nestedTooDeeply, .tooManyNames, .unterminatedString, .unterminatedName, .emptyName,
            .unexpectedCharacter, .typographicCharacter, .unescapedQuote, .unbalancedParenthesis, .textAfterEnd, .notAQuery:
            false
        default: true
        }
    }
}
