import Names
import TableModel

/// From a column of the result back to the published column whose values it shows, through subqueries and common tables.
struct ColumnOrigins {
    struct Origin: Hashable {
        /// As a query writes them.
        var table: String
        var column: String
    }

    /// Where the rows of a FROM entry come from.
    private enum Source {
        case table(Table)
        case subquery(ResolvedSubquery)
    }

    private let root: ResolvedSubquery
    private var sources: [Int: Source] = [:]

    init(of query: ResolvedQuery) {
        root = query.root
        for subquery in query.commonTables + [query.root] { collect(subquery, query.commonTables) }
    }

    /// The origin of a column of the result; nil for what is computed, and for what set operations bring together.
    func origin(ofColumn index: Int) -> Origin? { origin(ofColumn: index, in: root.source) }

    private func origin(ofColumn index: Int, in source: ResolvedSubquery.Source) -> Origin? {
        switch source {
        case .selection(let selection):
            guard selection.items.indices.contains(index), case .column(let reference) = selection.items[index].node else { return nil }
            switch (sources[reference.source], reference.place) {
            case (.table(let table), .stored):
                let name = table.columns.first { $0.name == reference.name }?.adqlName ?? reference.name
                return Origin(table: table.adqlName, column: name)
            case (.subquery(let inner), .output(let place)): return origin(ofColumn: place, in: inner.source)
            default: return nil
            }
        case .nested(let inner): return origin(ofColumn: index, in: inner.source)
        case .operation: return nil
        }
    }

    private mutating func collect(_ subquery: ResolvedSubquery, _ common: [ResolvedSubquery]) {
        collect(subquery.source, common)
    }

    private mutating func collect(_ source: ResolvedSubquery.Source, _ common: [ResolvedSubquery]) {
        switch source {
        case .selection(let selection):
            for relation in selection.from { collect(relation, common) }
        case .nested(let inner): collect(inner, common)
        case .operation: break
        }
    }

    private mutating func collect(_ relation: ResolvedRelation, _ common: [ResolvedSubquery]) {
        switch relation {
        case .table(let table, let source): sources[source] = .table(table)
        case .common(let index, let source):
            if common.indices.contains(index) { sources[source] = .subquery(common[index]) }
        case .derived(let inner, let source):
            sources[source] = .subquery(inner)
            collect(inner, common)
        case .joined(let first, let joins):
            collect(first, common)
            for join in joins { collect(join.relation, common) }
        }
    }
}
