extension Writer {
    mutating func write(_ query: Query) {
        if !query.with.isEmpty {
            write("WITH ")
            list(query.with) { writer, common in
                writer.write(common.name)
                writer.write(" AS ")
                writer.parenthesized { $0.write(common.query) }
            }
            write(" ")
        }
        write(query.body)
        if !query.orderBy.isEmpty {
            write(" ORDER BY ")
            list(query.orderBy) { $0.write($1) }
        }
        if let offset = query.offset { write(" OFFSET \(offset.count)") }
        if let limit = query.limit { write(" LIMIT \(limit.count)") }
    }

    private mutating func write(_ item: SortItem) {
        switch item.key {
        case .position(let position, _): write("\(position)")
        case .expression(let expression): write(expression)
        }
        if item.descending { write(" DESC") }
    }

    // MARK: Set operations

    private mutating func write(_ expression: SetExpression) {
        switch expression {
        case .selection(let selection): write(selection)
        case .parenthesized(let query): parenthesized { $0.write(query) }
        case .operation(let operation):
            write(operation.first)
            for step in operation.steps {
                write(" \(step.operator.keyword.text) ")
                if step.all { write("ALL ") }
                write(step.operand)
            }
        }
    }

    private mutating func write(_ selection: Selection) {
        write("SELECT ")
        if selection.distinct { write("DISTINCT ") }
        if let top = selection.top { write("TOP \(top.count) ") }
        list(selection.items) { $0.write($1) }
        write(" FROM ")
        list(selection.from) { $0.write($1) }
        if let condition = selection.where {
            write(" WHERE ")
            write(condition)
        }
        if !selection.groupBy.isEmpty {
            write(" GROUP BY ")
            list(selection.groupBy) { $0.write($1) }
        }
        if let condition = selection.having {
            write(" HAVING ")
            write(condition)
        }
    }

    private mutating func write(_ item: SelectItem) {
        switch item {
        case .all: write("*")
        case .allOf(let name, _):
            write(name)
            write(".*")
        case .expression(let expression, let alias):
            write(expression)
            write(alias: alias)
        }
    }

    private mutating func write(alias: Name?) {
        guard let alias else { return }
        write(" AS ")
        write(alias)
    }

    // MARK: FROM

    private mutating func write(_ table: TableReference) {
        switch table {
        case .table(let table):
            write(table.name)
            write(alias: table.alias)
        case .derived(let table):
            parenthesized { $0.write(table.query) }
            write(alias: table.alias)
        case .joined(let table):
            write(side: table.first)
            for join in table.joins { write(join) }
        }
    }

    /// One side of a join; parentheses keep what is joined inside together.
    private mutating func write(side table: TableReference) {
        if case .joined = table {
            parenthesized { $0.write(table) }
        } else {
            write(table)
        }
    }

    private mutating func write(_ join: Join) {
        if case .natural = join.specification { write(" NATURAL") }
        switch join.kind {
        case .inner: write(" JOIN ")
        case .left: write(" LEFT JOIN ")
        case .right: write(" RIGHT JOIN ")
        case .full: write(" FULL JOIN ")
        case .cross: write(" CROSS JOIN ")
        }
        write(side: join.table)
        switch join.specification {
        case .on(let condition):
            write(" ON ")
            write(condition)
        case .using(let names):
            write(" USING ")
            parenthesized { $0.list(names) { $0.write($1) } }
        case .natural, .none: break
        }
    }
}

extension SetOperation.Operator {
    var keyword: Keyword {
        switch self {
        case .union: .union
        case .except: .except
        case .intersect: .intersect
        }
    }
}
