import ADQL
import Names
import QueryGeneration
import TableModel

/// Makes queries over Sky that are mostly, not always, right: names that exist, types that fit nine times of ten.
struct QueryGenerator {
    private enum Kind: CaseIterable { case number, text, timestamp, point, circle, polygon, any }
    private typealias Visible = (name: [Name], type: ValueType)

    private var random: SeededGenerator
    private var aliases = 0
    private var common: [(Name, [Visible])] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    private mutating func chance(_ percent: Int) -> Bool { random.chance(percent) }
    private mutating func pick<Element>(_ elements: [Element]) -> Element { random.pick(elements) }

    // MARK: Queries

    mutating func query(depth: Int) -> Query {
        common = []
        var with: [CommonTable] = []
        if chance(20) {
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                aliases += 1
                let name = Name("w\(aliases)")
                let (query, columns) = plain(depth: 1, outer: [], width: nil)
                with.append(CommonTable(name: name, query: query))
                common.append((name, columns))
            }
        }
        var query = chance(25) ? set(depth: depth) : plain(depth: depth, outer: [], width: nil).0
        query.with = with
        return query
    }

    private mutating func set(depth: Int) -> Query {
        let width = Int.random(in: 1...3, using: &random)
        let known: [Kind] = [.number, .text, .timestamp, .point, .circle, .polygon]
        var kinds: [Kind] = []
        for _ in 0..<width { kinds.append(pick(known)) }
        var operands: [SetExpression] = []
        for _ in 0..<Int.random(in: 2...3, using: &random) {
            let (query, _) = plain(depth: depth - 1, outer: [], width: kinds)
            if case .selection = query.body, query.orderBy.isEmpty, query.offset == nil, chance(70) {
                operands.append(query.body)
            } else {
                operands.append(.parenthesized(query))
            }
        }
        let operators: [SetOperation.Operator] = chance(30) ? [.intersect] : [.union, .except]
        var steps: [SetOperation.Step] = []
        for operand in operands.dropFirst() {
            let word: SetOperation.Operator = pick(operators)
            steps.append(SetOperation.Step(word, all: chance(40), operand))
        }
        let operation = SetOperation(first: operands[0], steps: steps)
        var query = Query(body: SetExpression.operation(operation))
        if chance(40) {
            let position = Int.random(in: 1...width, using: &random)
            query.orderBy = [SortItem(key: SortItem.Key.position(position, TextSpan.none), descending: chance(50))]
        }
        if chance(20) { query.offset = Offset(2) }
        return query
    }

    private mutating func plain(depth: Int, outer: [Visible], width: [Kind]?) -> (Query, [Visible]) {
        var visible: [Visible] = []
        var from: [TableReference] = []
        for _ in 0..<(chance(25) ? 2 : 1) { from.append(reference(depth: depth, outer: outer, &visible)) }
        let all = visible + (chance(30) ? outer : [])
        var selection = Selection(distinct: chance(20), items: [], from: from)
        if chance(20) { selection.top = Top(Int.random(in: 0...5, using: &random)) }
        if chance(60) { selection.where = condition(all, depth: depth) }
        let isGrouped = chance(25)
        var columns: [Visible] = []
        var kinds: [Kind] = width ?? []
        if width == nil {
            for _ in 0..<Int.random(in: 1...4, using: &random) { kinds.append(pick(Kind.allCases)) }
        }
        if isGrouped {
            let groupable: [Kind] = [.number, .text, .any]
            for _ in 0..<Int.random(in: 0...2, using: &random) { selection.groupBy.append(value(pick(groupable), all, depth: 1)) }
            for (index, kind) in kinds.enumerated() {
                var item = aggregate(kind, all, depth: 1)
                if !selection.groupBy.isEmpty, chance(50) { item = pick(selection.groupBy) }
                let name = Name("o\(index)")
                selection.items.append(SelectItem.expression(item, alias: name))
                columns.append(([name], ValueType.null))
            }
            if chance(40) {
                selection.having = compare(aggregate(.number, all, depth: 1), value(.number, [], depth: 0))
            }
        } else if width == nil, chance(20) {
            selection.items = [.all(.none)]
            columns = visible.map { ([$0.name[$0.name.count - 1]], $0.type) }
        } else {
            for (index, kind) in kinds.enumerated() {
                let name = Name("o\(index)")
                let item = value(kind, all, depth: depth)
                selection.items.append(SelectItem.expression(item, alias: chance(70) ? name : nil))
                columns.append(([name], type(of: kind)))
            }
        }
        var query = Query(body: SetExpression.selection(selection))
        if chance(30) {
            let key: SortItem.Key
            switch Int.random(in: 0..<3, using: &random) {
            case 0: key = .position(1, .none)
            case 1: key = .expression(.column(QualifiedName([Name("o0")])))
            default:
                let kind: Kind = chance(50) ? .number : .text
                let term = isGrouped ? aggregate(.number, all, depth: 1) : value(kind, all, depth: 1)
                key = SortItem.Key.expression(term)
            }
            query.orderBy = [SortItem(key: key, descending: chance(50))]
        }
        if chance(10) { query.offset = Offset(1) }
        if chance(5) { query.limit = Limit(3) }
        return (query, columns)
    }

    private func type(of kind: Kind) -> ValueType {
        switch kind {
        case .number: .double
        case .text: .varchar(nil)
        case .timestamp: .timestamp
        case .point: .point
        case .circle: .circle
        case .polygon: .polygon
        case .any: .null
        }
    }

    // MARK: FROM

    private mutating func reference(depth: Int, outer: [Visible], _ visible: inout [Visible]) -> TableReference {
        aliases += 1
        let alias = Name("a\(aliases)")
        func add(_ columns: [Visible]) {
            for column in columns { visible.append(([alias, column.name[column.name.count - 1]], column.type)) }
        }
        if depth > 1, chance(20) {
            let (query, columns) = plain(depth: depth - 1, outer: [], width: nil)
            add(columns)
            return .derived(DerivedTable(query: query, alias: alias))
        }
        if !common.isEmpty, chance(40) {
            let (name, columns) = pick(common)
            add(columns)
            return .table(NamedTable(name: QualifiedName([name]), alias: alias))
        }
        let table = pick(Sky.catalogue.tables)
        for column in table.columns { add([([Name(column.name, delimited: true)], column.type)]) }
        let first = TableReference.table(
            NamedTable(name: QualifiedName([Name(table.schema), Name(table.name)]), alias: alias))
        guard depth > 1, chance(30) else { return first }
        var local = visible
        let second = reference(depth: depth - 1, outer: outer, &local)
        let kinds: [Join.Kind] = [.inner, .left, .right, .full, .cross]
        let kind = pick(kinds)
        let specification: Join.Specification
        let own = Array(local.dropFirst(visible.count - table.columns.count))
        switch Int.random(in: 0..<4, using: &random) {
        case _ where kind == .cross: specification = Join.Specification.none
        case 0: specification = Join.Specification.using([Name(pick(["ra", "dec", "source_id", "id"]))])
        case 1: specification = Join.Specification.natural
        case _ where kind == .full:
            // PostgreSQL joins both sides in full only where a column of one equals one of the other.
            let left = value(.number, Array(own.prefix(table.columns.count)), depth: 0)
            let right = value(.number, Array(own.dropFirst(table.columns.count)), depth: 0)
            specification = Join.Specification.on(SearchCondition.comparison(Comparison(left, .equal, right)))
        default: specification = Join.Specification.on(condition(own, depth: 1))
        }
        visible = local
        return TableReference.joined(JoinedTable(first: first, joins: [Join(kind, second, specification)]))
    }

    // MARK: Conditions

    private mutating func compare(_ left: ValueExpression, _ right: ValueExpression) -> SearchCondition {
        let word: Comparison.Operator = pick(Comparison.Operator.allCases)
        return SearchCondition.comparison(chance(50) ? Comparison(left, word, right) : Comparison(right, word, left))
    }

    private mutating func condition(_ visible: [Visible], depth: Int) -> SearchCondition {
        if depth > 1, chance(30) {
            let first = condition(visible, depth: depth - 1)
            let second = condition(visible, depth: depth - 1)
            if chance(50) { return SearchCondition.and([first, second], TextSpan.none) }
            return chance(50) ? SearchCondition.or([first, second], TextSpan.none) : SearchCondition.not(first, TextSpan.none)
        }
        let kinds: [Kind] = [.number, .number, .text, .timestamp, .point, .any]
        let kind = pick(kinds)
        let left = value(kind, visible, depth: 1)
        let negated = chance(30)
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            let lower = value(kind, visible, depth: 0)
            let upper = value(kind, visible, depth: 1)
            return SearchCondition.between(BetweenPredicate(left, negated: negated, lower: lower, upper: upper))
        case 1:
            var list: [ValueExpression] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) { list.append(value(kind, visible, depth: 0)) }
            return SearchCondition.in(InPredicate(left, negated: negated, InPredicate.Set.list(list)))
        case 2 where depth > 1:
            let query = plain(depth: 1, outer: visible, width: [kind]).0
            return SearchCondition.in(InPredicate(left, negated: negated, InPredicate.Set.subquery(query)))
        case 3 where depth > 1: return SearchCondition.exists(plain(depth: 1, outer: visible, width: nil).0, TextSpan.none)
        case 4:
            let text = value(.text, visible, depth: 1)
            let pattern = value(.text, visible, depth: 0)
            return SearchCondition.like(LikePredicate(text, negated: negated, caseInsensitive: chance(50), pattern: pattern))
        case 5: return SearchCondition.isNull(NullPredicate(left, negated: negated))
        case 6:
            let number = ValueExpression.numeric(NumericLiteral(pick(["0", "1", "2"])))
            return compare(containment(visible, depth: 1), number)
        case 7:
            let call = function("DISTANCE", [value(.point, visible, depth: 1), value(.point, visible, depth: 1)])
            return compare(call, value(.number, visible, depth: 1))
        default: return compare(left, value(kind, visible, depth: 1))
        }
    }

    private mutating func containment(_ visible: [Visible], depth: Int) -> ValueExpression {
        let shapes: [Kind] = [.circle, .polygon]
        let inner: Kind = chance(60) ? .point : pick(shapes)
        let first = value(inner, visible, depth: depth)
        let second = value(pick(shapes), visible, depth: depth)
        return function(chance(50) ? "CONTAINS" : "INTERSECTS", [first, second])
    }

    // MARK: Values

    private func function(_ name: String, _ arguments: [ValueExpression]) -> ValueExpression {
        .function(FunctionCall(name: Name(name), arguments: arguments))
    }

    private mutating func aggregate(_ kind: Kind, _ visible: [Visible], depth: Int) -> ValueExpression {
        let distinct = chance(30)
        let function: AggregateFunction
        switch kind {
        case .number:
            let aggregate: AggregateFunction.Kind = pick(AggregateFunction.Kind.allCases)
            function = AggregateFunction(aggregate, distinct: distinct, argument: value(.number, visible, depth: depth))
        case .text: function = AggregateFunction(.min, argument: value(.text, visible, depth: depth))
        case .timestamp: function = AggregateFunction(.max, argument: value(.timestamp, visible, depth: depth))
        default: function = AggregateFunction(.count, argument: distinct ? nil : value(.any, visible, depth: depth))
        }
        return ValueExpression.aggregate(function)
    }

    private mutating func column(_ visible: [Visible], where fits: (ValueType) -> Bool) -> ValueExpression? {
        let found = visible.filter { fits($0.type) }
        guard !found.isEmpty else { return nil }
        let column = pick(found)
        let parts: [Name] = chance(80) ? column.name : Array(column.name.suffix(1))
        return ValueExpression.column(QualifiedName(parts))
    }

    private mutating func literal(_ texts: [String]) -> ValueExpression {
        ValueExpression.numeric(NumericLiteral(pick(texts)))
    }

    private mutating func value(_ kind: Kind, _ visible: [Visible], depth: Int) -> ValueExpression {
        if chance(4) { return ValueExpression.null(TextSpan.none) }
        if depth > 0, chance(8) {
            let test = CaseExpression.Test.condition(condition(visible, depth: 1))
            let branch = CaseExpression.Branch(when: test, then: value(kind, visible, depth: 0))
            let otherwise: ValueExpression? = chance(60) ? value(kind, visible, depth: 0) : nil
            return ValueExpression.case(CaseExpression(branches: [branch], otherwise: otherwise))
        }
        if depth > 0, chance(8) {
            let first = value(kind, visible, depth: 0)
            return function("COALESCE", [first, value(kind, visible, depth: depth - 1)])
        }
        if depth > 1, chance(5) { return ValueExpression.subquery(plain(depth: 1, outer: visible, width: [kind]).0) }
        switch kind {
        case .number: return number(visible, depth)
        case .text: return text(visible, depth)
        case .timestamp:
            if chance(70), let column = column(visible, where: { $0 == .timestamp }) { return column }
            return ValueExpression.string(StringLiteral("2016-02-03T04:05:06"))
        case .point: return point(visible, depth)
        case .circle:
            if chance(30), let column = column(visible, where: { $0 == .circle }) { return column }
            var arguments: [ValueExpression] = []
            if chance(50) {
                arguments.append(value(.point, visible, depth: 0))
            } else {
                arguments.append(number(visible, 0))
                arguments.append(latitude(visible))
            }
            arguments.append(literal(["0.5", "2"]))
            return function("CIRCLE", arguments)
        case .polygon: return polygon(visible)
        case .any:
            if chance(80), let column = column(visible, where: { _ in true }) { return column }
            let kinds: [Kind] = [.number, .text, .timestamp, .point]
            return value(pick(kinds), visible, depth: depth)
        }
    }

    private mutating func point(_ visible: [Visible], _ depth: Int) -> ValueExpression {
        if chance(40), let column = column(visible, where: { $0 == .point }) { return column }
        if depth > 0, chance(15) {
            let kinds: [Kind] = [.circle, .polygon, .point]
            return function("CENTROID", [value(pick(kinds), visible, depth: depth - 1)])
        }
        var arguments: [ValueExpression] = []
        if chance(30) { arguments.append(ValueExpression.string(StringLiteral("ICRS"))) }
        arguments.append(number(visible, 0))
        arguments.append(latitude(visible))
        return function("POINT", arguments)
    }

    private mutating func polygon(_ visible: [Visible]) -> ValueExpression {
        if chance(30), let column = column(visible, where: { $0 == .polygon }) { return column }
        if chance(30) { return function("BOX", [number(visible, 0), latitude(visible), literal(["2"]), literal(["3.5"])]) }
        let fromPoints = chance(50)
        var arguments: [ValueExpression] = []
        for _ in 0..<3 {
            if fromPoints {
                arguments.append(value(.point, visible, depth: 0))
            } else {
                arguments.append(number(visible, 0))
                arguments.append(latitude(visible))
            }
        }
        return function("POLYGON", arguments)
    }

    private mutating func latitude(_ visible: [Visible]) -> ValueExpression {
        if chance(50), let column = column(visible, where: { $0.isNumeric }) { return column }
        return literal(["0", "45.5", "7"])
    }

    private mutating func number(_ visible: [Visible], _ depth: Int) -> ValueExpression {
        if depth <= 0 || chance(25) {
            if chance(60), let column = column(visible, where: { $0.isNumeric }) { return column }
            return literal(["1", "2", "0", "3.5", "1e2", "5000000000", ".25", "12."])
        }
        let next = depth - 1
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            let first = number(visible, next)
            var steps: [OperatorChain<SumOperator>.Step] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let word: SumOperator = chance(50) ? .plus : .minus
                steps.append(OperatorChain<SumOperator>.Step(word, number(visible, next)))
            }
            return ValueExpression.sum(OperatorChain(first: first, steps: steps))
        case 1:
            let first = number(visible, next)
            let word: ProductOperator = chance(50) ? .times : .dividedBy
            let step = OperatorChain<ProductOperator>.Step(word, number(visible, next))
            return ValueExpression.product(OperatorChain(first: first, steps: [step]))
        case 2: return ValueExpression.signed(Sign.minus, number(visible, next), TextSpan.none)
        case 3:
            let names = ["ABS", "FLOOR", "SQRT", "SIN", "LOG", "ROUND", "TRUNCATE", "DEGREES", "RAND"]
            return function(pick(names), [number(visible, next)])
        case 4:
            let names = ["MOD", "POWER", "ATAN2", "ROUND", "TRUNCATE"]
            return function(pick(names), [number(visible, next), number(visible, next)])
        case 5: return function("DISTANCE", [value(.point, visible, depth: next), value(.point, visible, depth: next)])
        case 6: return containment(visible, depth: next)
        case 7: return function(pick(["COORD1", "COORD2", "AREA"]), [value(.point, visible, depth: next)])
        case 8: return function("AREA", [value(chance(50) ? .circle : .polygon, visible, depth: next)])
        case 9:
            let names: [CastTarget.TypeName] = [.smallint, .integer, .bigint, .real, .doublePrecision]
            let target = CastTarget(pick(names))
            return ValueExpression.cast(CastSpecification(value: number(visible, next), target: target))
        case 10: return function(pick(["ivo_to_jd", "ivo_to_mjd"]), [value(.timestamp, visible, depth: next)])
        default: return function("ivo_healpix_index", [literal(["5"]), value(.point, visible, depth: next)])
        }
    }

    private mutating func text(_ visible: [Visible], _ depth: Int) -> ValueExpression {
        if depth <= 0 || chance(30) {
            if chance(60), let column = column(visible, where: { $0.isText }) { return column }
            let uuid = RowIdentifier(tag: Sky.sourceTag, key: 3).uuid
            let texts = ["", "a", "O'Neill", "back\\slash", "%", "naïve", uuid]
            return ValueExpression.string(StringLiteral(pick(texts)))
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let kinds: [Kind] = [.number, .text, .timestamp]
            let first = text(visible, depth - 1)
            return ValueExpression.concatenation([first, value(pick(kinds), visible, depth: depth - 1)], TextSpan.none)
        case 1: return function(pick(["LOWER", "UPPER"]), [text(visible, depth - 1)])
        case 2:
            let targets = [CastTarget(.varchar), CastTarget(.varchar, length: 5), CastTarget(.char, length: 3)]
            let kinds: [Kind] = [.number, .text, .timestamp, .point]
            return ValueExpression.cast(
                CastSpecification(value: value(pick(kinds), visible, depth: depth - 1), target: pick(targets)))
        default: return function("COORDSYS", [value(chance(50) ? .point : .circle, visible, depth: depth - 1)])
        }
    }
}
