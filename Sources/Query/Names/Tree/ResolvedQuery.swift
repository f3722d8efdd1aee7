package import TableModel

/// A query in which every name has its column and every expression its type.
///
/// Only ``Resolver`` makes one, so it holds published tables and listed functions and nothing else.
package struct ResolvedQuery: Sendable {
    /// The result's columns, as a VOTable declares them.
    package let columns: [Column]
    /// All published tables that the query reads, each once, in the order of their first mention.
    package let tables: [Table]
    package let root: ResolvedSubquery
    package let commonTables: [ResolvedSubquery]
    /// The table of each FROM entry; nil for subqueries and common tables.
    package let sources: [Table?]
    /// What each FROM entry that is no published table stands for.
    package let derived: [Int: Derived]
    /// What the user should know though the query runs; becomes an INFO of the result.
    package let warnings: [String]

    init(
        root: ResolvedSubquery, commonTables: [ResolvedSubquery], sources: [Table?], derived: [Int: Derived], tables: [Table],
        warnings: [String]
    ) {
        columns = root.columns
        self.root = root
        self.commonTables = commonTables
        self.sources = sources
        self.derived = derived
        self.tables = tables
        self.warnings = warnings
    }
}

extension ResolvedQuery {
    /// A subquery or common table in FROM.
    package struct Derived: Sendable {
        package var subquery: ResolvedSubquery
        /// Its place in ``ResolvedQuery/commonTables``; nil for a subquery that stands in FROM itself.
        package var common: Int?
    }

    /// An output column from which the links of its rows can be reached.
    package struct RowColumn: Hashable, Sendable {
        /// Its place in ``ResolvedQuery/columns``.
        package var index: Int
        package var tag: TableTag
        /// An access_url; else a row identifier.
        package var isAccessURL: Bool

        package init(index: Int, tag: TableTag, isAccessURL: Bool) {
            self.index = index
            self.tag = tag
            self.isAccessURL = isAccessURL
        }
    }

    /// The output columns that name rows of tables with data, in order.
    package var rowColumns: [RowColumn] {
        columns.indices.compactMap { index in
            switch columns[index].type {
            case .rowIdentifier(let tag): RowColumn(index: index, tag: tag, isAccessURL: false)
            case .accessURL(let tag): RowColumn(index: index, tag: tag, isAccessURL: true)
            default: nil
            }
        }
    }

    /// The tables with data that take part.
    package var tags: [TableTag] { tables.compactMap(\.tag) }
}
