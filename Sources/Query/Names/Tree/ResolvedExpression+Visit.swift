import ADQL
import TableModel

extension ResolvedExpression {
    /// Whether an aggregate of this query, not of one inside it, is part of the expression.
    package var hasAggregate: Bool {
        var found = false
        visit(inSubquery: false) { expression, inSubquery in
            if inSubquery { return false }
            switch expression.node {
            case .aggregate: found = true
            case .function(let form, _) where form.aggregate: found = true
            default: break
            }
            return !found
        }
        return found
    }

    /// The FROM entries whose columns make the value; nil when something else does too (random numbers, subqueries).
    fileprivate var steadySources: Set<Int>? {
        var sources: Set<Int> = []
        var steady = true
        visit(inSubquery: false) { expression, _ in
            switch expression.node {
            case .column(let reference): sources.insert(reference.source)
            case .subquery: steady = false
            case .function(let form, _): steady = steady && !form.isVolatile
            default: break
            }
            return steady
        }
        return steady ? sources : nil
    }

    /// Whether the value holds no condition and no query of its own, so that it may be written twice: what may be doubled at each level of
    /// nesting would grow without bounds.
    package var isSimple: Bool {
        var simple = true
        visit(inSubquery: false) { expression, _ in
            switch expression.node {
            case .case, .subquery: simple = false
            default: break
            }
            return simple
        }
        return simple
    }

    /// Whether the value may differ from row to row.
    package var hasColumns: Bool {
        var found = false
        visitColumns { _, _ in found = true }
        return found
    }

    /// Every column in the expression, those in subqueries too.
    func visitColumns(_ body: (ColumnReference, TextSpan) -> Void) {
        visit(inSubquery: false) { expression, _ in
            if case .column(let reference) = expression.node { body(reference, expression.span) }
            return true
        }
    }

    /// Goes through the expression from the outside in; `body` says whether to go into what it was given.
    func visit(inSubquery: Bool, _ body: (ResolvedExpression, Bool) -> Bool) {
        guard body(self, inSubquery) else { return }
        switch node {
        case .null, .integer, .number, .string, .boolean, .column, .unresolved: break
        case .merged(let a, let b):
            a.visit(inSubquery: inSubquery, body)
            b.visit(inSubquery: inSubquery, body)
        case .negation(let operand), .cast(let operand), .scaled(let operand, _): operand.visit(inSubquery: inSubquery, body)
        case .arithmetic(let first, let steps):
            first.visit(inSubquery: inSubquery, body)
            for step in steps { step.operand.visit(inSubquery: inSubquery, body) }
        case .concatenation(let operands), .function(_, let operands):
            for operand in operands { operand.visit(inSubquery: inSubquery, body) }
        case .aggregate(_, _, let argument): argument?.visit(inSubquery: inSubquery, body)
        case .case(let operand, let branches, let otherwise):
            operand?.visit(inSubquery: inSubquery, body)
            for branch in branches {
                switch branch.when {
                case .condition(let condition): condition.visit(inSubquery: inSubquery, body)
                case .value(let value): value.visit(inSubquery: inSubquery, body)
                }
                branch.then.visit(inSubquery: inSubquery, body)
            }
            otherwise?.visit(inSubquery: inSubquery, body)
        case .subquery(let subquery): subquery.visit(body)
        }
    }
}

extension ResolvedCondition {
    /// Whether a value of one side must equal one of the other for the condition to hold.
    func equates(_ left: Set<Int>, _ right: Set<Int>) -> Bool {
        switch self {
        case .and(let conditions): return conditions.contains { $0.equates(left, right) }
        case .comparison(let a, .equal, let b):
            guard !a.type.isGeometry, let from = a.steadySources, let to = b.steadySources, !from.isEmpty, !to.isEmpty else { return false }
            return from.isSubset(of: left) && to.isSubset(of: right) || from.isSubset(of: right) && to.isSubset(of: left)
        default: return false
        }
    }

    func visit(inSubquery: Bool, _ body: (ResolvedExpression, Bool) -> Bool) {
        switch self {
        case .and(let conditions), .or(let conditions):
            for condition in conditions { condition.visit(inSubquery: inSubquery, body) }
        case .not(let condition): condition.visit(inSubquery: inSubquery, body)
        case .comparison(let left, _, let right):
            left.visit(inSubquery: inSubquery, body)
            right.visit(inSubquery: inSubquery, body)
        case .between(let value, _, let lower, let upper):
            for part in [value, lower, upper] { part.visit(inSubquery: inSubquery, body) }
        case .list(let value, _, let list):
            value.visit(inSubquery: inSubquery, body)
            for element in list { element.visit(inSubquery: inSubquery, body) }
        case .membership(let value, _, let subquery):
            value.visit(inSubquery: inSubquery, body)
            subquery.visit(body)
        case .like(let value, _, _, let pattern):
            value.visit(inSubquery: inSubquery, body)
            pattern.visit(inSubquery: inSubquery, body)
        case .isNull(let value, _): value.visit(inSubquery: inSubquery, body)
        case .exists(let subquery): subquery.visit(body)
        case .unresolved: break
        }
    }
}

extension ResolvedSubquery {
    func visit(_ body: (ResolvedExpression, Bool) -> Bool) {
        source.visit(body)
        for item in order {
            if case .expression(let value) = item.key { value.visit(inSubquery: true, body) }
        }
    }
}

extension ResolvedSubquery.Source {
    fileprivate func visit(_ body: (ResolvedExpression, Bool) -> Bool) {
        switch self {
        case .selection(let selection):
            for item in selection.items + selection.groups { item.visit(inSubquery: true, body) }
            for relation in selection.from { relation.visit(body) }
            selection.condition?.visit(inSubquery: true, body)
            selection.having?.visit(inSubquery: true, body)
        case .operation(let first, let steps):
            first.visit(body)
            for step in steps { step.operand.visit(body) }
        case .nested(let subquery): subquery.visit(body)
        }
    }
}

extension ResolvedRelation {
    fileprivate func visit(_ body: (ResolvedExpression, Bool) -> Bool) {
        switch self {
        case .table, .common: break
        case .derived(let subquery, _): subquery.visit(body)
        case .joined(let first, let joins):
            first.visit(body)
            for join in joins {
                join.relation.visit(body)
                join.condition?.visit(inSubquery: true, body)
            }
        }
    }
}
