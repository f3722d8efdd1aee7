import ADQL
import TableModel

/// Tables of FROM: which they are, and which columns they bring.
extension Resolution {
    /// All of a FROM clause.
    mutating func from(_ references: [TableReference], outer: Scope?) -> ([ResolvedRelation], FromEntries) {
        var relations: [ResolvedRelation] = []
        var entries = FromEntries()
        for reference in references {
            guard hasRoom(at: reference.span) else { break }
            let (relation, own) = self.reference(reference, outer: outer)
            relations.append(relation)
            entries = join(entries, own)
        }
        return (relations, entries)
    }

    private mutating func reference(_ reference: TableReference, outer: Scope?) -> (ResolvedRelation, FromEntries) {
        switch reference {
        case .table(let table): return named(table)
        case .derived(let table):
            let subquery = self.subquery(table.query, outer: outer)
            let source = makeSource(columns: subquery.columns, of: subquery, alias: table.alias)
            return (.derived(subquery, source: source.id), FromEntries(sources: [source], visible: source.columns))
        case .joined(let joined): return self.joined(joined, outer: outer)
        }
    }

    private mutating func hasRoom(at span: TextSpan) -> Bool {
        if sources.count < Self.sourceLimit { return true }
        report(.tooComplex(limit: Self.sourceLimit, what: "tables in FROM", at: span))
        return false
    }

    // MARK: Single tables

    private mutating func named(_ reference: NamedTable) -> (ResolvedRelation, FromEntries) {
        if reference.name.parts.count == 1,
            let common = commonNames.last(where: { reference.name.name.matches($0.name) })
        {
            let subquery = commonTables[common.index]
            let source = makeSource(columns: subquery.columns, of: subquery, alias: reference.alias ?? common.name)
            return (.common(common.index, source: source.id), FromEntries(sources: [source], visible: source.columns))
        }
        guard let table = table(reference.name) else {
            // A place holder, so that names of this table are not reported on top.
            let id = nextSource(nil)
            let source = Source(
                id: id, alias: reference.alias ?? reference.name.name, schema: nil, name: nil, columns: [], isUnknown: true,
                span: reference.span)
            return (.common(0, source: id), FromEntries(sources: [source], visible: []))
        }
        if !tables.contains(where: { $0.schema == table.schema && $0.name == table.name }) { tables.append(table) }
        let id = nextSource(table)
        let display = reference.alias?.text ?? table.adqlName
        let columns = table.columns.map { column in
            VisibleColumn(
                name: column.name,
                expression: ResolvedExpression(
                    .column(ColumnReference(source: id, place: .stored(column.sqlName), name: column.name)), column.type,
                    .init(column), span: .none),
                qualified: "\(display).\(column.adqlName)")
        }
        let source = Source(
            id: id, alias: reference.alias, schema: table.schema, name: table.name, columns: columns, isUnknown: false, span: reference.span
        )
        return (.table(table, source: id), FromEntries(sources: [source], visible: columns))
    }

    /// The published table of that name; nil, and reported, where there is none or more than one.
    private mutating func table(_ name: QualifiedName) -> Table? {
        let schema = name.qualifier.last
        let found =
            name.parts.count > 2
            ? []
            : catalogue.tables(named: name.name.text).filter { table in
                name.name.matches(table.name) && schema.map { $0.matches(table.schema) } ?? true
            }
        if found.count == 1 { return found[0] }
        if found.isEmpty {
            let full = name.parts.map(\.text).joined(separator: ".")
            var nearest = NearestNames.nearest(to: full, among: catalogue.tables.map(\.adqlName) + commonNames.map(\.name.text))
            if nearest.isEmpty {
                let own = NearestNames.nearest(to: name.name.text, among: catalogue.tables.map(\.name))
                nearest = own.flatMap { catalogue.tables(named: $0).prefix(1).map(\.adqlName) }
            }
            if schema?.text.lowercased() == Table.uploadSchema.lowercased() {
                report(.unknownUpload(name, uploads: catalogue.tables.filter { $0.schema == Table.uploadSchema }.map(\.adqlName)))
            } else {
                report(.unknownTable(name, nearest: nearest))
            }
        } else {
            report(.ambiguousTable(name, candidates: found.map(\.adqlName)))
        }
        return nil
    }

    private mutating func nextSource(_ table: Table?) -> Int {
        sources.append(table)
        return sources.count - 1
    }

