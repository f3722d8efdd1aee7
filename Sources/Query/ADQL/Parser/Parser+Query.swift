extension Parser {
    /// The text from start to end.
    mutating func wholeQuery() throws(ADQLError) -> Query {
        try advance()
        if at(.semicolon), peek().kind == .endOfText { try advance() }
        if at(.endOfText) { throw .emptyQuery(in: text) }
        let query = try query(with: true)
        // What stands after a part that was given up may belong to it.
        if !errors.isEmpty { return query }
        if try take(.semicolon), !at(.endOfText) { throw .textAfterEnd(describe(current), isQuery: true, at: current.span, in: text) }
        if !at(.endOfText) { throw surplus() }
        return query
    }

    /// `[WITH …] SELECT … [ORDER BY …] [OFFSET n] [LIMIT n]`.
    ///
    /// `first` is an operand in parentheses that has already been read, `start` its place.
    mutating func query(with allowed: Bool = false, first: SetExpression? = nil, start: Int? = nil) throws(ADQLError) -> Query {
        let start = start ?? current.start
        return try countingQueries(around: first != nil) { parser throws(ADQLError) in
            try parser.queryContent(with: allowed, first: first, start: start)
        }
    }

    private mutating func queryContent(with allowed: Bool, first: SetExpression?, start: Int) throws(ADQLError) -> Query {
        var common: [CommonTable] = []
        if first == nil, at(.with) {
            if !allowed { throw misplaced("WITH", "it stands once, at the start of the whole query") }
            common = try withClause()
        }
        let body = try setExpression(first: first, start: start)
        var query = Query(with: common, body: body)
        query.orderBy = try orderByClause()
        try offsetAndLimit(&query)
        query.span = span(from: start)
        // Parentheses around a whole query say nothing: ((SELECT …)) is (SELECT …).
        if case .parenthesized(let inner) = query.body, common.isEmpty, query.orderBy.isEmpty, query.offset == nil, query.limit == nil {
            return inner
        }
        return query
    }

    /// A query in parentheses; the span has them too.
    mutating func subquery(_ expectation: String = "(") throws(ADQLError) -> Query {
        try enter()
        defer { leave() }
        let start = current.start
        try open(expectation)
        var query = try query()
        try closeQuery()
        query.span = span(from: start)
        return query
    }

    /// The parenthesis after a query; what else stands there is a surplus.
    mutating func closeQuery() throws(ADQLError) {
        guard at(.rightParenthesis) else { throw surplus() }
        try close()
    }

    // MARK: WITH

    private mutating func withClause() throws(ADQLError) -> [CommonTable] {
        try advance()
        if at(word: "RECURSIVE"), peek().kind == .identifier || peek().kind == .delimited {
            throw .notInADQL("WITH RECURSIVE", hint: "a common table can't use itself", at: current.span, in: text)
        }
        return try list { parser throws(ADQLError) in try parser.commonTable() }
    }

    private mutating func commonTable() throws(ADQLError) -> CommonTable {
        let name = try name("the name of a common table")
        if at(.leftParenthesis), peek().kind == .identifier || peek().kind == .delimited {
            throw .notInADQL(
                "a column list after the name of a common table", hint: "name the columns inside: SELECT a AS x", at: current.span, in: text
            )
        }
        try expect(.as)
        return CommonTable(name: name, query: try subquery("( after AS"), span: span(from: name.span.start))
    }

    // MARK: Set operations

    /// UNION and EXCEPT from left to right; INTERSECT binds tighter (ADQL 2.1 §4.6.6).
    private mutating func setExpression(first: SetExpression?, start: Int) throws(ADQLError) -> SetExpression {
        let first = try intersections(first: first, start: start)
        var steps: [SetOperation.Step] = []
        while at(.union) || at(.except) {
            let step = try setOperator(at(.union) ? .union : .except)
            let operandStart = current.start
            steps.append(.init(step.operator, all: step.all, try intersections(first: nil, start: operandStart), span: step.span))
        }
        return steps.isEmpty ? first : .operation(SetOperation(first: first, steps: steps, span: span(from: start)))
    }

    private mutating func intersections(first: SetExpression?, start: Int) throws(ADQLError) -> SetExpression {
        let first = if let first { first } else { try setPrimary() }
        var steps: [SetOperation.Step] = []
        while at(.intersect) {
            let step = try setOperator(.intersect)
            steps.append(.init(step.operator, all: step.all, try setPrimary(), span: step.span))
        }
        return steps.isEmpty ? first : .operation(SetOperation(first: first, steps: steps, span: span(from: start)))
    }

    private mutating func setOperator(
        _ operator: SetOperation.Operator
    ) throws(ADQLError) -> (`operator`: SetOperation.Operator, all: Bool, span: TextSpan) {
        let start = current.start
        try advance()
        let all = try take(.all)
        if !all, at(.distinct) {
            throw .notInADQL("DISTINCT after a set operator", hint: "leave it out; without ALL, duplicates go", at: current.span, in: text)
        }
        return (`operator`, all, span(from: start))
    }

    mutating func setPrimary() throws(ADQLError) -> SetExpression {
        if at(.leftParenthesis) { return .parenthesized(try subquery()) }
        if at(.with) { throw misplaced("WITH", "it stands once, at the start of the whole query") }
        if !at(.select) {
            let error = expectedSelect()
            guard misspelling(of: [.select]) != nil, current.start == error.span.start else { throw error }
            record(error)
            read(as: .select)
        }
        return .selection(try selection())
    }

    // MARK: ORDER BY, OFFSET, LIMIT

    private mutating func orderByClause() throws(ADQLError) -> [SortItem] {
        guard try take(.order) else { return [] }
        try expect(.by)
        return try list { parser throws(ADQLError) in try parser.sortItem() }
    }

    mutating func sortItem() throws(ADQLError) -> SortItem {
        let start = current.start
        let expression = try value()
        var key = SortItem.Key.expression(expression)
        if case .numeric(let literal) = expression, literal.kind == .integer, let position = Int(literal.text) {
            key = .position(position, literal.span)
        }
        let descending = try take(.desc)
        if !descending { _ = try take(.asc) }
        if at(word: "NULLS") {
            throw .notInADQL("NULLS FIRST or LAST", hint: "sort by CASE WHEN x IS NULL THEN 1 ELSE 0 END first", at: current.span, in: text)
        }
        return SortItem(key: key, descending: descending, span: span(from: start))
    }

    /// In either order; each at most once.
    private mutating func offsetAndLimit(_ query: inout Query) throws(ADQLError) {
        while true {
            let start = current.start
            if query.offset == nil, try take(.offset) {
                query.offset = Offset(try count(of: "OFFSET"), span: span(from: start))
            } else if query.limit == nil, at(.identifier), at(word: "LIMIT") {
                try advance()
                query.limit = Limit(try count(of: "LIMIT"), span: span(from: start))
                if at(.comma) {
                    throw .notInADQL(
                        "LIMIT with two numbers", hint: "write TOP for how many and OFFSET for where to start", at: current.span, in: text)
                }
                if case .selection(let selection) = query.body, selection.top != nil {
                    throw .topAndLimit(at: span(from: start), in: text)
                }
            } else {
                return
            }
        }
    }
}
