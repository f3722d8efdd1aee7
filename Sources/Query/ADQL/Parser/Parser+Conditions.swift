extension Parser {
    /// What WHERE, HAVING, ON and WHEN take.
    mutating func condition() throws(ADQLError) -> SearchCondition {
        let start = current.start
        let operand = try disjunction(start: start)
        let condition = try asCondition(operand, start: start)
        if continuesOperand { throw afterCondition(condition) }
        return condition
    }

    /// A value or a condition, whichever it turns out to be. `first` has already been read, and starts at `start`.
    mutating func disjunction(first: Operand? = nil, start: Int) throws(ADQLError) -> Operand {
        let first = try conjunction(first: first, start: start)
        guard at(.or) else { return first }
        var terms = [try asCondition(first, start: start)]
        while try take(.or) {
            let termStart = current.start
            terms.append(try asCondition(try conjunction(start: termStart), start: termStart))
        }
        return .condition(.or(terms, span(from: start)))
    }

    private mutating func conjunction(first: Operand? = nil, start: Int) throws(ADQLError) -> Operand {
        let first = try negation(first: first, start: start)
        guard at(.and) else { return first }
        var factors = [try asCondition(first, start: start)]
        while try take(.and) {
            let factorStart = current.start
            factors.append(try asCondition(try negation(start: factorStart), start: factorStart))
        }
        return .condition(.and(factors, span(from: start)))
    }

    private mutating func negation(first: Operand? = nil, start: Int) throws(ADQLError) -> Operand {
        guard first == nil, at(.not) else { return try predicate(first: first, start: start) }
        try enter()
        defer { leave() }
        try advance()
        let operandStart = current.start
        let operand = try asCondition(try negation(start: operandStart), start: operandStart)
        return .condition(.not(operand, span(from: start)))
    }

    /// Makes sure that it is a condition; a value alone is none.
    private mutating func asCondition(_ operand: Operand, start: Int) throws(ADQLError) -> SearchCondition {
        switch operand {
        case .condition(let condition): return condition
        case .query: throw .bareSubquery(at: span(from: start), in: text)
        case .value(let value): throw bare(value, at: span(from: start))
        }
    }

    // MARK: Predicates

    private mutating func predicate(first: Operand?, start: Int) throws(ADQLError) -> Operand {
        var first = first
        if first == nil, at(.exists) {
            try advance()
            let query = try subquery("( after EXISTS")
            return .condition(.exists(query, span(from: start)))
        }
        if first == nil, at(.leftParenthesis) { first = try parenthesized() }
        let left: ValueExpression
        switch first {
        case .condition(let condition):
            if continuesOperand { throw afterCondition(condition) }
            return .condition(condition)
        case .query(let query): left = try value(first: .subquery(query), start: start)
        case .value(let seed): left = try value(first: seed, start: start)
        case nil: left = try value()
        }
        guard let predicate = try predicate(of: left, start: start) else { return .value(left) }
        return .condition(predicate)
    }

    /// What the token after a value makes of it; nil if nothing.
    private mutating func predicate(of left: ValueExpression, start: Int) throws(ADQLError) -> SearchCondition? {
        switch current.kind {
        case .comparison(let comparison): return .comparison(try self.comparison(left, comparison, start: start))
        case .keyword(.is): return .isNull(try nullPredicate(left, start: start))
        case .keyword(.between), .keyword(.in), .keyword(.like), .keyword(.ilike): break
        case .keyword(.not):
            try advance()
            switch current.kind {
            case .keyword(.between), .keyword(.in), .keyword(.like), .keyword(.ilike): break
            default: throw expected("BETWEEN, IN, LIKE or ILIKE after NOT", keywords: [.between, .in, .like, .ilike])
            }
            return try negatablePredicate(left, negated: true, start: start)
        default: return nil
        }
        return try negatablePredicate(left, negated: false, start: start)
    }

    private mutating func comparison(
        _ left: ValueExpression, _ operator: Comparison.Operator, start: Int
    ) throws(ADQLError) -> Comparison {
        try advance()
        if at(.reserved) || at(.keyword(.all)), ["ANY", "SOME", "ALL"].contains(text(of: current).uppercased()) {
            throw .notInADQL(
                "a comparison with \(text(of: current).uppercased())", hint: "use IN, EXISTS, or a subquery with MIN or MAX",
                at: current.span,
                in: text)
        }
        let right = try value()
        if case .comparison(let second) = current.kind { throw .chainedComparison(second.rawValue, at: current.span, in: text) }
        return Comparison(left, `operator`, right, span: span(from: start))
    }

    private mutating func nullPredicate(_ value: ValueExpression, start: Int) throws(ADQLError) -> NullPredicate {
        try advance()
        let negated = try take(.not)
        guard try take(.null) else {
            let word = text(of: current).uppercased()
            if ["TRUE", "FALSE", "UNKNOWN", "DISTINCT"].contains(word) {
                throw .notInADQL("IS \(word)", hint: "IS and IS NOT take NULL alone", at: current.span, in: text)
            }
            if current.startsOperand, misspelling(of: [.null, .not]) == nil {
                throw .unexpectedToken(
                    describe(current), expected: negated ? "NULL" : "NULL or NOT NULL",
                    hint: negated ? "other values are compared with <>" : "other values are compared with =", at: current.span, in: text)
            }
            throw expected(negated ? "NULL" : "NULL or NOT NULL", keywords: [.null, .not])
        }
        return NullPredicate(value, negated: negated, span: span(from: start))
    }

    /// BETWEEN, IN, LIKE, ILIKE, with NOT already read.
    private mutating func negatablePredicate(
        _ value: ValueExpression, negated: Bool, start: Int
    ) throws(ADQLError) -> SearchCondition {
        let keyword = current.kind
        try advance()
        switch keyword {
        case .keyword(.between):
            let lower = try self.value()
            try expect(.and)
            let upper = try self.value()
            return .between(BetweenPredicate(value, negated: negated, lower: lower, upper: upper, span: span(from: start)))
        case .keyword(.in):
            let set = try inSet()
            return .in(InPredicate(value, negated: negated, set, span: span(from: start)))
        default:
            let pattern = try self.value()
            if at(.reserved), at(word: "ESCAPE") {
                throw .notInADQL("ESCAPE", hint: "in a pattern, % and _ always stand for other characters", at: current.span, in: text)
            }
            let predicate = LikePredicate(
                value, negated: negated, caseInsensitive: keyword == .keyword(.ilike), pattern: pattern, span: span(from: start))
            return .like(predicate)
        }
    }

    private mutating func inSet() throws(ADQLError) -> InPredicate.Set {
        if current.startsOperand, !at(.leftParenthesis) {
            throw .unexpectedToken(
                describe(current), expected: "( after IN", hint: "the values stand in parentheses: IN (1, 2)", at: current.span, in: text)
        }
        guard at(.leftParenthesis) else { throw expected("( after IN") }
        try enter()
        defer { leave() }
        let start = current.start
        try open()
        if at(.rightParenthesis) { throw expected("a value") }
        let elementStart = current.start
        switch try parenthesisContent() {
        case .query(var query):
            try closeQuery()
            query.span = span(from: start)
            return .subquery(query)
        case .condition: throw .conditionAsValue(at: span(from: elementStart), in: text)
        case .value(let first):
            var values = [first]
            while try take(.comma) { values.append(try value()) }
            try close("a comma or )", list: true)
            return .list(values)
        }
    }

    // MARK: Parentheses

    /// `( … )`, whatever is inside.
    mutating func parenthesized() throws(ADQLError) -> Operand {
        try enter()
        defer { leave() }
        let start = current.start
        try open()
        let content = try parenthesisContent()
        guard case .query(var query) = content else {
            try close()
            return content
        }
        try closeQuery()
        query.span = span(from: start)
        return .query(query)
    }

    /// What stands between the parentheses: a query, a value or a condition.
    private mutating func parenthesisContent() throws(ADQLError) -> Operand {
        if at(.select) || at(.with) { return .query(try query()) }
        let start = current.start
        guard at(.leftParenthesis) else { return try disjunction(start: start) }
        let inner = try parenthesized()
        guard case .query(let query) = inner, continuesQuery else { return try disjunction(first: inner, start: start) }
        return .query(try self.query(first: .parenthesized(query), start: start))
    }
}
