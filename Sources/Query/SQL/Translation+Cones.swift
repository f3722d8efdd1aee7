import ADQL
import Names
import TableModel

/// Circles on the sky, written so that an index over either position can serve them.
///
/// pgSphere's index serves `position <@ circle` for the position alone. A point lies in the circle around another when that lies
/// in the circle around it, so the two may be exchanged.
extension Translation {
    /// How far outside a circle pgSphere still takes a point for one inside, in degrees (some 0.2 mas); Q3C is asked for as much.
    private static let tolerance = " + 5.7295779513082e-08::float8"

    /// `CONTAINS(POINT(…), CIRCLE(…))`; false when the arguments are something else.
    mutating func cone(_ form: FunctionForm, _ arguments: [ResolvedExpression]) -> Bool {
        guard let (point, shape) = pointAndShape(form, arguments), case .function(let circle, let parts) = shape.node,
            circle.function == "CIRCLE"
        else { return false }
        let centre: Position = parts.count == 3 ? .coordinates(parts[0], parts[1]) : Position(parts[0])
        cone(Position(point), centre, radius: parts[parts.count - 1])
        return true
    }

    /// The point and the shape around it, where a test has one of each.
    func pointAndShape(_ form: FunctionForm, _ arguments: [ResolvedExpression]) -> (ResolvedExpression, ResolvedExpression)? {
        guard arguments.count == 2 else { return nil }
        switch (form.function, arguments[0].type == .point, arguments[1].type == .point) {
        case ("CONTAINS", true, false), ("INTERSECTS", true, false): return (arguments[0], arguments[1])
        case ("INTERSECTS", false, true): return (arguments[1], arguments[0])
        default: return nil
        }
    }

    /// - Parameter isLimit: a comparison stands beside the circle and decides, so that it may be too large, and the radius whatever it is.
    mutating func cone(_ a: Position, _ b: Position, radius: ResolvedExpression, isLimit: Bool = false) {
        let isOpen = isLimit && radius.constant == nil
        let (rankOfA, rankOfB) = (rank(a), rank(b))
        let (isUploadA, isUploadB) = (isUpload(a), isUpload(b))
        if rankOfA == .indexed, rankOfB == .indexed, isUploadA == isUploadB, radius.isSimple, a.isSimple, b.isSimple, !isOpen {
            // The planner takes the index that saves more.
            out += "("
            cone(indexed: a, around: b, radius)
            out += " AND "
            cone(indexed: b, around: a, radius)
            out += ")"
        } else if rankOfB > rankOfA || rankOfA == rankOfB && isUploadA && !isUploadB {
            isOpen ? open(indexed: b, around: a, radius) : cone(indexed: b, around: a, radius)
        } else {
            isOpen ? open(indexed: a, around: b, radius) : cone(indexed: a, around: b, radius)
        }
    }

    /// Within a radius that a circle can have.
    private mutating func cone(indexed: Position, around centre: Position, _ radius: ResolvedExpression) {
        let finish = q3c(indexed, centre, radius)
        if finish == .complete { return }
        out += finish == nil ? "(" : " AND "
        position(indexed)
        out += " <@ scircle("
        position(centre)
        out += ", radians("
        value(radius, as: .double)
        out += ")))"
    }

    /// Within a radius that may be negative, NULL or beyond the 90 degrees of a circle.
    private mutating func open(indexed: Position, around centre: Position, _ radius: ResolvedExpression) {
        switch q3c(indexed, centre, radius) {
        case .complete: return
        case .open: out += ")"
        case nil:
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
    }

    // MARK: Q3C

    /// What is left to do behind Q3C's condition.
    private enum Finish {
        case complete
        /// A parenthesis is open, and the condition is too wide.
        case open
    }

    /// Q3C's form, where its index is the only one.
    private mutating func q3c(_ indexed: Position, _ centre: Position, _ radius: ResolvedExpression) -> Finish? {
        guard kind(of: indexed) == .q3c, case .coordinates(let lon, let lat) = indexed, centre.isSimple, radius.isSimple else { return nil }
        let reach: (inout Self) -> Void = {
            if radius.constant != nil {
                $0.value(radius, as: .double)
                $0.out += Self.tolerance
            } else {
                $0.out += "almagest.reach("
                $0.value(radius, as: .double)
                $0.out += ")"
            }
        }
        if rank(centre) == .constant, !radius.hasColumns {
            q3c(around: { $0.degrees(centre) }, lon, lat, reach)
            return .complete
        }
        if case .coordinates(let x, let y) = centre, x.isPlain, y.isPlain, radius.constant != nil || radius.isPlain {
            out += "q3c_join("
            degrees(centre)
            out += ", "
            value(lon, as: .double)
            out += ", "
            value(lat, as: .double)
            out += ", "
            reach(&self)
            out += ")"
            return .complete
        }
        out += "("
        zones(lon, lat) {
            $0.out += "ARRAY["
            $0.degrees(centre)
            $0.out += ", "
            reach(&$0)
            $0.out += "]"
        }
        return .open
    }

    /// Around a place that is the same for all rows.
    mutating func q3c(
        around centre: (inout Self) -> Void, _ lon: ResolvedExpression, _ lat: ResolvedExpression, _ radius: (inout Self) -> Void
    ) {
        out += "q3c_radial_query("
        value(lon, as: .double)
        out += ", "
        value(lat, as: .double)
        out += ", "
        centre(&self)
        out += ", "
        radius(&self)
        out += ")"
    }

    /// Around a place that is worked out for each row of another table. PostgreSQL would not look into q3c_join, whose arguments must be
    /// columns or little more, so this says what it stands for: up to four ranges of the index.
    mutating func zones(_ lon: ResolvedExpression, _ lat: ResolvedExpression, _ circle: (inout Self) -> Void) {
        out += "("
        list(0..<4, separator: " OR ") { writer, range in
            writer.out += "q3c_ang2ipix("
            writer.value(lon, as: .double)
            writer.out += ", "
            writer.value(lat, as: .double)
            writer.out += ") BETWEEN almagest.zone("
            circle(&writer)
            writer.out += ", \(2 * range)) AND almagest.zone("
            circle(&writer)
            writer.out += ", \(2 * range + 1))"
        }
        out += ")"
    }

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
}

extension ResolvedExpression {
    fileprivate var isPlain: Bool { if case .column = node { true } else { false } }
}
