extension Parser {
    /// How tightly an operator between two operands binds.
    private enum Precedence: Int, Comparable {
        case concatenation, sum, product, primary

        static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
        var tighter: Precedence { Precedence(rawValue: rawValue + 1) ?? .primary }
    }

    private var operatorPrecedence: Precedence? {
        switch current.kind {
        case .plus, .minus: .sum
        case .asterisk, .slash, .percent: .product
        case .concatenation: .concatenation
        default: nil
        }
    }

    /// A value. `first` is an operand that has already been read, and starts at `start`.
    mutating func value(first: ValueExpression? = nil, start: Int? = nil) throws(ADQLError) -> ValueExpression {
        try value(.concatenation, first: first, start: start ?? current.start)
    }

    /// Operators that bind at least as tightly as `minimum`: each round of the loop takes a run of one precedence, whose right
    /// operands bind tighter. So runs grow to the right and apply from the left.
    private mutating func value(_ minimum: Precedence, first: ValueExpression? = nil, start: Int) throws(ADQLError) -> ValueExpression {
        var left = if let first { first } else { try primary() }
        var chained = false
        while let precedence = operatorPrecedence, precedence >= minimum {
            switch precedence {
            case .concatenation:
                var operands = [left]
                while at(.concatenation) { operands.append(try operand(binding: precedence)) }
                left = .concatenation(operands, span(from: start))
            case .sum:
                var steps: [OperatorChain<SumOperator>.Step] = []
                while at(.plus) || at(.minus) {
                    let token = current
                    steps.append(.init(token.kind == .plus ? .plus : .minus, try operand(binding: precedence), span: token.span))
                }
                left = .sum(OperatorChain(first: left, steps: steps, span: span(from: start)))
            case .product:
                if at(.percent) {
                    if chained { try countRemainder() }
                    chained = true
                    left = try remainder(of: left, start: start)
                } else {
                    left = try product(left, start: start)
                }
            case .primary: return left
            }
        }
        return left
    }

    private mutating func product(_ first: ValueExpression, start: Int) throws(ADQLError) -> ValueExpression {
        var steps: [OperatorChain<ProductOperator>.Step] = []
        while at(.asterisk) || at(.slash) {
            let token = current
            steps.append(.init(token.kind == .asterisk ? .times : .dividedBy, try operand(binding: .product), span: token.span))
        }
        return .product(OperatorChain(first: first, steps: steps, span: span(from: start)))
    }

    /// `a % b`, an extension that the standard's own examples have: MOD(a, b).
    private mutating func remainder(of first: ValueExpression, start: Int) throws(ADQLError) -> ValueExpression {
        let token = current
        let second = try operand(binding: .product)
        return .function(FunctionCall(name: Name("MOD", span: token.span), arguments: [first, second], span: span(from: start)))
    }

    /// Goes past the operator, then reads its right operand.
    private mutating func operand(binding precedence: Precedence) throws(ADQLError) -> ValueExpression {
        try advance()
        return try value(precedence.tighter, start: current.start)
    }

    // MARK: Primaries

    private mutating func primary() throws(ADQLError) -> ValueExpression {
        let token = current
        switch token.kind {
        case .integer, .decimal:
            try advance()
            return .numeric(NumericLiteral(text(of: token), span: token.span))
        case .string:
            try advance()
            return .string(StringLiteral(unquoted(token), span: token.span))
        case .identifier:
            return peek().kind == .leftParenthesis ? .function(try functionCall()) : .column(try qualifiedName("a column", limit: 4))
        case .delimited:
            let name = try qualifiedName("a column", limit: 4)
            if at(.leftParenthesis) {
                throw .unexpectedToken(
                    "(", expected: "an operator", hint: "a function's name has no quotes", at: current.span, in: text)
            }
            return .column(name)
        // A service may have a function by another reserved word, SUBSTRING for one; which, its list of functions says.
        case .keyword where isFreeWord && peek().kind != .leftParenthesis, .function where isFreeWord && peek().kind != .leftParenthesis,
            .reserved where isFreeWord && peek().kind != .leftParenthesis:
            return .column(try qualifiedName("a column", limit: 4))
        case .function where peek().kind == .leftParenthesis, .reserved where peek().kind == .leftParenthesis:
            return .function(try functionCall())
        case .plus, .minus: return try signed()
        case .leftParenthesis: return try parenthesizedValue()
        case .keyword(let keyword): return try primary(keyword)
        default: throw expectedValue()
        }
    }

