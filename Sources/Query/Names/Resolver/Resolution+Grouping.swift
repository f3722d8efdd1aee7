import ADQL
import TableModel

/// What a query with groups or aggregates may select.
extension Resolution {
    /// Reports each column that is neither grouped nor aggregated, once per place.
    mutating func checkGrouping(_ selection: ResolvedSelection, _ order: [ResolvedSubquery.SortItem], _ entries: FromEntries) {
        let sorted = order.compactMap { item in if case .expression(let value) = item.key { value } else { nil } }
        let isGrouped =
            !selection.groups.isEmpty || selection.having != nil || (selection.items + sorted).contains { $0.hasAggregate }
        guard isGrouped, !selection.groups.contains(where: { $0.node == .unresolved }) else { return }
        let groups = Set(selection.groups)
        let own = Set(entries.sources.map(\.id))
        var found: [(String, TextSpan)] = []
        let visitor = GroupingVisitor(groups: groups, own: own)
        for item in selection.items { visitor.check(item, &found) }
        if let having = selection.having { visitor.check(having, &found) }
        for item in sorted { visitor.check(item, &found) }
        // Of the many columns of a `*` the first says enough.
        var places: Set<Int> = []
        for (name, span) in found where places.insert(span.start).inserted { report(.notGrouped(name, at: span)) }
    }
}

private struct GroupingVisitor {
    let groups: Set<ResolvedExpression>
    let own: Set<Int>

    func check(_ expression: ResolvedExpression, _ found: inout [(String, TextSpan)]) {
        expression.visit(inSubquery: false) { visited, inSubquery in check(visited, inSubquery, &found) }
    }

    func check(_ condition: ResolvedCondition, _ found: inout [(String, TextSpan)]) {
        condition.visit(inSubquery: false) { visited, inSubquery in check(visited, inSubquery, &found) }
    }

    /// Whether to look further inside.
    private func check(_ expression: ResolvedExpression, _ inSubquery: Bool, _ found: inout [(String, TextSpan)]) -> Bool {
        switch expression.node {
        case .column(let reference):
            // Inside a subquery PostgreSQL sees through grouped columns, not through grouped expressions.
            if own.contains(reference.source), !groups.contains(expression) { found.append((reference.name, expression.span)) }
            return false
        case .aggregate where !inSubquery: return false
        case .function(let form, _) where form.aggregate && !inSubquery: return false
        default: return inSubquery || !groups.contains(expression)
        }
    }
}
