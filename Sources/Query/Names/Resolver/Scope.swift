import ADQL
import TableModel

/// What the names of one SELECT may mean: the entries of its FROM, then those of the query around it.
final class Scope {
    let parent: Scope?
    let entries: FromEntries
    /// Aliases of the SELECT list, for hints.
    let aliases: [Name]

    init(parent: Scope?, entries: FromEntries, aliases: [Name] = []) {
        self.parent = parent
        self.entries = entries
        self.aliases = aliases
    }
}

/// The tables of a FROM clause, or of a part of one, and the columns that can be named without a qualifier.
struct FromEntries {
    var sources: [Source] = []
    /// In the order of `*`; a column common to both sides of a join stands once.
    var visible: [VisibleColumn] = []

    /// A table is unknown, so that nothing can be said of names that are not found.
    var isIncomplete: Bool { sources.contains(where: \.isUnknown) }

    static func + (left: Self, right: Self) -> Self {
        FromEntries(sources: left.sources + right.sources, visible: left.visible + right.visible)
    }
}

struct VisibleColumn {
    var name: String
    var expression: ResolvedExpression
    /// How to name it so that nothing else is meant.
    var qualified: String
}

/// One table, common table or subquery of a FROM clause.
struct Source {
    let id: Int
    /// nil for a published table that goes by its own name.
    let alias: Name?
    /// The table's own names; nil for subqueries.
    let schema: String?
    let name: String?
    let columns: [VisibleColumn]
    let isUnknown: Bool
    let span: TextSpan

    /// As messages call it.
    var display: String {
        if let alias { return alias.text }
        guard let name else { return "" }
        return schema.map { "\(Identifier.adql($0)).\(Identifier.adql(name))" } ?? name
    }

    /// Whether a column's qualifier means this one.
    func answers(to qualifier: ArraySlice<Name>) -> Bool {
        guard let last = qualifier.last else { return false }
        if let alias { return qualifier.count == 1 && last.matches(alias) }
        guard let name, last.matches(name), qualifier.count <= 2 else { return false }
        guard qualifier.count == 2, let first = qualifier.first else { return qualifier.count == 1 }
        return schema.map(first.matches) ?? false
    }

    /// Whether the qualifier would mean this one if it had no alias.
    func isHidden(from qualifier: ArraySlice<Name>) -> Bool {
        guard alias != nil, let name, let last = qualifier.last else { return false }
        return last.matches(name)
    }

    func clashes(with other: Source) -> Bool {
        if let alias { return other.alias.map { alias.matches($0) } ?? other.name.map(alias.matches) ?? false }
        if let alias = other.alias { return name.map(alias.matches) ?? false }
        return name?.lowercased() == other.name?.lowercased() && schema?.lowercased() == other.schema?.lowercased()
    }
}
