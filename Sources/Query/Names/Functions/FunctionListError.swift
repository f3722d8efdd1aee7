/// What is wrong with a list of functions; for the operator who wrote it.
package struct FunctionListError: Error, Hashable, CustomStringConvertible {
    package let message: String

    package var description: String { message }

    private init(_ message: String) {
        self.message = message
    }

    static func unreadable(_ reason: String) -> Self {
        Self("the list of functions is not the YAML that it should be: \(reason)")
    }

    static func twice(_ name: String) -> Self { Self("the function \(name) is listed twice; give one entry several forms") }

    static func noForm(_ name: String) -> Self { Self("the function \(name) has no form; give it at least one signature with its SQL") }

    static func name(_ name: String) -> Self {
        Self(
            "\"\(name)\" can't name a function: a name is made of letters, digits and _, begins with a letter, and is no reserved word of ADQL"
        )
    }

    /// Of a list of the operator's own.
    static func taken(_ name: String) -> Self {
        Self(
            "the function \(name) is there already; give yours another name, best with a prefix of your archive, as in myarch_\(name.lowercased())"
        )
    }

    static func reserved(_ name: String) -> Self {
        Self(
            "\(name) begins with ivo_, which is for functions of the IVOA's catalogue; use a prefix of your archive, as in myarch_\(name.dropFirst(4))"
        )
    }

    static func notUserDefined(_ name: String) -> Self {
        Self("the function \(name) has a feature of ADQL itself; leave feature out, or write feature: udf")
    }

    static func sameArgument(_ name: String, in signature: String) -> Self {
        Self("two arguments are called \(name) in \"\(signature)\"")
    }

    static func unit(_ unit: String, of signature: String, _ reason: String) -> Self {
        Self("the unit \"\(unit)\" of \(signature) is none: \(reason); it is a VOUnits text, {x} for the unit of argument x, or sqrt({x})")
    }

    static func literal(_ name: String, of signature: String) -> Self {
        Self("\(signature) has no argument \(name) that could be a literal")
    }

    static func oneSQL(_ signature: String) -> Self { Self("\(signature) needs either sql or test, and not both") }

    static func otherName(_ name: String, function: String) -> Self {
        Self("a form of \(function) is called \(name); both must be spelled alike")
    }

    static func signature(_ text: String) -> Self {
        Self("the signature \"\(text)\" cannot be read; it has the form name(argument TYPE, argument TYPE) -> TYPE")
    }

    static func type(_ word: String, in signature: String) -> Self {
        Self(
            """
            unknown type \(word) in \"\(signature)\"; types are ANY, NUMERIC, INTEGRAL, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, TEXT, \
            TIMESTAMP, POINT, CIRCLE, POLYGON, MOC, GEOMETRY, and for results COMMON, an argument's name, or an array such as INTEGER[]
            """)
    }

    static func brace(function: String, in sql: String) -> Self { Self("a { in the SQL of \(function) is not closed: \(sql)") }

    static func quoted(_ name: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) has {\(name)} inside quotes; leave them out, for an argument is a whole value: \(sql)")
    }

    static func quote(function: String, in sql: String) -> Self { Self("a quote in the SQL of \(function) is not closed: \(sql)") }

    static func parenthesis(function: String, in sql: String) -> Self {
        Self("the parentheses in the SQL of \(function) do not match: \(sql)")
    }

    static func sign(_ sign: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) has a \(sign), which can't stand in a value; put longer SQL into a function in PostgreSQL: \(sql)")
    }

    static func unknownKey(_ key: String, of entry: String, known: [String]) -> Self {
        Self("\(entry) has \"\(key)\", which means nothing there; known are \(known.joined(separator: ", "))")
    }

    /// What is missing from an entry, or of another kind than it should be.
    static func decoding(_ error: DecodingError) -> Self {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "the list" : path.map { key in key.intValue.map { "entry \($0 + 1)" } ?? key.stringValue }.joined(separator: ", ")
        }
        return switch error {
        case .keyNotFound(let key, let context): Self("\(place(context.codingPath)) has no \(key.stringValue)")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            Self("\(place(context.codingPath)) is not of the kind that it should be; adql/functions.yaml explains each word")
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? unreadable(context.underlyingError.map { "\($0)" } ?? context.debugDescription)
                : Self("\(place(context.codingPath)) can be udf, which is meant where nothing stands")
        @unknown default: unreadable("\(error)")
        }
    }

    static func repeated(_ name: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) has {\(name)} twice; put it into a function in PostgreSQL that takes it once: \(sql)")
    }

    static func argument(_ name: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) speaks of {\(name)}, which its signature does not have: \(sql)")
    }
}
