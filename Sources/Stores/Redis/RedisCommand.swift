/// A command and its arguments: `RedisCommand("HSET", key, "rows", "5")`.
package struct RedisCommand: Hashable, Sendable {
    package var arguments: [RedisArgument]

    package init(_ name: RedisArgument, _ arguments: RedisArgument...) {
        self.arguments = [name] + arguments
    }

    package init(_ arguments: [RedisArgument]) {
        self.arguments = arguments
    }
}

/// Bytes of any kind, most often text or a decimal number.
package struct RedisArgument: Hashable, Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    package init(_ number: some BinaryInteger) {
        bytes = Array(String(number).utf8)
    }

    package init(stringLiteral text: String) {
        self.init(text)
    }

    package init(integerLiteral number: Int) {
        self.init(number)
    }
}

/// A Lua script that Redis runs as one atomic step.
package struct RedisScript: Hashable, Sendable {
    package var source: String

    package init(_ source: String) {
        self.source = source
    }
}