    private mutating func primary(_ keyword: Keyword) throws(ADQLError) -> ValueExpression {
        let token = current
        if let kind = keyword.aggregate, peek().kind == .leftParenthesis { return .aggregate(try aggregate(kind)) }
        switch keyword {
        case .null:
            try advance()
            return .null(token.span)
        case .cast where peek().kind == .leftParenthesis: return .cast(try cast())
        case .left where peek().kind == .leftParenthesis, .right where peek().kind == .leftParenthesis:
            throw .notInADQL("the function \(keyword.text)", hint: nil, at: token.span, in: text)
        case .case: return .case(try caseExpression())
        case .exists, .not: throw .conditionAsValue(at: token.span, in: text)
        default: throw expectedValue()
        }
    }

    private mutating func signed() throws(ADQLError) -> ValueExpression {
        try enter()
        defer { leave() }
        let token = current
        try advance()
        let operand = try primary()
        return .signed(token.kind == .plus ? .plus : .minus, operand, span(from: token.start))
    }

    private mutating func parenthesizedValue() throws(ADQLError) -> ValueExpression {
        let start = current.start
        switch try parenthesized() {
        case .value(let value): return value
        case .query(let query): return .subquery(query)
        case .condition: throw .conditionAsValue(at: span(from: start), in: text)
        }
    }

    // MARK: Functions

    private mutating func functionCall() throws(ADQLError) -> FunctionCall {
        try enter()
        defer { leave() }
        let token = current
        try advance()
        try open()
        var arguments: [ValueExpression] = []
        if !at(.rightParenthesis) {
            if at(.select) {
                throw .unexpectedToken(
                    describe(current), expected: "a value", hint: "a subquery stands in parentheses of its own", at: current.span, in: text)
            }
            arguments = try list { parser throws(ADQLError) in try parser.argument() }
        }
        if let word = argumentWord(of: token) {
            throw .notInADQL(
                "\(word) among the arguments of \(text(of: token).uppercased())", hint: "arguments stand between commas", at: current.span,
                in: text)
        }
        try close("a comma or )", list: true)
        return FunctionCall(name: Name(text(of: token), span: token.span), arguments: arguments, span: span(from: token.start))
    }

