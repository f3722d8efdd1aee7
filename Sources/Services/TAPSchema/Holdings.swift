package import TableModel

/// All tables with data, by the tag that their rows' identifiers carry.
package struct Holdings: Hashable, Sendable {
    let byTag: [TableTag: Dataset]

    package init(_ datasets: [Dataset] = []) {
        byTag = Dictionary(datasets.map { ($0.tag, $0) }) { first, _ in first }
    }

    package init(_ descriptors: [Descriptor]) {
        self.init(descriptors.flatMap { descriptor in descriptor.tables.compactMap { Dataset($0, in: descriptor) } })
    }

    package subscript(tag: TableTag) -> Dataset? { byTag[tag] }

    /// In the order of their names.
    package var datasets: [Dataset] { byTag.values.sorted { $0.fullName < $1.fullName } }
}

extension Dataset {
    /// Nil for tables that don't come from objects.
    fileprivate init?(_ table: Descriptor.Table, in descriptor: Descriptor) {
        guard case .objects(let objects) = table.source, let rows = RowTable(table) else { return nil }
        self.init(
            tag: table.tag, schema: table.schema, table: table.name, collection: descriptor.collection, credit: descriptor.credit,
            description: table.description, layout: objects.layout, place: objects.place, keyColumn: rows.key, keyNameColumn: rows.keyName,
            productType: table.productType,
            links: table.links,
            relations: table.relations.compactMap { relation in
                guard let target = descriptor.table(named: relation.table), let targetRows = RowTable(target) else { return nil }
                return Relation(
                    name: relation.name, target: target.tag, targetSchema: target.schema, targetTable: target.name,
                    columns: relation.columns, semantics: relation.semantics, description: relation.description, targetRows: targetRows)
            },
            rows: rows)
    }
}
