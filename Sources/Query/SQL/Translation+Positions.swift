import Names
import TableModel

/// A position as a query writes it: two numbers, or a value of type point.
enum Position {
    case coordinates(ResolvedExpression, ResolvedExpression)
    case point(ResolvedExpression)

    init(_ expression: ResolvedExpression) {
        if case .function(let form, let arguments) = expression.node, form.function == "POINT" {
            self = .coordinates(arguments[0], arguments[1])
        } else {
            self = .point(expression)
        }
    }

    var isMadeOfNumbers: Bool { if case .coordinates = self { true } else { false } }

    var isSimple: Bool {
        switch self {
        case .coordinates(let lon, let lat): lon.isSimple && lat.isSimple
        case .point(let point): point.isSimple
        }
    }
}

/// What an index can do for a position.
enum PositionRank: Int, Comparable {
    case constant, computed, columns, indexed

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Positions as SQL, and which of them an index may serve.
extension Translation {
    /// Textually what the index was made over.
    mutating func position(_ position: Position) {
        switch position {
        case .point(let point): value(point, as: .point)
        case .coordinates(let lon, let lat):
            out += "spoint(radians("
            value(lon, as: .double)
            out += "), radians("
            value(lat, as: .double)
            out += "))"
        }
    }

    /// Longitude and latitude, as Q3C takes them.
    mutating func degrees(_ position: Position) {
        switch position {
        case .point(let point):
            out += "degrees(long("
            value(point, as: .point)
            out += ")), degrees(lat("
            value(point, as: .point)
            out += "))"
        case .coordinates(let lon, let lat):
            value(lon, as: .double)
            out += ", "
            value(lat, as: .double)
        }
    }

    func rank(_ position: Position) -> PositionRank {
        if kind(of: position) != nil { return .indexed }
        switch position {
        case .point(let point):
            let definition = definition(of: point)
            if case .function(let form, _) = definition.node, form.function == "POINT" {
                // A point that a subquery has made of two columns; Q3C could not see through it.
                return kind(of: Position(definition)) == .spoint ? .indexed : .columns
            }
            if isIndexed(definition) { return .indexed }
            if case .column = point.node { return .columns }
            return point.hasColumns ? .computed : .constant
        case .coordinates(let lon, let lat):
            if case .column = lon.node, case .column = lat.node { return .columns }
            return lon.hasColumns || lat.hasColumns ? .computed : .constant
        }
    }

    /// The index over two columns, when there is one.
    func kind(of position: Position) -> PositionIndex.Kind? {
        guard case .coordinates(let lon, let lat) = position, case .column(let outer) = lon.node, case .column(let other) = lat.node,
            outer.source == other.source, case .column(let x) = definition(of: lon).node, case .column(let y) = definition(of: lat).node,
            x.source == y.source, case .stored = x.place, let table = query.sources[x.source]
        else { return nil }
        let indexes = table.positions.filter { $0.longitude == x.name && $0.latitude == y.name }
        return (indexes.first { $0.kind == .spoint } ?? indexes.first)?.kind
    }

    /// A column of a published table that has an index of its own.
    func isIndexed(_ expression: ResolvedExpression) -> Bool {
        guard case .column(let reference) = definition(of: expression).node, case .stored = reference.place,
            let table = query.sources[reference.source]
        else { return false }
        return table.columns.contains { $0.name == reference.name && $0.indexed }
    }

    /// What stands behind a column of a subquery or common table, as PostgreSQL sees it when it opens them up; else the value itself.
    func definition(of expression: ResolvedExpression) -> ResolvedExpression {
        var expression = expression
        while case .column(let reference) = expression.node, case .output(let index) = reference.place,
            let subquery = query.derived[reference.source]?.subquery, case .selection(let selection) = subquery.source,
            selection.items.indices.contains(index)
        {
            expression = selection.items[index]
        }
        return expression
    }
}
