import Names
import TableModel

/// Points in shapes that are no circle of the query: polygons, MOCs, columns.
///
/// pgSphere's index over positions serves `position <@ polygon` as it is. Where it can't, a circle around the shape is asked for first.
extension Translation {
    /// `CONTAINS(POINT(ra, dec), POLYGON(…))` over columns that Q3C indexes, and a point in a MOC; false when the test is something else,
    /// or needs no help.
    mutating func region(_ form: FunctionForm, _ arguments: [ResolvedExpression]) -> Bool {
        guard let (point, shape) = pointAndShape(form, arguments), shape.isSimple, point.isSimple else { return false }
        let position = Position(point)
        if kind(of: position) == .q3c, case .coordinates(let lon, let lat) = position {
            out += "("
            if shape.hasColumns {
                zones(lon, lat) { $0.bound(shape) }
            } else {
                q3c(
                    around: { writer in
                        writer.list([1, 2]) { $0.bound(shape, $1) }
                    }, lon, lat
                ) { $0.bound(shape, 3) }
            }
            out += " AND "
            template(form, arguments, .integer)
            out += ")"
            return true
        }
        guard shape.type == .moc else { return false }
        if isIndexed(shape) {
            out += "("
            value(shape)
            out += " @> smoc(29, "
            self.position(position)
        } else if rank(position) == .indexed {
            out += "(("
            list(["near", "far"], separator: " OR ") { writer, half in
                writer.position(position)
                writer.out += " <@ almagest.\(half)("
                writer.bound(shape)
                writer.out += ")"
            }
        } else {
            return false
        }
        out += ") AND "
        template(form, arguments, .integer)
        out += ")"
        return true
    }

    /// The circle around a shape.
    private mutating func bound(_ shape: ResolvedExpression) {
        out += "almagest.bound("
        value(shape, as: shape.type)
        out += ")"
    }

    private mutating func bound(_ shape: ResolvedExpression, _ number: Int) {
        out += "("
        bound(shape)
        out += ")[\(number)]"
    }
}
