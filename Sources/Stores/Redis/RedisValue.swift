/// What Redis answers.
package enum RedisValue: Hashable, Sendable {
    case null
    case integer(Int)
    /// A string, which may hold any bytes.
    case bytes([UInt8])
    case array([RedisValue])
    /// A short word such as OK.
    case status(String)
    /// An error that one command of several met, or one part of a script's answer.
    case error(String)
}

extension RedisValue {
    package var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    package var bytes: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// A string's text, where it is UTF-8.
    package var string: String? {
        switch self {
        case .bytes(let value): String(validating: value, as: UTF8.self)
        case .status(let word): word
        case .null, .integer, .array, .error: nil
        }
    }

    package var array: [RedisValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    var kind: String {
        switch self {
        case .null: "nil"
        case .integer: "an integer"
        case .bytes: "a string"
        case .array(let values): "an array of \(values.count)"
        case .status(let word): "the status \(word)"
        case .error(let message): "the error \(message)"
        }
    }
}
