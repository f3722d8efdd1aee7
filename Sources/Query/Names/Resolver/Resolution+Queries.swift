import ADQL
import TableModel

/// Queries and subqueries: SELECT lists, set operations, sorting.
extension Resolution {
    /// Resolves a query whose names may also mean those of `outer`.
    mutating func subquery(_ query: Query, outer: Scope?) -> ResolvedSubquery {
        let before = commonNames.count
        defer { commonNames.removeLast(commonNames.count - before) }
        for (index, table) in query.with.enumerated() {
            if query.with[..<index].contains(where: { table.name.matches($0.name) }) { report(.duplicateCommonTable(table.name)) }
            let common = subquery(table.query, outer: nil)
            commonTables.append(common)
            commonNames.append((table.name, commonTables.count - 1))
        }
        if query.limit != nil, !warnings.contains(Self.limitWarning) { warnings.append(Self.limitWarning) }
        if case .selection(let selection) = query.body {
            var (resolved, columns, order) = self.selection(selection, orderBy: query.orderBy, outer: outer)
            resolved.top = nil
            return ResolvedSubquery(
                source: .selection(resolved), columns: columns, order: order, offset: query.offset?.count,
                limit: [selection.top?.count, query.limit?.count].compactMap(\.self).min())
        }
        let (source, columns) = set(query.body, outer: outer)
        let order = query.orderBy.compactMap { sortOfSet($0, columns) }
        return ResolvedSubquery(
            source: source, columns: columns, order: order, offset: query.offset?.count, limit: query.limit?.count)
    }

    private static let limitWarning = "LIMIT is not in ADQL and was read as TOP"

    // MARK: SELECT

    private mutating func selection(
        _ selection: Selection, orderBy: [SortItem], outer: Scope?
    ) -> (ResolvedSelection, [Column], [ResolvedSubquery.SortItem]) {
        let (relations, entries) = from(selection.from, outer: outer)
        let aliases = selection.items.compactMap { item in if case .expression(_, let alias?) = item { alias } else { nil } }
        let scope = Scope(parent: outer, entries: entries, aliases: aliases)
        let context = Context(scope: scope, aggregates: .allowed)

        var items: [ResolvedExpression] = []
        var names: [OutputName] = []
        for item in selection.items { add(item, to: &items, &names, context) }
        if items.count > Self.columnLimit {
            report(.tooComplex(limit: Self.columnLimit, what: "output columns", at: selection.span))
        }

        let condition = selection.where.map {
            self.condition($0, Context(scope: scope, aggregates: .forbidden("WHERE")))
        }
        let named = zip(names, items).compactMap { name, item in name.alias.map { (name: $0, expression: item) } }
        let groups = self.groups(selection.groupBy, Context(scope: scope, aggregates: .forbidden("GROUP BY"), aliases: named))
        let having = selection.having.map { self.condition($0, context) }
        let order = orderBy.compactMap { sort($0, items, names, distinct: selection.distinct, context) }

        let resolved = ResolvedSelection(
            distinct: selection.distinct, top: selection.top?.count, items: items, from: relations, condition: condition,
            groups: groups, having: having)
        checkGrouping(resolved, order, entries)
        return (resolved, columns(items, names), order)
    }

    private mutating func add(
        _ item: SelectItem, to items: inout [ResolvedExpression], _ names: inout [OutputName], _ context: Context
    ) {
        // One too many is enough to report.
        guard items.count <= Self.columnLimit else { return }
        let entries = context.scope.entries
        switch item {
        case .all(let span):
            for column in entries.visible {
                items.append(placed(column.expression, at: span))
                names.append(OutputName(alias: nil, name: column.name))
            }
        case .allOf(let table, let span):
            let sources = entries.sources(answering: table.parts[...])
            guard let source = sources.first else {
                if !entries.isIncomplete { reportUnknownQualifier(QualifiedName(table.parts + [Name("*", span: span)]), context.scope) }
                return
            }
            if sources.count > 1 { report(.ambiguousTable(table, candidates: sources.map(\.display))) }
            for column in source.columns {
                items.append(placed(column.expression, at: span))
                names.append(OutputName(alias: nil, name: column.name))
            }
        case .expression(let expression, let alias):
            let value = value(expression, context)
            items.append(value)
            names.append(OutputName(alias: alias, name: alias?.text ?? OutputName.own(of: expression, value)))
        }
    }

    private func columns(_ items: [ResolvedExpression], _ names: [OutputName]) -> [Column] {
        var taken = Set(names.compactMap { $0.name?.lowercased() })
        return items.indices.map { index in
            let item = items[index]
            var name = names[index].name ?? ""
            if names[index].name == nil {
                name = "\(OutputName.word(for: item))_\(index + 1)"
                while !taken.insert(name).inserted { name += "_" }
            }
            var column = Column(
                name, item.type, unit: item.metadata.unit.flatMap { $0.isEmpty ? nil : $0 }, ucd: item.metadata.ucd,
                utype: item.metadata.utype,
                description: item.metadata.description, principal: item.metadata.principal, std: item.metadata.std,
                sqlName: "c\(index + 1)")
            if case .column = item.node, let declared = item.metadata.declared, declared.type == item.type {
                column.declared = declared.votable
            }
            return column
        }
    }

    // MARK: GROUP BY

    private mutating func groups(_ groups: [ValueExpression], _ context: Context) -> [ResolvedExpression] {
        groups.map { group in
            if case .numeric(let literal) = group, literal.kind == .integer {
                report(.groupedPosition(literal.text, at: literal.span))
                return unresolved(literal.span)
            }
            let before = diagnostics.count
            let value = value(group, context)
            if value.type.isGeometry { report(.ungroupable(value.type, clause: "GROUP BY", at: value.span)) }
            // By way of an alias.
            if value.hasAggregate, diagnostics.count == before {
                report(.misplacedAggregate("an aggregate", clause: "GROUP BY", at: value.span))
            }
            return value
        }
    }

