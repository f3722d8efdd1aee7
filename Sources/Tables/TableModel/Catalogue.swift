/// All that is published: the value that names are resolved against and that `/tables` writes down.
package struct Catalogue: Sendable {
    package struct Schema: Hashable, Sendable {
        package var name: String
        package var description: String?
        package var utype: String?

        package init(name: String, description: String? = nil, utype: String? = nil) {
            self.name = name
            self.description = description
            self.utype = utype
        }
    }

    package let schemas: [Schema]
    package let tables: [Table]
    private let byName: [String: [Int]]
    private let byTag: [TableTag: Int]

    package init(schemas: [Schema], tables: [Table]) {
        self.schemas = schemas
        self.tables = tables
        byName = Dictionary(grouping: tables.indices) { tables[$0].name.lowercased() }
        byTag = Dictionary(tables.indices.compactMap { index in tables[index].tag.map { ($0, index) } }) { first, _ in first }
    }

    /// The tables of that name in any schema, letter case ignored.
    package func tables(named name: String) -> [Table] {
        byName[name.lowercased(), default: []].map { tables[$0] }
    }

    package func table(schema: String, name: String) -> Table? {
        tables(named: name).first { $0.schema.lowercased() == schema.lowercased() }
    }

    /// The table whose rows carry identifiers with this tag.
    package func table(tagged tag: TableTag) -> Table? {
        byTag[tag].map { tables[$0] }
    }
}
