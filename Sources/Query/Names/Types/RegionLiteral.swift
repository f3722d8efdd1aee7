/// A shape written as text: DALI's `circle 10 20 0.5` or STC-S's `Circle ICRS GEOCENTER 10 20 0.5`.
struct RegionLiteral: Hashable {
    /// The constructor: POINT, CIRCLE, BOX or POLYGON.
    let shape: String
    let frame: String?
    let numbers: [Double]

    init?(_ text: String) {
        var words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }[...]
        switch words.popFirst()?.uppercased() {
        case "POINT", "POSITION": shape = "POINT"
        case "CIRCLE": shape = "CIRCLE"
        case "BOX": shape = "BOX"
        case "POLYGON": shape = "POLYGON"
        default: return nil
        }
        var frame: String?
        while let word = words.first, Double(word) == nil {
            guard word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
            frame = frame ?? String(word)
            words.removeFirst()
        }
        let numbers = words.compactMap { Double($0) }
        guard numbers.count == words.count, numbers.allSatisfy(\.isFinite) else { return nil }
        self.frame = frame
        self.numbers = numbers
    }
}
