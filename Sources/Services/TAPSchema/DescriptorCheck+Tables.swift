import TableModel

extension DescriptorCheck {
    /// A table by itself; what refers to other tables is checked when all are known, but for a join's columns.
    mutating func table(_ table: DescriptorDocument.Table, _ path: DescriptorPath) -> Descriptor.Table? {
        checkName(table.name, path / "name")
        guard let source = source(table, path) else { return nil }
        var seen: Set<String> = []
        var columns: [Descriptor.Column] = []
        for (index, column) in table.columns.enumerated() {
            let place = path / "columns" / index
            if !seen.insert(column.name.lowercased()).inserted { fault(place / "name", "column \"\(column.name)\" stands twice") }
            if let checked = self.column(column, of: table, source, place) { columns.append(checked) }
        }
        if table.columns.isEmpty { fault(path / "columns", "a table needs a column") }
        var checked = Descriptor.Table(
            schema: document.schema.name, name: table.name, description: table.description, utype: table.utype, source: source,
            key: table.key, productType: productType(table, path), links: links(table, path / "links"), columns: columns, indexes: [],
            relations: relations(table, path),
            foreignKeys: foreignKeys(table))
        checkKey(checked, path)
        checked.indexes = indexes(table, checked, path / "indexes")
        for index in checked.indexes {
            let served =
                switch index.kind {
                case .btree: Array(index.columns.prefix(1))
                case .sky: index.columns
                }
            for position in checked.columns.indices where served.contains(checked.columns[position].name) {
                checked.columns[position].indexed = true
            }
        }
        return checked
    }

    private mutating func source(_ table: DescriptorDocument.Table, _ path: DescriptorPath) -> Descriptor.Source? {
        switch (table.objects, table.relation, table.join) {
        case (let objects?, nil, nil):
            guard let layout = Descriptor.Layout(rawValue: objects.layout) else {
                let known = Descriptor.Layout.allCases.map(\.rawValue).joined(separator: ", ")
                fault(path / "objects" / "layout", "unknown layout \"\(objects.layout)\"; known are \(known)")
                return nil
            }
            guard let fileName = pattern(objects.file_name, path / "objects" / "file_name") else { return nil }
            let objectName = objects.object_name.flatMap { pattern($0, path / "objects" / "object_name") }
            return .objects(
                Descriptor.Objects(
                    layout: layout, fileName: fileName, objectName: objectName, place: place(objects, layout, path / "objects"),
                    attributes: objects.attributes ?? [:]))
        case (nil, let relation?, nil):
            let parts = relation.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts.contains("") else {
                fault(path / "relation", "relation \"\(relation)\" must be schema.name")
                return nil
            }
            return .relation(schema: parts[0], name: parts[1])
        case (nil, nil, let join?):
            for (key, name) in [("from", join.from), ("left", join.left)] where !tables.contains(where: { $0.name == name }) {
                fault(path / "join" / key, "unknown table \"\(name)\" in this collection")
                return nil
            }
            if join.columns.isEmpty { fault(path / "join" / "columns", "a join needs columns") }
            let pairs = pairs(join.columns)
            for pair in pairs {
                checkColumn(pair.from, in: join.from, path / "join" / "columns" / pair.from)
                checkColumn(pair.target, in: join.left, path / "join" / "columns" / pair.from)
            }
            return .join(from: join.from, left: join.left, columns: pairs)
        default:
            fault(path, "table \"\(table.name)\" needs exactly one of objects, relation, join")
            return nil
        }
    }

    /// Where the records of a file are.
    private mutating func place(
        _ objects: DescriptorDocument.Objects, _ layout: Descriptor.Layout, _ path: DescriptorPath
    ) -> String? {
        if layout != .columnar, objects.group != nil { fault(path / "group", "only the columnar layout has a group") }
        if layout != .table, objects.dataset != nil { fault(path / "dataset", "only the table layout has a dataset") }
        if layout != .keyed, objects.object_name != nil { fault(path / "object_name", "only keyed objects have names") }
        switch layout {
        case .keyed: return nil
        case .columnar: return objects.group ?? "/"
        case .table:
            if objects.dataset == nil { fault(path, "\"dataset\" is missing: the path of the compound dataset") }
            return objects.dataset
        }
    }

