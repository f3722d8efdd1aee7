import TableModel

/// Reads `name(argument TYPE, …) -> TYPE`.
struct FunctionSignature {
    let name: String
    let parameters: [FunctionForm.Parameter]
    let repeats: Bool
    let result: FunctionForm.Result

    init(_ text: String) throws(FunctionListError) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close,
            Identifier.isRegular(String(text[..<open])),
            case let tail = text[close...].dropFirst().split(separator: " "), tail.count == 2, tail[0] == "->"
        else { throw .signature(text) }
        var parameters: [FunctionForm.Parameter] = []
        var repeats = false
        for entry in text[text.index(after: open)..<close].split(separator: ",") {
            let words = entry.split(separator: " ")
            guard words.count == 2, !repeats, Identifier.isRegular(String(words[0])) else { throw .signature(text) }
            if parameters.contains(where: { $0.name == words[0] }) { throw .sameArgument(String(words[0]), in: text) }
            repeats = words[1].hasSuffix("...")
            let word = repeats ? words[1].dropLast(3) : words[1]
            guard let type = Self.parameterType(word) else { throw .type(String(word), in: text) }
            parameters.append(FunctionForm.Parameter(name: String(words[0]), type: type))
        }
        name = String(text[..<open])
        self.parameters = parameters
        self.repeats = repeats
        if tail[1] == "COMMON" {
            result = .common
        } else if let index = parameters.firstIndex(where: { $0.name == tail[1] }) {
            result = .argument(index)
        } else if tail[1] == "GEOMETRY", let index = parameters.firstIndex(where: { $0.type == .geometry }) {
            result = .argument(index)
        } else if let type = Self.types[String(tail[1])] ?? Self.arrays[String(tail[1])] {
            result = .type(type)
        } else {
            throw .type(String(tail[1]), in: text)
        }
    }

    private static func parameterType(_ word: Substring) -> ParameterType? {
        switch word {
        case "ANY": .any
        case "NUMERIC": .numeric
        case "INTEGRAL": .integral
        case "GEOMETRY": .geometry
        default: types[String(word)].map(ParameterType.exactly)
        }
    }

    private static let types: [String: ValueType] = [
        "SMALLINT": .smallint, "INTEGER": .integer, "BIGINT": .bigint, "REAL": .real, "DOUBLE": .double, "TEXT": .varchar(nil),
        "TIMESTAMP": .timestamp, "POINT": .point, "CIRCLE": .circle, "POLYGON": .polygon, "MOC": .moc,
    ]

    /// Of results alone.
    private static let arrays: [String: ValueType] = [
        "SMALLINT[]": .array(.smallint, count: nil), "INTEGER[]": .array(.integer, count: nil), "BIGINT[]": .array(.bigint, count: nil),
        "REAL[]": .array(.real, count: nil), "DOUBLE[]": .array(.double, count: nil),
    ]
}
