import ADQL
import TableModel

/// Coordinate system arguments: ADQL 2.0 demands them, 2.1 lets them be left out, and they convert nothing (ADQL 2.1 §4.2.5).
extension Resolution {
    private static let constructors: Set<String> = ["POINT", "CIRCLE", "BOX", "POLYGON"]
    private static let frames: Set<String> = [
        "FK4", "FK5", "B1950", "J2000", "ECLIPTIC", "GALACTIC", "GALACTIC_I", "GALACTIC_II", "SUPER_GALACTIC", "GEO_C", "GEO_D",
    ]

    /// The first argument, when it is a coordinate system: a string, or NULL where there is one argument too many.
    func frameArgument(_ function: String, _ call: FunctionCall) -> (name: String, span: TextSpan)? {
        guard Self.constructors.contains(function) else { return nil }
        switch call.arguments.first {
        case .string(let literal): return (literal.text, literal.span)
        case .null(let span):
            let count = call.arguments.count
            let surplus =
                switch function {
                case "POINT": count == 3
                case "CIRCLE": count == 4
                case "BOX": count == 5
                default: count >= 7 && count % 2 == 1
                }
            return surplus ? ("", span) : nil
        default: return nil
        }
    }

    /// The frame's name; nil for ICRS and for one that cannot be known.
    mutating func frame(_ argument: (name: String, span: TextSpan)) -> String? {
        // What follows the frame is the place of the observer, which makes no difference here.
        let word = argument.name.split(separator: " ").first.map { $0.uppercased() } ?? "ICRS"
        if word == "ICRS" || word.hasPrefix("UNKNOWN") { return nil }
        if !Self.frames.contains(word) {
            report(.unknownFrame(argument.name, at: argument.span))
            return nil
        }
        return word
    }

    /// The frame of all shapes among the arguments, which must have one.
    mutating func commonFrame(_ arguments: [ResolvedExpression], _ own: String?, _ span: TextSpan) -> String? {
        let shapes = arguments.filter(\.type.isGeometry)
        // Beside what ivo_geom_transform gave, a shape that was written without a frame is in the same one.
        let isConverted = shapes.contains { $0.metadata.isConverted }
        var frames = shapes.filter { !isConverted || $0.metadata.frame != nil || !$0.isConstructed }.map(\.metadata.frame)
        if let own { frames.append(own) }
        guard let first = frames.first else { return own }
        if let other = frames.first(where: { $0 != first }) {
            report(.differentFrames(first ?? "ICRS", other ?? "ICRS", at: span))
        }
        return first
    }
}

extension ResolvedExpression {
    /// Made in the query from numbers, not read from a table.
    fileprivate var isConstructed: Bool {
        if case .function = node { !metadata.isConverted } else { false }
    }
}