    private mutating func checkKey(_ table: Descriptor.Table, _ path: DescriptorPath) {
        let isMade = table.columns.contains { $0.value == .identifier || $0.value == .accessURL }
        if case .objects(let objects) = table.source {
            let names = table.columns.count { $0.value == .objectName }
            let rows = table.columns.count { $0.value == .objectRow }
            if objects.layout == .keyed {
                if names != 1 { fault(path / "columns", "a table of objects needs exactly one column with \"object: name\"") }
                if rows != 0 { fault(path / "columns", "keyed objects have names and no rows") }
            } else {
                if names != 0 { fault(path / "columns", "\(objects.layout.rawValue) objects have rows and no names") }
                if rows > 1 { fault(path / "columns", "a table of objects has one column with \"object: row\" at most") }
            }
            if table.key == nil { fault(path, "\"key\" is missing: the long column that names a row") }
            for column in table.columns where column.name == "file_id" {
                fault(path / "columns", "column name \"\(column.name)\" is taken by the system")
            }
        }
        guard let key = table.key else {
            if isMade { fault(path, "\"key\" is missing, from which \"made\" columns are made") }
            return
        }
        guard let column = table.column(named: key) else {
            fault(path / "key", "unknown column \"\(key)\"")
            return
        }
        if !column.published { fault(path / "key", "key column \"\(key)\" must be published") }
        if column.type != .bigint { fault(path / "key", "key column \"\(key)\" must be of type long") }
        switch column.value {
        case .field, .existing: break
        default: fault(path / "key", "key column \"\(key)\" must lie in the object")
        }
    }

    private mutating func productType(_ table: DescriptorDocument.Table, _ path: DescriptorPath) -> String? {
        guard let type = table.product_type else { return nil }
        if !Self.productTypes.contains(type) {
            fault(
                path / "product_type", "unknown product type \"\(type)\"; known are \(Self.productTypes.sorted().joined(separator: ", "))")
        }
        return type
    }

    /// The terms of http://www.ivoa.net/rdf/product-type that data are annotated with.
    private static let productTypes: Set<String> = [
        "image", "cube", "spectral-cube", "time-cube", "polarization-cube", "spatial-profile", "spectrum", "sed", "slit-spectrum",
        "polarized-spectrum", "dynamic-spectrum", "visibility", "event-list", "event-bundle", "timeseries", "light-curve", "velocity-curve",
        "measurements",
    ]

    private mutating func links(_ table: DescriptorDocument.Table, _ path: DescriptorPath) -> Set<Descriptor.Link> {
        var links: Set<Descriptor.Link> = []
        for (index, word) in (table.links ?? []).enumerated() {
            if let link = Descriptor.Link(rawValue: word) {
                links.insert(link)
            } else {
                let known = Descriptor.Link.allCases.map(\.rawValue).joined(separator: ", ")
                fault(path / index, "unknown link \"\(word)\"; known are \(known)")
            }
        }
        if !links.isEmpty && table.objects == nil { fault(path, "only a table of objects has links") }
        if links.contains(.counterpart) && (table.relations ?? []).isEmpty { fault(path, "link counterpart needs a relation") }
        return links
    }

    private mutating func relations(_ table: DescriptorDocument.Table, _ path: DescriptorPath) -> [Descriptor.Relation] {
        (table.relations ?? []).enumerated().map { index, relation in
            if !relation.semantics.hasPrefix("#") && !relation.semantics.contains("://") {
                fault(
                    path / "relations" / index / "semantics",
                    "semantics \"\(relation.semantics)\" must be a term of DataLink such as #counterpart, or a full URI")
            }
            return Descriptor.Relation(
                name: relation.name, table: relation.table, columns: pairs(relation.columns), semantics: relation.semantics,
                description: relation.description)
        }
    }