    private mutating func makeSource(columns: [Column], of subquery: ResolvedSubquery, alias: Name) -> Source {
        let id = nextSource(nil)
        let packs = subquery.source.packsShapes
        let visible = columns.indices.map { index in
            let column = columns[index]
            let reference = ColumnReference(
                source: id, place: .output(index), name: column.name, packed: packs && column.type.isGeometry)
            return VisibleColumn(
                name: column.name,
                expression: ResolvedExpression(.column(reference), column.type, .init(column), span: .none),
                qualified: "\(alias.text).\(column.adqlName)")
        }
        return Source(id: id, alias: alias, schema: nil, name: nil, columns: visible, isUnknown: false, span: alias.span)
    }

    /// Puts two parts of a FROM side by side.
    private mutating func join(_ left: FromEntries, _ right: FromEntries) -> FromEntries {
        var right = right
        for (index, source) in right.sources.enumerated() where left.sources.contains(where: { $0.clashes(with: source) }) {
            report(.duplicateTable(source.display, at: source.span))
            // Its columns would be ambiguous all, which goes without saying.
            right.sources[index] = Source(
                id: source.id, alias: nil, schema: nil, name: nil, columns: [], isUnknown: true, span: source.span)
            let own = source.columns.map(\.expression)
            right.visible.removeAll { own.contains($0.expression) }
        }
        return left + right
    }

    // MARK: Joins

    private mutating func joined(_ joined: JoinedTable, outer: Scope?) -> (ResolvedRelation, FromEntries) {
        let (first, firstEntries) = reference(joined.first, outer: outer)
        var entries = firstEntries
        var joins: [ResolvedJoin] = []
        for join in joined.joins {
            guard hasRoom(at: join.span) else { break }
            let (relation, own) = reference(join.table, outer: outer)
            let left = entries
            var condition: ResolvedCondition?
            switch join.specification {
            case .on(let on):
                entries = self.join(entries, own)
                let scope = Scope(parent: outer, entries: entries)
                condition = self.condition(on, Context(scope: scope, aggregates: .forbidden("ON")))
            case .using(let names):
                (entries, condition) = merge(entries, own, on: names, join)
            case .natural:
                let names = entries.visible.filter { left in own.visible.contains { $0.name.lowercased() == left.name.lowercased() } }
                    .map { Name($0.name, delimited: true, span: join.span) }
                if names.isEmpty, !entries.isIncomplete, !own.isIncomplete { report(.noNaturalColumn(at: join.span)) }
                (entries, condition) = merge(entries, own, on: names, join)
            case .none:
                entries = self.join(entries, own)
            }
            if join.kind == .full, !entries.isIncomplete, let condition,
                !condition.equates(Set(left.sources.map(\.id)), Set(own.sources.map(\.id)))
            {
                report(.fullJoin(at: join.span))
            }
            joins.append(ResolvedJoin(kind: join.kind, relation: relation, condition: condition))
        }
        return (.joined(first, joins), entries)
    }

    /// USING and NATURAL: the common columns stand once, before all others (SQL-92 §7.5).
    private mutating func merge(
        _ left: FromEntries, _ right: FromEntries, on names: [Name], _ join: Join
    ) -> (FromEntries, ResolvedCondition?) {
        var entries = self.join(left, right)
        var merged: [VisibleColumn] = []
        var conditions: [ResolvedCondition] = []
        for name in names {
            guard var a = common(name, in: left, side: "on the left"), var b = common(name, in: right, side: "on the right") else {
                continue
            }
            a.expression.span = name.span
            b.expression.span = name.span
            conditions.append(comparison(a.expression, .equal, b.expression, span: name.span))
            let expression: ResolvedExpression
            switch join.kind {
            case .right: expression = b.expression
            case .full:
                let type = a.expression.type.common(with: b.expression.type) ?? a.expression.type
                expression = ResolvedExpression(
                    .merged(a.expression, b.expression), type, a.expression.metadata, span: name.span)
            default: expression = a.expression
            }
            merged.append(VisibleColumn(name: a.name, expression: expression, qualified: a.name))
        }
        let taken = Set(merged.map { $0.name.lowercased() })
        entries.visible = merged + entries.visible.filter { !taken.contains($0.name.lowercased()) }
        return (entries, conditions.count == 1 ? conditions[0] : .and(conditions))
    }

    private mutating func common(_ name: Name, in entries: FromEntries, side: String) -> VisibleColumn? {
        let found = entries.visible.filter { name.matches($0.name) || name.delimited && $0.name.lowercased() == name.text.lowercased() }
        if found.count == 1 { return found[0] }
        if found.count > 1 {
            report(.ambiguousCommonColumn(name, side: side))
        } else if !entries.isIncomplete {
            report(.noCommonColumn(name, side: side))
        }
        return nil
    }
}
