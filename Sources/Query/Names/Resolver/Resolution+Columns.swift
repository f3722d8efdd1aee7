import ADQL
import TableModel

/// Columns by name.
extension Resolution {
    mutating func column(_ name: QualifiedName, _ context: Context) -> ResolvedExpression {
        name.parts.count == 1 ? unqualified(name, context) : qualified(name, context.scope)
    }

    private mutating func unqualified(_ name: QualifiedName, _ context: Context) -> ResolvedExpression {
        var scope: Scope? = context.scope
        var incomplete = false
        while let current = scope {
            let found = current.entries.columns(named: name.name)
            if found.count == 1 { return placed(found[0].expression, at: name.span) }
            if found.count > 1 {
                report(.ambiguousColumn(name, candidates: found.map(\.qualified)))
                return unresolved(name.span)
            }
            if current === context.scope, let alias = context.aliases.first(where: { name.name.matches($0.name) }) {
                return placed(alias.expression, at: name.span)
            }
            incomplete = incomplete || current.entries.isIncomplete
            scope = current.parent
        }
        if !incomplete { reportUnknown(name, in: context.scope.entries.sources, context.scope) }
        return unresolved(name.span)
    }

    private mutating func qualified(_ name: QualifiedName, _ scope: Scope) -> ResolvedExpression {
        var current: Scope? = scope
        var incomplete = false
        while let entries = current?.entries {
            let sources = entries.sources(answering: name.qualifier)
            if let source = sources.first {
                guard sources.count == 1 else {
                    report(.ambiguousTable(QualifiedName(Array(name.qualifier)), candidates: sources.map(\.display)))
                    return unresolved(name.span)
                }
                let found = source.columns(named: name.name)
                if found.count == 1 { return placed(found[0].expression, at: name.span) }
                if found.count > 1 {
                    report(.ambiguousColumn(name, candidates: found.map(\.qualified)))
                } else if !source.isUnknown {
                    reportUnknown(name, in: [source], scope)
                }
                return unresolved(name.span)
            }
            incomplete = incomplete || entries.isIncomplete
            current = current?.parent
        }
        if !incomplete { reportUnknownQualifier(name, scope) }
        return unresolved(name.span)
    }

    mutating func reportUnknownQualifier(_ name: QualifiedName, _ scope: Scope) {
        if let hidden = scope.entries.sources.first(where: { $0.isHidden(from: name.qualifier) }), let alias = hidden.alias {
            report(.hiddenTable(name, alias: alias.text))
        } else if name.parts.count == 2, !scope.entries.columns(named: name.parts[0]).isEmpty {
            report(.columnAsQualifier(name, column: name.parts[0].text))
        } else {
            report(.unknownQualifier(name, known: scope.entries.sources.map(\.display)))
        }
    }

    private mutating func reportUnknown(_ name: QualifiedName, in sources: [Source], _ scope: Scope) {
        guard !isFull else { return }
        let place = sources.count <= 3 ? sources.map(\.display).joined(separator: ", ") : nil
        let names = sources.flatMap(\.columnNames)
        if name.name.delimited, let actual = names.first(where: { $0.lowercased() == name.name.text.lowercased() }) {
            return report(.inexactColumn(name, in: place, actual: actual))
        }
        if name.parts.count == 1, scope.aliases.contains(where: { name.name.matches($0) }) {
            return report(.aliasInCondition(name))
        }
        if name.name.delimited, name.name.text.utf8.contains(where: { "+-*/()".utf8.contains($0) }) {
            return report(.quotedExpression(name, in: place))
        }
        let nearest = NearestNames.nearest(to: name.name.text, among: names)
        if name.parts.count == 1, name.name.delimited, nearest.isEmpty { return report(.quotedString(name, in: place)) }
        report(.unknownColumn(name, in: place, nearest: nearest))
    }

    func placed(_ expression: ResolvedExpression, at span: TextSpan) -> ResolvedExpression {
        var placed = expression
        placed.span = span
        return placed
    }

    func unresolved(_ span: TextSpan) -> ResolvedExpression {
        ResolvedExpression(.unresolved, .null, span: span)
    }
}
