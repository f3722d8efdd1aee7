/// PostgreSQL's words for a function, with places for its arguments: `mod({x}, {y})`.
package struct FunctionTemplate: Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        case text(String)
        /// `{x}`: an argument, by its place.
        case argument(Int)
        /// `{x...}`: this and all further arguments, between commas.
        case arguments(from: Int)
    }

    package let pieces: [Piece]

    /// Whether the words can stand beside an operator as they are: one call, or something in parentheses.
    package var isAtomic: Bool {
        guard pieces.count > 1 || pieces.contains(where: { if case .text = $0 { true } else { false } }) else { return true }
        guard case .text(let first)? = pieces.first, let open = first.firstIndex(of: "("),
            first[..<open].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." })
        else { return false }
        var depth = 0
        for (index, piece) in pieces.enumerated() {
            guard case .text(let text) = piece else { continue }
            for (place, character) in text.enumerated() {
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                if character == ")", depth == 0 { return index == pieces.count - 1 && place == text.count - 1 }
            }
        }
        return false
    }

    /// Whether two calls with the same arguments may differ.
    var isVolatile: Bool {
        pieces.contains { piece in if case .text(let text) = piece { text.contains("random()") } else { false } }
    }

    init(_ text: String, parameters: [FunctionForm.Parameter], function: String) throws(FunctionListError) {
        var pieces: [Piece] = []
        for token in try TemplateScanner(text, function: function).tokens {
            switch token {
            case .text(let text): pieces.append(.text(String(text)))
            case .place(let name):
                let isRepeated = name.hasSuffix("...")
                let bare = isRepeated ? name.dropLast(3) : name
                guard let index = parameters.firstIndex(where: { $0.name == bare }) else {
                    throw .argument(String(bare), function: function, in: text)
                }
                let piece = isRepeated ? Piece.arguments(from: index) : .argument(index)
                // Calls inside calls would double with each level.
                guard !pieces.contains(piece) else { throw .repeated(String(bare), function: function, in: text) }
                pieces.append(piece)
            }
        }
        for case .text(let words) in pieces {
            for parameter in parameters where words.utf8.contains("{\(parameter.name)}".utf8) {
                throw .quoted(parameter.name, function: function, in: text)
            }
        }
        self.pieces = pieces
    }
}
