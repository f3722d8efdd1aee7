/// A shape written as text: DALI's `circle 10 20 0.5` or STC-S's `Circle ICRS GEOCENTER 10 20 0.5 unit deg`.
///
/// Commas stand for blanks, as many clients write them. What STC-S says of the observer, of flavours, fill factors and errors makes no
/// difference to a shape on the sky and is read over.
struct RegionLiteral: Hashable {
    /// Why a text is none.
    enum Problem: Error, Hashable {
        case unreadable
        /// A word of DALI or STC-S for what ADQL has no shape for.
        case unsupported(String)
    }

    enum Content: Hashable {
        case numbers([Double])
        /// An ASCII MOC.
        case cells(String)
    }

    /// The constructor: POINT, CIRCLE, BOX, POLYGON or MOC.
    let shape: String
    let frame: String?
    let content: Content

    init(_ text: String) throws(Problem) {
        var words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "," }[...]
        let first = words.popFirst()?.uppercased() ?? ""
        switch first {
        case "POINT", "POSITION": shape = "POINT"
        case "CIRCLE", "BOX", "POLYGON": shape = first
        case "MOC", "ALLSKY":
            shape = "MOC"
            frame = nil
            content = .cells(first == "MOC" ? words.joined(separator: " ") : "0/0-11")
            return
        default: throw Self.unsupported.contains(first) ? .unsupported(first) : .unreadable
        }
        frame = try Self.frame(&words)
        var numbers: [Double] = []
        while let word = words.first, let number = Double(word), number.isFinite {
            numbers.append(number)
            words.removeFirst()
        }
        if let word = words.popFirst() {
            switch word.uppercased() {
            case "UNIT":
                guard let unit = words.first, ["DEG", "DEGREE", "DEGREES"].contains(unit.uppercased()) else {
                    throw .unsupported("unit \(words.first ?? "")")
                }
            case "POSITION", "ERROR", "RESOLUTION", "SIZE", "PIXSIZE": break
            default: throw .unreadable
            }
        }
        content = .numbers(numbers)
    }

    private static let unsupported: Set<String> = [
        "UNION", "INTERSECTION", "NOT", "CONVEX", "ELLIPSE", "RANGE", "POSITIONINTERVAL", "MULTISHAPE", "SHAPE",
    ]
    private static let silent: Set<String> = [
        "GEOCENTER", "BARYCENTER", "HELIOCENTER", "TOPOCENTER", "GALACTIC_CENTER", "RELOCATABLE", "LSR", "LSRK", "LSRD", "UNKNOWNREFPOS",
        "SPHERICAL2", "SPHERICAL3", "CART2", "CART3", "UNITSPHERE",
    ]

    /// Takes off the words before the numbers; the first that is no remark is the frame.
    private static func frame(_ words: inout ArraySlice<Substring>) throws(Problem) -> String? {
        var frame: String?
        while let word = words.first, Double(word) == nil {
            guard word.utf8.allSatisfy({ UInt8(ascii: "_") == $0 || UInt8(ascii: "0")...UInt8(ascii: "z") ~= $0 }) else {
                throw .unreadable
            }
            words.removeFirst()
            if word.uppercased() == "FILLFACTOR" {
                words = words.dropFirst()
            } else if !silent.contains(word.uppercased()) {
                frame = frame ?? String(word)
            }
        }
        return frame
    }
}
