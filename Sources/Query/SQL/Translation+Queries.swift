import ADQL
import Names
import TableModel

/// SELECT, FROM, set operations, sorting and limits.
extension Translation {
    /// Writes a query without parentheses around it.
    ///
    /// - Parameters:
    ///   - types: what the output columns are to be, where that differs from what they are (set operations, IN).
    ///   - limit: at most so many rows.
    mutating func subquery(_ subquery: ResolvedSubquery, types: [ValueType], _ encoding: Encoding, limit: Int? = nil) {
        let encoding = encoding == .natural && subquery.source.packsShapes ? .packed : encoding
        let limit = [subquery.limit, limit].compactMap(\.self).min()
        switch subquery.source {
        case .selection(let selection): self.selection(selection, types, encoding)
        case .operation(let first, let steps): operation(first, steps, types, encoding)
        case .nested(let inner):
            if subquery.order.isEmpty, subquery.offset == nil, limit == nil {
                return self.subquery(inner, types: types, encoding)
            }
            // PostgreSQL takes one ORDER BY and one LIMIT, whatever parentheses stand between two.
            out += "SELECT "
            list(types.indices) { $0.out += "q.c\($1 + 1)" }
            out += " FROM ("
            self.subquery(inner, types: types, encoding)
            out += ") AS q"
        }
        order(subquery.order)
        if let limit { out += " LIMIT \(limit)" }
        if let offset = subquery.offset { out += " OFFSET \(offset)" }
    }

    private mutating func selection(_ selection: ResolvedSelection, _ types: [ValueType], _ encoding: Encoding) {
        let limits = pending
        pending = []
        pass(selection)
        out += selection.distinct ? "SELECT DISTINCT " : "SELECT "
        list(zip(selection.items, types).enumerated()) { writer, item in
            writer.output(item.element.0, as: item.element.1, encoding)
            writer.out += " AS c\(item.offset + 1)"
        }
        out += " FROM "
        list(selection.from) { $0.relation($1) }
        if let condition = selection.condition {
            out += " WHERE "
            self.condition(condition)
        }
        cones(limits, isFirst: selection.condition == nil)
        if !selection.groups.isEmpty {
            out += " GROUP BY "
            list(selection.groups) { writer, group in
                writer.value(group)
                // A bare number would be a position.
                if group.constant != nil { writer.out += "::\(group.type.sqlName)" }
            }
        }
        if let having = selection.having {
            out += " HAVING "
            condition(having)
        }
    }

    private mutating func operation(
        _ first: ResolvedSubquery.Source, _ steps: [ResolvedSubquery.SetStep], _ types: [ValueType], _ encoding: Encoding
    ) {
        operand(first, types, encoding)
        for step in steps {
            switch step.operator {
            case .union: out += " UNION "
            case .except: out += " EXCEPT "
            case .intersect: out += " INTERSECT "
            }
            if step.all { out += "ALL " }
            operand(step.operand, types, encoding)
        }
    }

    private mutating func operand(_ source: ResolvedSubquery.Source, _ types: [ValueType], _ encoding: Encoding) {
        out += "("
        switch source {
        case .selection(let selection):
            self.selection(selection, types, encoding)
            if let top = selection.top { out += " LIMIT \(top)" }
        case .operation(let first, let steps): operation(first, steps, types, encoding)
        case .nested(let subquery): self.subquery(subquery, types: types, encoding)
        }
        out += ")"
    }

    private mutating func order(_ items: [ResolvedSubquery.SortItem]) {
        // A constant sorts nothing, and PostgreSQL would take a number for a position.
        let items = items.filter { item in
            guard case .expression(let value) = item.key else { return true }
            switch value.node {
            case .null, .string, .boolean: return false
            default: return value.constant == nil
            }
        }
        guard !items.isEmpty else { return }
        out += " ORDER BY "
        list(items) { writer, item in
            switch item.key {
            case .output(let index): writer.out += "\(index + 1)"
            case .expression(let value): writer.value(value)
            }
            if item.descending { writer.out += " DESC" }
        }
    }

    // MARK: FROM

    private mutating func relation(_ relation: ResolvedRelation) {
        switch relation {
        case .table(let table, let source):
            identifier(table.sqlSchema)
            out += "."
            identifier(table.sqlName)
            out += " AS t\(source + 1)"
        case .common(let index, let source): out += "w\(index + 1) AS t\(source + 1)"
        case .derived(let subquery, let source):
            out += "("
            pending = passed[source] ?? []
            self.subquery(subquery, types: subquery.columns.map(\.type), .natural)
            out += ") AS t\(source + 1)"
        case .joined(let first, let joins):
            operand(first)
            for join in joins { self.join(join) }
        }
    }

    private mutating func join(_ join: ResolvedJoin) {
        switch join.kind {
        case .inner: out += " JOIN "
        case .left: out += " LEFT JOIN "
        case .right: out += " RIGHT JOIN "
        case .full: out += " FULL JOIN "
        case .cross: out += " CROSS JOIN "
        }
        operand(join.relation)
        if let condition = join.condition {
            out += " ON "
            self.condition(condition)
        }
    }

    private mutating func operand(_ relation: ResolvedRelation) {
        guard case .joined = relation else { return self.relation(relation) }
        out += "("
        self.relation(relation)
        out += ")"
    }
}
