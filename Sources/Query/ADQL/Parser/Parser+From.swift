extension Parser {
    /// What stands after FROM, up to the next clause.
    mutating func fromList() throws(ADQLError) -> [TableReference] {
        try list { parser throws(ADQLError) in try parser.tableReference() }
    }

    /// A table and all that is joined to it.
    private mutating func tableReference() throws(ADQLError) -> TableReference {
        let start = current.start
        return try joins(to: try tablePrimary(), start: start)
    }

    private mutating func tablePrimary() throws(ADQLError) -> TableReference {
        let start = current.start
        if at(.leftParenthesis) {
            switch try parenthesizedTable() {
            case .query(let query): return .derived(try derivedTable(query, start: start))
            case .table(let table): return table
            }
        }
        let name = try qualifiedName("a table", limit: 3)
        if at(.leftParenthesis) {
            throw .notInADQL("a function in FROM", hint: "FROM takes tables and subqueries", at: TextSpan(start, current.end), in: text)
        }
        return .table(NamedTable(name: name, alias: try alias(), span: span(from: start)))
    }

    private mutating func derivedTable(_ query: Query, start: Int) throws(ADQLError) -> DerivedTable {
        let queryEnd = query.span
        guard let alias = try alias() else {
            if nameIsReserved { throw expected("a name for the subquery", name: true) }
            throw .missingAlias(at: queryEnd, in: text)
        }
        if at(.leftParenthesis) {
            throw .notInADQL(
                "a column list after the name of a subquery", hint: "name the columns inside: SELECT a AS x", at: current.span, in: text)
        }
        return DerivedTable(query: query, alias: alias, span: span(from: start))
    }

    // MARK: Parentheses

    private enum TableOperand {
        case query(Query)
        case table(TableReference)
    }

    /// `(SELECT …)` or `(a JOIN b …)`. Several opening parentheses leave open which until the content is read.
    private mutating func parenthesizedTable() throws(ADQLError) -> TableOperand {
        try enter()
        defer { leave() }
        let start = current.start
        try open()
        if at(.select) || at(.with) {
            var query = try query()
            try closeQuery()
            query.span = span(from: start)
            return .query(query)
        }
        let innerStart = current.start
        var table: TableReference
        if at(.leftParenthesis) {
            switch try parenthesizedTable() {
            case .query(let inner) where continuesQuery:
                var query = try query(first: .parenthesized(inner), start: innerStart)
                try closeQuery()
                query.span = span(from: start)
                return .query(query)
            case .query(let inner): table = .derived(try derivedTable(inner, start: innerStart))
            case .table(let inner): table = inner
            }
        } else {
            table = try tablePrimary()
        }
        table = try joins(to: table, start: innerStart)
        guard case .joined = table else {
            if at(.rightParenthesis) {
                throw .unexpectedToken(
                    describe(current), expected: "JOIN", hint: "a single table needs no parentheses", at: current.span, in: text)
            }
            throw expected("JOIN", keywords: Self.joinKeywords)
        }
        try close("JOIN or )")
        return .table(table)
    }

    /// Whether what follows a query in parentheses makes it the first operand of a larger one.
    var continuesQuery: Bool {
        switch current.kind {
        case .keyword(.union), .keyword(.except), .keyword(.intersect), .keyword(.order), .keyword(.offset), .rightParenthesis: true
        default: at(.identifier) && at(word: "LIMIT")
        }
    }

    // MARK: Joins

    static let joinKeywords: [Keyword] = [.join, .inner, .left, .right, .full, .natural, .cross]

    private var atJoin: Bool {
        if case .keyword(let keyword) = current.kind { Self.joinKeywords.contains(keyword) } else { false }
    }

    private mutating func joins(to first: TableReference, start: Int) throws(ADQLError) -> TableReference {
        var joins: [Join] = []
        while atJoin { joins.append(try join()) }
        return joins.isEmpty ? first : .joined(JoinedTable(first: first, joins: joins, span: span(from: start)))
    }

    private mutating func join() throws(ADQLError) -> Join {
        let start = current
        let natural = try take(.natural)
        if natural, at(.cross) {
            throw .notInADQL("NATURAL CROSS JOIN", hint: "leave out one of the two", at: span(from: start.start), in: text)
        }
        let kind = try joinKind()
        try expect(.join)
        let keywordSpan = span(from: start.start)
        var table = try tablePrimary()
        if natural || kind == .cross {
            if at(.on) || at(.using) { throw .surplusJoinCondition(natural ? "NATURAL" : "CROSS", at: current.span, in: text) }
            return Join(kind, table, natural ? .natural : .none, span: span(from: start.start))
        }
        if atJoin { table = try innerJoins(of: table) }
        let specification: Join.Specification
        if try take(.on) {
            specification = .on(try condition())
        } else if try take(.using) {
            specification = .using(try usingList())
        } else if misspelling(of: [.on, .using]) != nil || nameIsReserved {
            throw expected("ON or USING", keywords: [.on, .using])
        } else {
            throw .missingJoinCondition(at: keywordSpan, in: text)
        }
        return Join(kind, table, specification, span: span(from: start.start))
    }

    /// `b JOIN c ON …` in `a JOIN b JOIN c ON … ON …`: joined first, as its condition comes first.
    private mutating func innerJoins(of table: TableReference) throws(ADQLError) -> TableReference {
        try enter()
        defer { leave() }
        return try joins(to: table, start: table.span.start)
    }

    private mutating func joinKind() throws(ADQLError) -> Join.Kind {
        if try take(.cross) { return .cross }
        if try take(.inner) { return .inner }
        let kind: Join.Kind
        if try take(.left) {
            kind = .left
        } else if try take(.right) {
            kind = .right
        } else if try take(.full) {
            kind = .full
        } else {
            return .inner
        }
        _ = try take(.outer)
        return kind
    }

    private mutating func usingList() throws(ADQLError) -> [Name] {
        try open("( after USING")
        let names = try list { parser throws(ADQLError) in try parser.name("a column") }
        try close("a comma or )", list: true)
        return names
    }
}
