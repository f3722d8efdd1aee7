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

/// A column as a name without its table may mean it.
struct VisibleColumn {
    var name: String
    var expression: ResolvedExpression
    /// What its table is called here; nil for a column common to both sides of a join.
    var table: String?

    /// How to name it so that nothing else is meant.
    var qualified: String { table.map { "\($0).\(Identifier.adql(name))" } ?? name }
}

/// One table, common table or subquery of a FROM clause.
struct Source {
    /// Where the columns come from.
    enum Origin {
        case stored
        /// A subquery, which hands its shapes out as arrays if it packs them.
        case output(packs: Bool)
    }

    let id: Int
    /// nil for a published table that goes by its own name.
    let alias: Name?
    /// The table's own names; nil for subqueries.
    let schema: String?
    let name: String?
    /// As messages call it.
    let display: String
    let isUnknown: Bool
    let span: TextSpan
    private let declared: [Column]
    private let lookup: ColumnLookup
    private let origin: Origin

    /// A published table.
    init(id: Int, table: Table, alias: Name?, span: TextSpan) {
        self.id = id
        self.alias = alias
        schema = table.schema
        name = table.name
        display = alias?.text ?? table.adqlName
        isUnknown = false
        self.span = span
        declared = table.columns
        lookup = table.lookup
        origin = .stored
    }

    /// A subquery or common table.
    init(id: Int, columns: [Column], packs: Bool, alias: Name) {
        self.id = id
        self.alias = alias
        schema = nil
        name = nil
        display = alias.text
        isUnknown = false
        span = alias.span
        declared = columns
        lookup = ColumnLookup(columns)
        origin = .output(packs: packs)
    }

    /// A place holder for what is not known, so that its columns are not reported on top.
    init(unknown id: Int, alias: Name?, span: TextSpan) {
        self.id = id
        self.alias = alias
        schema = nil
        name = nil
        display = alias?.text ?? ""
        isUnknown = true
        self.span = span
        declared = []
        lookup = ColumnLookup([])
        origin = .stored
    }

    var columns: [VisibleColumn] { declared.indices.map(column) }
    var columnNames: [String] { declared.map(\.name) }

    /// The columns that a name may mean; more than one where they differ in letter case alone.
    func columns(named name: Name) -> [VisibleColumn] {
        var found: [VisibleColumn] = []
        collect(name, lowercased: name.text.lowercased(), into: &found)
        return found
    }

    func collect(_ name: Name, lowercased: String, into found: inout [VisibleColumn]) {
        for index in lookup[lowercased] where name.matches(declared[index].name) { found.append(column(index)) }
    }

    func hasColumn(_ lowercased: String) -> Bool { !lookup[lowercased].isEmpty }

    private func column(_ index: Int) -> VisibleColumn {
        let column = declared[index]
        let reference: ColumnReference =
            switch origin {
            case .stored: ColumnReference(source: id, place: .stored(column.sqlName), name: column.name)
            case .output(let packs):
                ColumnReference(source: id, place: .output(index), name: column.name, packed: packs && column.type.isGeometry)
            }
        return VisibleColumn(
            name: column.name, expression: ResolvedExpression(.column(reference), column.type, .init(column), span: .none), table: display)
    }

    /// By what name a qualifier calls it, in lower case.
    var key: String { (alias?.text ?? name ?? "").lowercased() }

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
