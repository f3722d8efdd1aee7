import ADQL
import Names
import TableModel

/// A position as a query writes it: two numbers, or a value of type point.
private enum Position {
    case coordinates(ResolvedExpression, ResolvedExpression)
    case point(ResolvedExpression)

    init(_ expression: ResolvedExpression) {
        if case .function(let form, let arguments) = expression.node, form.function == "POINT" {
            self = .coordinates(arguments[0], arguments[1])
        } else {
            self = .point(expression)
        }
    }

    var isSimple: Bool {
        switch self {
        case .coordinates: true
        case .point(let point): point.isSimple
        }
    }
}

/// Circles on the sky: CONTAINS(POINT, CIRCLE) and DISTANCE < r, written so that an index over either position can serve them.
///
/// pgSphere's index serves `position <@ circle` for the position alone. A point lies in the circle around another when that lies
/// in the circle around it, so the two may be exchanged.
extension Translation {
    /// `CONTAINS(POINT(…), CIRCLE(…))`; false when the arguments are something else.
    mutating func cone(_ form: FunctionForm, _ arguments: [ResolvedExpression]) -> Bool {
        let inner: Int
        switch (form.function, arguments.first?.type, arguments.last?.type) {
        case ("CONTAINS", .point, .circle), ("INTERSECTS", .point, .circle): inner = 0
        case ("INTERSECTS", .circle, .point): inner = 1
        default: return false
        }
        guard case .function(let circle, let parts) = arguments[1 - inner].node, circle.function == "CIRCLE" else { return false }
        let centre: Position = parts.count == 3 ? .coordinates(parts[0], parts[1]) : Position(parts[0])
        cone(Position(arguments[inner]), centre, radius: parts[parts.count - 1])
        return true
    }

    /// `DISTANCE(a, b) < r`: the cone finds candidates by the index, the comparison decides.
    ///
    /// pgSphere's circles are some 0.2 mas wider than their radius, so the comparison is needed for `<=` as well.
    mutating func distance(_ call: ResolvedExpression, _ op: Comparison.Operator, _ limit: ResolvedExpression) -> Bool {
        guard case .function(let form, let arguments) = call.node, form.function == "DISTANCE", op == .less || op == .lessOrEqual
        else { return false }
        let (a, b): (Position, Position) =
            arguments.count == 4
            ? (.coordinates(arguments[0], arguments[1]), .coordinates(arguments[2], arguments[3]))
            : (Position(arguments[0]), Position(arguments[1]))
        guard limit.isSimple, arguments.allSatisfy(\.isSimple) else { return false }
        // A circle goes up to 90 degrees; beyond, and below 0, there is nothing for an index to find.
        if let constant = limit.constant, !(0...90).contains(constant) { return false }
        guard max(rank(a), rank(b)) > .constant else { return false }
        out += "("
        cone(a, b, radius: limit, isLimit: true)
        out += " AND "
        value(call)
        out += " \(op.rawValue) "
        value(limit, as: limit.type == .null ? .double : limit.type)
        out += ")"
        return true
    }

    private mutating func cone(_ a: Position, _ b: Position, radius: ResolvedExpression, isLimit: Bool = false) {
        let isOpen = isLimit && radius.constant == nil
        let (isUploadA, isUploadB) = (isUpload(a), isUpload(b))
        if rank(a) == .indexed, rank(b) == .indexed, isUploadA == isUploadB, radius.isSimple, !isOpen {
            // The planner takes the index that saves more.
            out += "("
            cone(indexed: a, around: b, radius)
            out += " AND "
            cone(indexed: b, around: a, radius)
            out += ")"
        } else if rank(b) > rank(a) || rank(a) == rank(b) && isUploadA && !isUploadB {
            isOpen ? open(indexed: b, around: a, radius) : cone(indexed: b, around: a, radius)
        } else {
            isOpen ? open(indexed: a, around: b, radius) : cone(indexed: a, around: b, radius)
        }
    }

    /// Within a radius that a circle can have.
    private mutating func cone(indexed: Position, around centre: Position, _ radius: ResolvedExpression) {
        if q3c(indexed, centre, { $0.value(radius, as: .double) }) { return }
        out += "("
        position(indexed)
        out += " <@ scircle("
        position(centre)
        out += ", radians("
        value(radius, as: .double)
        out += ")))"
    }

    /// Within a radius that may be negative, NULL or beyond the 90 degrees of a circle.
    private mutating func open(indexed: Position, around centre: Position, _ radius: ResolvedExpression) {
        let bounded: (inout Self) -> Void = {
            $0.out += "almagest.radius("
            $0.value(radius, as: .double)
            $0.out += ")"
        }
        if q3c(indexed, centre, bounded) {
            return
        }
        out += "("
        list(["near", "far"], separator: " OR ") { writer, half in
            writer.position(indexed)
            writer.out += " <@ almagest.\(half)("
            writer.position(centre)
            writer.out += ", "
            writer.value(radius, as: .double)
            writer.out += ")"
        }
        out += ")"
    }

    /// Q3C's form, where its index is the only one.
    private mutating func q3c(_ indexed: Position, _ centre: Position, _ radius: (inout Self) -> Void) -> Bool {
        guard kind(of: indexed) == .q3c, case .coordinates(let lon, let lat) = indexed, centre.isSimple else { return false }
        let isConstant = rank(centre) == .constant
        out += isConstant ? "q3c_radial_query(" : "q3c_join("
        if !isConstant {
            degrees(centre)
            out += ", "
        }
        value(lon, as: .double)
        out += ", "
        value(lat, as: .double)
        out += ", "
        if isConstant {
            degrees(centre)
            out += ", "
        }
        radius(&self)
        out += ")"
        return true
    }

    /// Textually what the index was made over.
    private mutating func position(_ position: Position) {
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

    private mutating func degrees(_ position: Position) {
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

    // MARK: Which position an index may serve

    /// Whether the position is of a table that the request has brought.
    ///
    /// Such a table is small beside what is published. Given both indexes, the planner is known to go through the large table and look each
    /// of its rows up in the small one.
    private func isUpload(_ position: Position) -> Bool {
        let column: ResolvedExpression =
            switch position {
            case .coordinates(let lon, _): lon
            case .point(let point): point
            }
        guard case .column(let reference) = column.node, let table = query.sources[reference.source] else { return false }
        return table.schema == Table.uploadSchema
    }

    private enum Rank: Int, Comparable {
        case constant, computed, columns, indexed

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private func rank(_ position: Position) -> Rank {
        if kind(of: position) != nil { return .indexed }
        switch position {
        case .point(let point):
            if case .column(let reference) = point.node {
                guard case .stored = reference.place, let table = query.sources[reference.source] else { return .columns }
                return table.columns.contains { $0.name == reference.name && $0.indexed } ? .indexed : .columns
            }
            return point.hasColumns ? .computed : .constant
        case .coordinates(let lon, let lat):
            if case .column = lon.node, case .column = lat.node { return .columns }
            return lon.hasColumns || lat.hasColumns ? .computed : .constant
        }
    }

    /// The index over two columns, when there is one.
    private func kind(of position: Position) -> PositionIndex.Kind? {
        guard case .coordinates(let lon, let lat) = position, case .column(let x) = lon.node, case .column(let y) = lat.node,
            x.source == y.source, case .stored = x.place, let table = query.sources[x.source]
        else { return nil }
        let indexes = table.positions.filter { $0.longitude == x.name && $0.latitude == y.name }
        return (indexes.first { $0.kind == .spoint } ?? indexes.first)?.kind
    }
}
