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

    static func repeated(_ name: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) has {\(name)} twice; put it into a function in PostgreSQL that takes it once: \(sql)")
    }

    static func argument(_ name: String, function: String, in sql: String) -> Self {
        Self("the SQL of \(function) speaks of {\(name)}, which its signature does not have: \(sql)")
    }
}