    private func foreignKeys(_ table: DescriptorDocument.Table) -> [Descriptor.Key] {
        (table.foreign_keys ?? []).map {
            Descriptor.Key(target: $0.target, columns: pairs($0.columns), description: $0.description, utype: $0.utype)
        }
    }

    private func pairs(_ columns: [String: String]) -> [ForeignKey.Pair] {
        columns.sorted { $0.key < $1.key }.map { ForeignKey.Pair(from: $0.key, target: $0.value) }
    }

    private mutating func indexes(
        _ table: DescriptorDocument.Table, _ checked: Descriptor.Table, _ path: DescriptorPath
    ) -> [Descriptor.Index] {
        (table.indexes ?? []).enumerated().compactMap { number, index in
            let place = path / number
            switch (index.columns, index.sky) {
            case (let columns?, nil) where !columns.isEmpty:
                for name in columns { checkStored(name, checked, place / "columns") }
                if index.method != nil { fault(place / "method", "only a sky index has a method") }
                return Descriptor.Index(kind: .btree, columns: columns)
            case (nil, let sky?) where sky.count == 2:
                for name in sky {
                    checkStored(name, checked, place / "sky")
                    if let column = checked.column(named: name), column.type != .double {
                        fault(place / "sky", "column \"\(name)\" of a sky index must be a double, in degrees")
                    }
                }
                guard let kind = PositionIndex.Kind(rawValue: index.method ?? "spoint") else {
                    fault(place / "method", "unknown method \"\(index.method ?? "")\"; known are spoint, q3c")
                    return nil
                }
                return Descriptor.Index(kind: .sky(kind), columns: sky)
            default:
                fault(place, "an index needs either \"columns\", or \"sky\" with longitude and latitude")
                return nil
            }
        }
    }

    /// An index can stand only over what lies in the table of rows.
    private mutating func checkStored(_ name: String, _ table: Descriptor.Table, _ path: DescriptorPath) {
        guard let column = table.column(named: name) else {
            fault(path, "unknown column \"\(name)\"")
            return
        }
        switch (table.source, column.value) {
        case (.relation, .existing), (.objects, .field), (.objects, .derived), (.objects, .objectName), (.objects, .objectRow): break
        default: fault(path, "column \"\(name)\" is not stored with the row, so no index can serve it")
        }
    }

    mutating func checkColumn(_ name: String, in table: String, _ path: DescriptorPath) {
        guard let column = tables.first(where: { $0.name == table })?.column(named: name) else {
            fault(path, "unknown column \"\(name)\" in table \(table)")
            return
        }
        if !column.published { fault(path, "column \"\(name)\" of table \(table) is not published") }
        if column.value == .identifier || column.value == .accessURL {
            fault(path, "column \"\(name)\" of table \(table) is made for each answer and can't be referred to")
        }
    }

    /// Relations and foreign keys, once every table is known.
    mutating func checkReferences(_ path: DescriptorPath) {
        for (index, document) in document.tables.enumerated() {
            guard let table = tables.first(where: { $0.name == document.name }) else { continue }
            for (number, relation) in table.relations.enumerated() {
                let place = path / index / "relations" / number
                guard let target = tables.first(where: { $0.name == relation.table }), case .objects = target.source else {
                    fault(place / "table", "unknown table of objects \"\(relation.table)\" in this collection")
                    continue
                }
                checkPairs(relation.columns, table.name, relation.table, place / "columns")
            }
            for (number, key) in table.foreignKeys.enumerated() {
                let place = path / index / "foreign_keys" / number
                guard tables.contains(where: { $0.name == key.target }) else {
                    fault(place / "target", "unknown table \"\(key.target)\" in this collection")
                    continue
                }
                checkPairs(key.columns, table.name, key.target, place / "columns")
            }
        }
    }

    private mutating func checkPairs(_ pairs: [ForeignKey.Pair], _ from: String, _ target: String, _ path: DescriptorPath) {
        if pairs.isEmpty { fault(path, "at least one pair of columns is needed") }
        for pair in pairs {
            checkColumn(pair.from, in: from, path / pair.from)
            checkColumn(pair.target, in: target, path / pair.from)
        }
    }
}