    private mutating func argument() throws(ADQLError) -> ValueExpression {
        if at(.distinct) {
            throw .unexpectedToken(
                describe(current), expected: "a value", hint: "DISTINCT stands in COUNT, SUM, AVG, MIN and MAX alone", at: current.span,
                in: text)
        }
        if at(.reserved), peek().kind == .keyword(.from) || peek().kind == .string {
            let word = text(of: current).uppercased()
            if ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "LEADING", "TRAILING", "BOTH"].contains(word) {
                throw .notInADQL("\(word) as an argument", hint: "arguments are values between commas", at: current.span, in: text)
            }
        }
        let value = try value()
        try refuseCondition()
        return value
    }

    /// A comparison after a value that is none of a condition: `IF(a > 1, b, c)`.
    private func refuseCondition() throws(ADQLError) {
        switch current.kind {
        case .comparison, .keyword(.between), .keyword(.like), .keyword(.ilike), .keyword(.is):
            throw .conditionAsValue(at: current.span, in: text)
        default: break
        }
    }

    /// The keyword that SQL has among the arguments of that function in place of a comma.
    private func argumentWord(of function: Token) -> String? {
        switch (text(of: function).uppercased(), current.kind) {
        case ("SUBSTRING", .keyword(.from)), ("TRIM", .keyword(.from)), ("EXTRACT", .keyword(.from)), ("POSITION", .keyword(.in)):
            text(of: current).uppercased()
        default: nil
        }
    }

    private mutating func aggregate(_ kind: AggregateFunction.Kind) throws(ADQLError) -> AggregateFunction {
        try enter()
        defer { leave() }
        let start = current.start
        try advance()
        try open()
        if kind == .count, try take(.asterisk) {
            try close()
            return AggregateFunction(.count, argument: nil, span: span(from: start))
        }
        let distinct = try take(.distinct)
        if !distinct { _ = try take(.all) }
        let argument = try value()
        if at(.comma) {
            throw .unexpectedToken(",", expected: ")", hint: "an aggregate takes one value", at: current.span, in: text)
        }
        try close()
        return AggregateFunction(kind, distinct: distinct, argument: argument, span: span(from: start))
    }

    // MARK: CAST

    private mutating func cast() throws(ADQLError) -> CastSpecification {
        try enter()
        defer { leave() }
        let start = current.start
        try advance()
        try open()
        let value = try value()
        if !at(.as), misspelling(of: [.as]) == nil, !at(.endOfText) {
            throw .unexpectedToken(
                describe(current), expected: "AS and a type", hint: "for example CAST(ra AS INTEGER)", at: current.span, in: text)
        }
        try expect(.as)
        let target = try castTarget()
        try close()
        return CastSpecification(value: value, target: target, span: span(from: start))
    }

    private mutating func castTarget() throws(ADQLError) -> CastTarget {
        let token = current
        let word = text(of: token).uppercased()
        switch token.kind {
        case .reserved, .function, .identifier, .keyword: break
        default: throw expected("a type")
        }
        if word == "DOUBLE", peek().kind == .reserved, text(of: peek()).uppercased() == "PRECISION" {
            try advance()
            try advance()
            return CastTarget(.doublePrecision, span: span(from: token.start))
        }
        guard let name = CastTarget.TypeName(rawValue: word) else {
            throw .unknownType(text(of: token), nearest: Self.usualTypes[word], at: token.span, in: text)
        }
        try advance()
        guard at(.leftParenthesis) else { return CastTarget(name, span: token.span) }
        guard name == .char || name == .varchar else {
            throw .unexpectedToken("(", expected: ")", hint: "only CHAR and VARCHAR have a length", at: current.span, in: text)
        }
        try open()
        guard at(.integer), let length = Int(text(of: current)) else { throw expected("a length") }
        try advance()
        try close()
        return CastTarget(name, length: length, span: span(from: token.start))
    }

    /// What other databases call the types.
    private static let usualTypes = [
        "DOUBLE": "DOUBLE PRECISION", "FLOAT": "DOUBLE PRECISION", "FLOAT8": "DOUBLE PRECISION", "FLOAT4": "REAL",
        "NUMERIC": "DOUBLE PRECISION",
        "DECIMAL": "DOUBLE PRECISION", "INT": "INTEGER", "INT2": "SMALLINT", "INT4": "INTEGER", "INT8": "BIGINT", "LONG": "BIGINT",
        "SHORT": "SMALLINT", "TEXT": "VARCHAR", "STRING": "VARCHAR", "CHARACTER": "CHAR", "NCHAR": "CHAR", "DATE": "TIMESTAMP",
        "DATETIME": "TIMESTAMP",
    ]

    // MARK: CASE

    private mutating func caseExpression() throws(ADQLError) -> CaseExpression {
        try enter()
        defer { leave() }
        let start = current.start
        try advance()
        let operand = at(.when) ? nil : try value()
        var branches: [CaseExpression.Branch] = []
        repeat {
            try expect(.when)
            let test = operand == nil ? CaseExpression.Test.condition(try condition()) : .value(try value())
            try expect(.then)
            branches.append(CaseExpression.Branch(when: test, then: try value()))
        } while at(.when)
        let otherwise = try take(.else) ? try value() : nil
        guard try take(.end) else {
            throw expected(otherwise == nil ? "WHEN, ELSE or END" : "END", keywords: otherwise == nil ? [.when, .else, .end] : [.end])
        }
        return CaseExpression(operand: operand, branches: branches, otherwise: otherwise, span: span(from: start))
    }
}
