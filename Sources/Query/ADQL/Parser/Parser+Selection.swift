extension Parser {
    /// `SELECT … FROM …` up to HAVING; of one that is wrong, a part.
    mutating func selection() throws(ADQLError) -> Selection {
        let place = place
        do throws(ADQLError) { return try wholeSelection() } catch {
            try recover(from: error, in: place)
            return Selection(items: [], from: [])
        }
    }

    private mutating func wholeSelection() throws(ADQLError) -> Selection {
        let start = current.start
        try expect(.select)
        var selection = Selection(items: [], from: [])
        selection.distinct = try take(.distinct)
        if !selection.distinct { _ = try take(.all) }
        selection.top = try topClause()
        if at(.distinct) || at(.all), selection.top != nil {
            throw misplaced(text(of: current).uppercased(), "it stands before TOP: SELECT DISTINCT TOP 10 …")
        }
        selection.items = try selectList()
        guard try take(.from) else { throw noFrom() }
        selection.from = try fromList()
        if try take(.where) { selection.where = try condition() }
        if try take(.group) {
            try expect(.by)
            selection.groupBy = try list { parser throws(ADQLError) in try parser.value() }
        }
        if try take(.having) { selection.having = try condition() }
        selection.span = span(from: start)
        return selection
    }

    private mutating func topClause() throws(ADQLError) -> Top? {
        let start = current.start
        guard try take(.top) else { return nil }
        return Top(try count(of: "TOP"), span: span(from: start))
    }

    private mutating func selectList() throws(ADQLError) -> [SelectItem] {
        if at(.from) {
            throw .unexpectedToken(
                describe(current), expected: "something to select", hint: "name columns, or * for all", at: current.span, in: text)
        }
        return try list { parser throws(ADQLError) in try parser.selectItem() }
    }

    private mutating func selectItem() throws(ADQLError) -> SelectItem {
        let start = current.start
        if try take(.asterisk) { return .all(span(from: start)) }
        guard atName || isFreeWord, peek().kind != .leftParenthesis else {
            return try expressionItem(first: nil, start: start)
        }
        let name = try qualifiedName("a column", limit: 4, orAll: true)
        guard at(.period) else { return try expressionItem(first: .column(name), start: start) }
        try advance()
        try advance()
        if name.parts.count > 3 {
            throw .tooManyParts(name.parts.map(\.text).joined(separator: "."), limit: 3, at: span(from: start), in: text)
        }
        return .allOf(name, span(from: start))
    }

    private mutating func expressionItem(first: ValueExpression?, start: Int) throws(ADQLError) -> SelectItem {
        let expression = try value(first: first, start: start)
        return .expression(expression, alias: try alias())
    }

    /// What to say where FROM should stand.
    private mutating func noFrom() -> ADQLError {
        if let alias = implicitAlias, alias.kind == .identifier, at(.endOfText) || at(.keyword(.where)) {
            let word = text(of: alias)
            if word.count > 4, word.uppercased().hasPrefix("FROM") { return .missingBlank(word, after: "FROM", at: alias.span, in: text) }
        }
        let ending: Bool =
            switch current.kind {
            case .endOfText, .semicolon, .keyword(.where), .keyword(.group), .keyword(.order), .keyword(.having), .keyword(.union),
                .keyword(.except), .keyword(.intersect), .keyword(.offset):
                true
            case .rightParenthesis: !opened.isEmpty
            default: atLimit()
            }
        if ending, misspelling(of: [.from]) == nil { return .missingFrom(found: describe(current), at: current.span, in: text) }
        switch current.kind {
        case .comparison, .keyword(.between), .keyword(.in), .keyword(.like), .keyword(.ilike), .keyword(.is):
            return .conditionAsValue(at: current.span, in: text)
        default: break
        }
        return expected("a comma or FROM", keywords: [.from, .as], list: true)
    }
}
