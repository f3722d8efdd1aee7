package import ADQL
package import TableModel

/// Gives every name of a query its column and every expression its type.
///
/// Names follow ADQL 2.1 §2.1.2: a regular name matches whatever its letter case, a delimited one exactly. A table needs no schema
/// where its name is unique; an alias hides the table's own name; a common table hides a published table of its name.
package struct Resolver: Sendable {
    private let catalogue: Catalogue
    private let functions: FunctionList

    package init(catalogue: Catalogue, functions: FunctionList) {
        self.catalogue = catalogue
        self.functions = functions
    }

    /// Resolves a parsed query.
    ///
    /// - Throws: everything that is wrong with its names and types at once, in the order of the text.
    package func resolve(_ query: Query) throws(NamesError) -> ResolvedQuery {
        var resolution = Resolution(catalogue: catalogue, functions: functions)
        let root = resolution.subquery(query, outer: nil)
        guard resolution.diagnostics.isEmpty else { throw NamesError(resolution.diagnostics) }
        return ResolvedQuery(
            root: root, commonTables: resolution.commonTables, sources: resolution.sources, derived: resolution.derived,
            tables: resolution.tables, warnings: resolution.warnings)
    }
}

/// The state of one query's resolution: what was found so far, and what is wrong.
struct Resolution {
    let catalogue: Catalogue
    let functions: FunctionList
    var diagnostics: [NamesDiagnostic] = []
    var warnings: [String] = []
    var sources: [Table?] = []
    var derived: [Int: ResolvedQuery.Derived] = [:]
    var tables: [Table] = []
    var commonTables: [ResolvedSubquery] = []
    /// The common tables that may be used at this place, by name; false where one could not be resolved.
    var commonNames: [(name: Name, index: Int)] = []

    /// How many output columns PostgreSQL can take.
    static let columnLimit = 1600
    /// How many entries all FROM clauses may have together.
    static let sourceLimit = 250
    /// So many errors say enough.
    private static let diagnosticLimit = 100

    /// No further error will be reported.
    var isFull: Bool { diagnostics.count >= Self.diagnosticLimit }

    init(catalogue: Catalogue, functions: FunctionList) {
        self.catalogue = catalogue
        self.functions = functions
    }

    mutating func report(_ diagnostic: NamesDiagnostic) {
        if !isFull { diagnostics.append(diagnostic) }
    }
}

/// Where an expression stands.
struct Context {
    /// How aggregates fare.
    enum Aggregates {
        case allowed
        /// In a clause that comes before grouping, by its name.
        case forbidden(String)
        case nested
    }

    var scope: Scope
    var aggregates: Aggregates
    /// Output columns that a name may mean when no column of FROM has it.
    var aliases: [(name: Name, expression: ResolvedExpression)] = []
}
