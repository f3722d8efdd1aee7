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
            join(&entries, own)
        }
        return (relations, entries)
    }

    private mutating func reference(_ reference: TableReference, outer: Scope?) -> (ResolvedRelation, FromEntries) {
        switch reference {
        case .table(let table): return named(table)
        case .derived(let table):
            let subquery = self.subquery(table.query, outer: outer)
            let source = makeSource(columns: subquery.columns, of: subquery, alias: table.alias)
            return (.derived(subquery, source: source.id), FromEntries(source))
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
            let source = makeSource(
                columns: subquery.columns, of: subquery, common: common.index, alias: reference.alias ?? common.name)
            return (.common(common.index, source: source.id), FromEntries(source))
        }
        guard let table = table(reference.name) else {
            let id = nextSource(nil)
            let source = Source(unknown: id, alias: reference.alias ?? reference.name.name, span: reference.span)
            return (.common(0, source: id), FromEntries(source))
        }
        if !tables.contains(where: { $0.schema == table.schema && $0.name == table.name }) { tables.append(table) }
        let id = nextSource(table)
        let source = Source(id: id, table: table, alias: reference.alias, span: reference.span)
        return (.table(table, source: id), FromEntries(source))
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
            if name.parts.count == 1, name.name.delimited,
                let table = catalogue.tables.first(where: { "\($0.schema).\($0.name)".lowercased() == name.name.text.lowercased() })
            {
                report(.quotedTogether(name, table: table.adqlName))
                return nil
            }
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

    private mutating func makeSource(columns: [Column], of subquery: ResolvedSubquery, common: Int? = nil, alias: Name) -> Source {
        let id = nextSource(nil)
        derived[id] = ResolvedQuery.Derived(subquery: subquery, common: common)
        return Source(id: id, columns: columns, packs: subquery.source.packsShapes, alias: alias)
    }

    /// Puts another part of a FROM beside these.
    private mutating func join(_ left: inout FromEntries, _ right: FromEntries) {
        var right = right
        for (index, source) in right.sources.enumerated() where left.hasClash(with: source) {
            report(.duplicateTable(source.display, at: source.span))
            // Its columns would be ambiguous all, which goes without saying.
            right.giveUp(index)
        }
        left.append(right)
    }

    // MARK: Joins

    private mutating func joined(_ joined: JoinedTable, outer: Scope?) -> (ResolvedRelation, FromEntries) {
        let (first, firstEntries) = reference(joined.first, outer: outer)
        var entries = firstEntries
        var joins: [ResolvedJoin] = []
        for join in joined.joins {
            guard hasRoom(at: join.span) else { break }
            let (relation, own) = reference(join.table, outer: outer)
            // Only a FULL JOIN asks for them; a copy of the entries would cost with each join.
            let left = join.kind == .full ? Set(entries.sources.map(\.id)) : []
            var condition: ResolvedCondition?
            switch join.specification {
            case .on(let on):
                self.join(&entries, own)
                let scope = Scope(parent: outer, entries: entries)
                condition = self.condition(on, Context(scope: scope, aggregates: .forbidden("ON")))
            case .using(let names):
                condition = merge(&entries, own, on: names, join)
            case .natural:
                let others = Set(own.visible.map { $0.name.lowercased() })
                let names = entries.visible.filter { others.contains($0.name.lowercased()) }
                    .map { Name($0.name, delimited: true, span: join.span) }
                if names.isEmpty, !entries.isIncomplete, !own.isIncomplete { report(.noNaturalColumn(at: join.span)) }
                condition = merge(&entries, own, on: names, join)
            case .none: self.join(&entries, own)
            }
            if join.kind == .full, !entries.isIncomplete, let condition,
                !condition.equates(left, Set(own.sources.map(\.id)))
            {
                report(.fullJoin(at: join.span))
            }
            joins.append(ResolvedJoin(kind: join.kind, relation: relation, condition: condition))
        }
        return (.joined(first, joins), entries)
    }

    /// USING and NATURAL: the common columns stand once, before all others (SQL-92 §7.5).
    private mutating func merge(
        _ entries: inout FromEntries, _ right: FromEntries, on names: [Name], _ join: Join
    ) -> ResolvedCondition? {
        let left = entries
        self.join(&entries, right)
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
            merged.append(VisibleColumn(name: a.name, expression: expression, table: nil))
        }
        entries.merge(merged)
        return conditions.count == 1 ? conditions[0] : .and(conditions)
    }

    private mutating func common(_ name: Name, in entries: FromEntries, side: String) -> VisibleColumn? {
        // NATURAL has names of whatever letters.
        let found = entries.columns(named: name.delimited ? Name(name.text, span: name.span) : name)
        if found.count == 1 { return found[0] }
        if found.count > 1 {
            report(.ambiguousCommonColumn(name, side: side))
        } else if !entries.isIncomplete {
            report(.noCommonColumn(name, side: side))
        }
        return nil
    }
}
