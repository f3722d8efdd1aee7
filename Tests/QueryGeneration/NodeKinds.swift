package import ADQL

/// Which kinds of nodes a tree has: one word for each case of each type of the grammar.
///
/// A test that generates trees asks it whether it has seen them all. The switches have no default, so that a new case of the grammar
/// can't be forgotten here; ``all`` lists what they can say.
package struct NodeKinds: Sendable {
    package private(set) var counts: [String: Int] = [:]

    package init() {}

    package static let all: Set<String> = [
        "with", "order by", "offset", "limit", "position", "sort expression", "descending", "selection", "union", "except", "intersect",
        "set all", "parenthesized", "distinct", "top", "where", "group by", "having", "*", "t.*", "item", "alias", "table", "table alias",
        "derived", "joined", "inner", "left", "right", "full", "cross", "on", "using", "natural", "no condition", "or", "and", "not",
        "exists", "comparison", "=", "<>", "<", "<=", ">", ">=", "between", "not between", "in list", "not in list", "in subquery",
        "not in subquery", "like", "not like", "ilike", "not ilike", "is null", "is not null", "null", "integer", "decimal",
        "approximate", "string", "column", "delimited", "qualified", "plus sign", "minus sign", "times", "divided by", "plus", "minus",
        "concatenation", "function", "no arguments", "count", "avg", "max", "min", "sum", "count(*)", "aggregate distinct", "cast",
        "cast length", "simple case", "searched case", "else", "subquery",
    ]

    private mutating func see(_ kind: String, _ condition: Bool = true) {
        if condition { counts[kind, default: 0] += 1 }
    }

    // MARK: Queries

    package mutating func add(_ query: Query) {
        for common in query.with {
            see("with")
            add(common.query)
        }
        add(query.body)
        for item in query.orderBy {
            see("order by")
            see("descending", item.descending)
            switch item.key {
            case .position: see("position")
            case .expression(let value):
                see("sort expression")
                add(value)
            }
        }
        see("offset", query.offset != nil)
        see("limit", query.limit != nil)
    }

    private mutating func add(_ expression: SetExpression) {
        switch expression {
        case .selection(let selection): add(selection)
        case .parenthesized(let query):
            see("parenthesized")
            add(query)
        case .operation(let operation):
            add(operation.first)
            for step in operation.steps {
                switch step.operator {
                case .union: see("union")
                case .except: see("except")
                case .intersect: see("intersect")
                }
                see("set all", step.all)
                add(step.operand)
            }
        }
    }

    private mutating func add(_ selection: Selection) {
        see("selection")
        see("distinct", selection.distinct)
        see("top", selection.top != nil)
        for item in selection.items {
            switch item {
            case .all: see("*")
            case .allOf(let name, _):
                see("t.*")
                add(name)
            case .expression(let value, let alias):
                see("item")
                see("alias", alias != nil)
                add(value)
            }
        }
        for table in selection.from { add(table) }
        if let condition = selection.where {
            see("where")
            add(condition)
        }
        for value in selection.groupBy {
            see("group by")
            add(value)
        }
        if let condition = selection.having {
            see("having")
            add(condition)
        }
    }

    private mutating func add(_ name: QualifiedName) {
        see("qualified", name.parts.count > 1)
        see("delimited", name.parts.contains { $0.delimited })
    }

    // MARK: FROM

    private mutating func add(_ table: TableReference) {
        switch table {
        case .table(let table):
            see("table")
            see("table alias", table.alias != nil)
            add(table.name)
        case .derived(let table):
            see("derived")
            add(table.query)
        case .joined(let joined):
            see("joined")
            add(joined.first)
            for join in joined.joins { add(join) }
        }
    }

    private mutating func add(_ join: Join) {
        switch join.kind {
        case .inner: see("inner")
        case .left: see("left")
        case .right: see("right")
        case .full: see("full")
        case .cross: see("cross")
        }
        add(join.table)
        switch join.specification {
        case .on(let condition):
            see("on")
            add(condition)
        case .using: see("using")
        case .natural: see("natural")
        case .none: see("no condition")
        }
    }

    // MARK: Conditions

    private mutating func add(_ condition: SearchCondition) {
        switch condition {
        case .or(let terms, _):
            see("or")
            for term in terms { add(term) }
        case .and(let factors, _):
            see("and")
            for factor in factors { add(factor) }
        case .not(let operand, _):
            see("not")
            add(operand)
        case .comparison(let predicate):
            see("comparison")
            see(predicate.operator.rawValue)
            for value in [predicate.left, predicate.right] { add(value) }
        case .between(let predicate):
            see(predicate.negated ? "not between" : "between")
            for value in [predicate.value, predicate.lower, predicate.upper] { add(value) }
        case .in(let predicate):
            add(predicate.value)
            switch predicate.set {
            case .list(let values):
                see(predicate.negated ? "not in list" : "in list")
                for value in values { add(value) }
            case .subquery(let query):
                see(predicate.negated ? "not in subquery" : "in subquery")
                add(query)
            }
        case .like(let predicate):
            see((predicate.negated ? "not " : "") + (predicate.caseInsensitive ? "ilike" : "like"))
            for value in [predicate.value, predicate.pattern] { add(value) }
        case .isNull(let predicate):
            see(predicate.negated ? "is not null" : "is null")
            add(predicate.value)
        case .exists(let query, _):
            see("exists")
            add(query)
        }
    }

    // MARK: Values

    private mutating func add(_ value: ValueExpression) {
        switch value {
        case .null: see("null")
        case .numeric(let literal):
            switch literal.kind {
            case .integer: see("integer")
            case .decimal: see("decimal")
            case .approximate: see("approximate")
            }
        case .string: see("string")
        case .column(let name):
            see("column")
            add(name)
        case .signed(let sign, let operand, _):
            see(sign == .plus ? "plus sign" : "minus sign")
            add(operand)
        case .product(let chain):
            add(chain.first)
            for step in chain.steps {
                see(step.operator == .times ? "times" : "divided by")
                add(step.operand)
            }
        case .sum(let chain):
            add(chain.first)
            for step in chain.steps {
                see(step.operator == .plus ? "plus" : "minus")
                add(step.operand)
            }
        case .concatenation(let operands, _):
            see("concatenation")
            for operand in operands { add(operand) }
        case .function(let call):
            see("function")
            see("no arguments", call.arguments.isEmpty)
            for argument in call.arguments { add(argument) }
        case .aggregate(let function):
            see(function.kind.rawValue)
            see("aggregate distinct", function.distinct)
            if let argument = function.argument { add(argument) } else { see("count(*)") }
        case .cast(let cast):
            see("cast")
            see("cast length", cast.target.length != nil)
            add(cast.value)
        case .case(let expression): add(expression)
        case .subquery(let query):
            see("subquery")
            add(query)
        }
    }

    private mutating func add(_ expression: CaseExpression) {
        see(expression.operand == nil ? "searched case" : "simple case")
        if let operand = expression.operand { add(operand) }
        for branch in expression.branches {
            switch branch.when {
            case .condition(let condition): add(condition)
            case .value(let value): add(value)
            }
            add(branch.then)
        }
        see("else", expression.otherwise != nil)
        if let otherwise = expression.otherwise { add(otherwise) }
    }
}
