package import ADQL

/// Makes trees at random, every one such as some text gives; names and types mean nothing.
package struct TreeGenerator {
    private var random: SeededGenerator
    /// How many more levels may follow.
    private var budget = 5

    package init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    // MARK: Queries

    package mutating func wholeQuery() -> Query {
        // Most are small; one in eight shows how things stand inside each other.
        budget = random.chance(8) ? 3 + random.below(3) : 1 + random.below(2)
        let with = random.chance(15) ? some(3) { CommonTable(name: $0.name(), query: $0.query()) } : []
        var query = query()
        query.with = with
        return query
    }

    private mutating func query() -> Query {
        budget -= 1
        defer { budget += 1 }
        var query = Query(body: setExpression())
        if random.chance(30) { query.orderBy = some(3) { $0.sortItem() } }
        if random.chance(15) { query.offset = Offset(random.below(100)) }
        if random.chance(10) { query.limit = Limit(random.below(100)) }
        if case .parenthesized(let inner) = query.body, query.orderBy.isEmpty, query.offset == nil, query.limit == nil { return inner }
        if case .selection(var selection) = query.body, query.limit != nil {
            selection.top = nil
            query.body = .selection(selection)
        }
        return query
    }

    private mutating func setExpression() -> SetExpression {
        guard budget > 0, random.chance(20) else { return setPrimary() }
        let steps = some(3) { generator in
            let operand = generator.random.chance(25) ? generator.intersection() : generator.setPrimary()
            return SetOperation.Step(generator.random.chance(50) ? .union : .except, all: generator.random.chance(30), operand)
        }
        return random.chance(30) ? intersection() : .operation(SetOperation(first: setPrimary(), steps: steps))
    }

    private mutating func intersection() -> SetExpression {
        let steps = some(2) { SetOperation.Step(.intersect, all: $0.random.chance(30), $0.setPrimary()) }
        return .operation(SetOperation(first: setPrimary(), steps: steps))
    }

    private mutating func setPrimary() -> SetExpression {
        budget > 0 && random.chance(15) ? .parenthesized(query()) : .selection(selection())
    }

    private mutating func sortItem() -> SortItem {
        var key = SortItem.Key.position(1 + random.below(9), .none)
        if random.chance(70) {
            let expression = value()
            key = .expression(expression)
            if case .numeric(let literal) = expression, literal.kind == .integer { key = .position(1, .none) }
        }
        return SortItem(key: key, descending: random.chance(40))
    }

    private mutating func selection() -> Selection {
        Selection(
            distinct: random.chance(15), top: random.chance(20) ? Top(random.below(1000)) : nil, items: some(4) { $0.selectItem() },
            from: some(2) { $0.table() }, where: random.chance(60) ? condition() : nil,
            groupBy: random.chance(15) ? some(2) { $0.value() } : [],
            having: random.chance(10) ? condition() : nil)
    }

    private mutating func selectItem() -> SelectItem {
        switch random.below(10) {
        case 0: .all(.none)
        case 1: .allOf(qualifiedName(3), .none)
        default: .expression(value(), alias: random.chance(30) ? name() : nil)
        }
    }

    // MARK: FROM

    private mutating func table() -> TableReference {
        budget -= 1
        defer { budget += 1 }
        if budget > 0, random.chance(30) { return .joined(JoinedTable(first: table(), joins: some(3) { $0.join() })) }
        if budget > 0, random.chance(20) { return .derived(DerivedTable(query: query(), alias: name())) }
        return .table(NamedTable(name: qualifiedName(3), alias: random.chance(40) ? name() : nil))
    }

    private mutating func join() -> Join {
        if random.chance(10) { return Join(.cross, table(), .none) }
        let kind = random.pick([Join.Kind.inner, .left, .right, .full])
        switch random.below(4) {
        case 0: return Join(kind, table(), .natural)
        case 1: return Join(kind, table(), .using(some(2) { $0.name() }))
        default: return Join(kind, table(), .on(condition()))
        }
    }

    // MARK: Conditions

    private mutating func condition() -> SearchCondition {
        budget -= 1
        defer { budget += 1 }
        if budget > 0 {
            switch random.below(10) {
            case 0: return .or([condition()] + some(3) { $0.condition() }, .none)
            case 1: return .and([condition()] + some(3) { $0.condition() }, .none)
            case 2: return .not(condition(), .none)
            case 3: return .exists(query(), .none)
            case 4: return .in(InPredicate(value(), negated: random.chance(40), .subquery(query())))
            default: break
            }
        }
        let negated = random.chance(40)
        switch random.below(7) {
        case 0: return .between(BetweenPredicate(value(), negated: negated, lower: value(), upper: value()))
        case 1: return .in(InPredicate(value(), negated: negated, .list(inList())))
        case 2: return .like(LikePredicate(value(), negated: negated, caseInsensitive: random.chance(50), pattern: value()))
        case 3: return .isNull(NullPredicate(value(), negated: negated))
        default: return .comparison(Comparison(value(), random.pick(Comparison.Operator.allCases), value()))
        }
    }

    private mutating func inList() -> [ValueExpression] {
        let values = some(4) { $0.value() }
        // One subquery alone would be IN with a subquery.
        if values.count == 1, case .subquery = values[0] { return values + [.null(.none)] }
        return values
    }

    // MARK: Values

    private mutating func value() -> ValueExpression {
        budget -= 1
        defer { budget += 1 }
        guard budget > 0, random.chance(60) else { return leaf() }
        switch random.below(12) {
        case 0, 1:
            let steps = some(3) { OperatorChain<SumOperator>.Step($0.random.chance(50) ? .plus : .minus, $0.value()) }
            return .sum(OperatorChain(first: value(), steps: steps))
        case 2, 3:
            let steps = some(3) { OperatorChain<ProductOperator>.Step($0.random.chance(50) ? .times : .dividedBy, $0.value()) }
            return .product(OperatorChain(first: value(), steps: steps))
        case 4: return .concatenation([value()] + some(2) { $0.value() }, .none)
        case 5: return .signed(random.chance(70) ? .minus : .plus, value(), .none)
        case 6, 7:
            let function = random.pick(["SQRT", "point", "CONTAINS", "COALESCE", "ivo_f", "LOWER", "x1", "limit"])
            return .function(FunctionCall(name: Name(function), arguments: random.chance(10) ? [] : some(4) { $0.value() }))
        case 8:
            let kind = random.pick(AggregateFunction.Kind.allCases)
            let all = kind == .count && random.chance(40)
            return .aggregate(AggregateFunction(kind, distinct: !all && random.chance(30), argument: all ? nil : value()))
        case 9:
            let type = random.pick(CastTarget.TypeName.allCases)
            let length = (type == .char || type == .varchar) && random.chance(50) ? 1 + random.below(99) : nil
            return .cast(CastSpecification(value: value(), target: CastTarget(type, length: length)))
        case 10: return .case(caseExpression())
        default: return .subquery(query())
        }
    }

    private mutating func caseExpression() -> CaseExpression {
        let operand = random.chance(40) ? value() : nil
        let branches = some(3) { generator in
            let test = operand == nil ? CaseExpression.Test.condition(generator.condition()) : .value(generator.value())
            return CaseExpression.Branch(when: test, then: generator.value())
        }
        return CaseExpression(operand: operand, branches: branches, otherwise: random.chance(50) ? value() : nil)
    }

    private mutating func leaf() -> ValueExpression {
        switch random.below(8) {
        case 0, 1: .numeric(NumericLiteral(random.pick(["0", "1", "42", "3.14", "2.", ".5", "1e10", "1.5E-3", "7.e+2", "00"])))
        case 2: .string(StringLiteral(random.pick(["", "x", "it's", "''", "a\nb", "-- no", "é ☉ \"q\"", "\\", "%_"])))
        case 3: .null(.none)
        default: .column(qualifiedName(4))
        }
    }

    // MARK: Names

    private mutating func qualifiedName(_ limit: Int) -> QualifiedName {
        QualifiedName((0..<(random.chance(60) ? 1 : 1 + random.below(limit))).map { _ in name() })
    }

    private mutating func name() -> Name {
        random.chance(75)
            ? Name(
                random.pick(["ra", "dec", "Mag_G", "x", "t1", "LIMIT", "recursive", "nulls", "completesource", "over", "form", "wehre"]))
            : Name(random.pick(["size", "Mixed Case", "a\"b", "é", "select", "2mass", "--", "'", "\"", "ra"]), delimited: true)
    }

    /// One to `limit` of them.
    private mutating func some<Element>(_ limit: Int, _ element: (inout TreeGenerator) -> Element) -> [Element] {
        let count = 1 + random.below(limit)
        return (0..<count).map { _ in element(&self) }
    }
}