    // MARK: ORDER BY

    private mutating func sort(
        _ item: SortItem, _ items: [ResolvedExpression], _ names: [OutputName], distinct: Bool, _ context: Context
    ) -> ResolvedSubquery.SortItem? {
        switch item.key {
        case .position(let position, let span):
            guard items.indices.contains(position - 1) else {
                if !context.scope.entries.isIncomplete { report(.orderPosition(position, count: items.count, at: span)) }
                return nil
            }
            return sort(items[position - 1], at: position - 1, item)
        case .expression(let expression):
            if case .column(let name) = expression, name.parts.count == 1 {
                let found = names.indices.filter { names[$0].alias.map { name.name.matches($0) } ?? false }
                if found.count > 1, found.contains(where: { items[$0] != items[found[0]] }) {
                    report(.ambiguousColumn(name, candidates: []))
                    return nil
                }
                if let index = found.first { return sort(items[index], at: index, item) }
            }
            let aliases = zip(names, items).compactMap { name, item in name.alias.map { (name: $0, expression: item) } }
            let value = value(expression, Context(scope: context.scope, aggregates: context.aggregates, aliases: aliases))
            if let index = items.firstIndex(of: value) { return sort(value, at: index, item) }
            if distinct, value.node != .unresolved { report(.orderDistinct(at: value.span)) }
            return sort(value, at: nil, item)
        }
    }

    private mutating func sort(_ value: ResolvedExpression, at index: Int?, _ item: SortItem) -> ResolvedSubquery.SortItem {
        if value.type.isGeometry { report(.ungroupable(value.type, clause: "ORDER BY", at: item.span)) }
        return ResolvedSubquery.SortItem(key: index.map { .output($0) } ?? .expression(value), descending: item.descending)
    }

    private mutating func sortOfSet(_ item: SortItem, _ columns: [Column]) -> ResolvedSubquery.SortItem? {
        let index: Int
        switch item.key {
        case .position(let position, let span):
            guard columns.indices.contains(position - 1) else {
                if !columns.isEmpty { report(.orderPosition(position, count: columns.count, at: span)) }
                return nil
            }
            index = position - 1
        case .expression(.column(let name)) where name.parts.count == 1:
            let found = columns.indices.filter { name.name.matches(columns[$0].name) }
            guard found.count == 1 else {
                if found.count > 1 {
                    report(.ambiguousColumn(name, candidates: []))
                } else if !columns.isEmpty {
                    let nearest = NearestNames.nearest(to: name.name.text, among: columns.map(\.name))
                    report(.unknownColumn(name, in: "the result of the set operation", nearest: nearest))
                }
                return nil
            }
            index = found[0]
        case .expression:
            report(.orderSet(at: item.span))
            return nil
        }
        if columns[index].type.isGeometry { report(.ungroupable(columns[index].type, clause: "ORDER BY", at: item.span)) }
        return ResolvedSubquery.SortItem(key: .output(index), descending: item.descending)
    }

    // MARK: Set operations

    private mutating func set(_ expression: SetExpression, outer: Scope?) -> (ResolvedSubquery.Source, [Column]) {
        switch expression {
        case .selection(let selection):
            let (resolved, columns, _) = self.selection(selection, orderBy: [], outer: outer)
            return (.selection(resolved), columns)
        case .parenthesized(let query):
            let subquery = self.subquery(query, outer: outer)
            return (.nested(subquery), subquery.columns)
        case .operation(let operation):
            var (first, columns) = set(operation.first, outer: outer)
            var steps: [ResolvedSubquery.SetStep] = []
            for step in operation.steps {
                let (operand, others) = set(step.operand, outer: outer)
                steps.append(.init(operator: step.operator, all: step.all, operand: operand))
                unify(&columns, others, step)
            }
            return (.operation(first: first, steps), columns)
        }
    }

    /// The first operand gives names, units and the rest; the types widen.
    private mutating func unify(_ columns: inout [Column], _ others: [Column], _ step: SetOperation.Step) {
        let word = step.operator.word
        guard columns.count == others.count else {
            // One without columns has been reported.
            if !columns.isEmpty, !others.isEmpty { report(.setColumns(word, columns.count, others.count, at: step.span)) }
            return
        }
        for index in columns.indices {
            guard let common = columns[index].type.common(with: others[index].type) else {
                report(.setTypes(word, column: index + 1, columns[index].type, others[index].type, at: step.span))
                continue
            }
            columns[index].type = common
        }
    }
}

/// What an output column is called, as far as the query says.
struct OutputName {
    var alias: Name?
    /// nil for an expression without alias.
    var name: String?

    /// A column's own name.
    static func own(of expression: ValueExpression, _ value: ResolvedExpression) -> String? {
        guard case .column(let name) = expression else { return nil }
        if case .column(let reference) = value.node { return reference.name }
        return name.name.text
    }

    /// The first part of a name that is made up: `max` in `max_1`.
    static func word(for expression: ResolvedExpression) -> String {
        switch expression.node {
        case .aggregate(let kind, _, _): kind.rawValue
        case .function(let form, _): form.function.lowercased()
        default: "col"
        }
    }
}

extension SetOperation.Operator {
    var word: String {
        switch self {
        case .union: "UNION"
        case .except: "EXCEPT"
        case .intersect: "INTERSECT"
        }
    }
}
