/// A parameter of a statement.
package enum PostgresValue: Sendable {
    case null
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case text(String)
    case intArray([Int64])
    case textArray([String])

    /// PostgreSQL's text form.
    var text: String? {
        switch self {
        case .null: nil
        case .int(let value): String(value)
        case .double(let value): value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : String(value)
        case .bool(let value): value ? "t" : "f"
        case .text(let value): value
        case .intArray(let values): "{\(values.map(String.init).joined(separator: ","))}"
        case .textArray(let values): "{\(values.map(Self.quoted).joined(separator: ","))}"
        }
    }

    private static func quoted(_ element: String) -> String {
        var quoted = "\""
        for character in element.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
