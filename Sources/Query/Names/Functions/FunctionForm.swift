package import TableModel

/// One way to call a function: its arguments, its result and its SQL, as one entry of the list gives them.
package struct FunctionForm: Hashable, Sendable {
    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var type: ParameterType
    }

    package enum Result: Hashable, Sendable {
        case type(ValueType)
        /// The type of an argument, by its place.
        case argument(Int)
        /// The one type that holds all arguments.
        case common
    }

    /// The function's name as the list spells it.
    package let function: String
    /// `ivo_hasword(haystack TEXT, needle TEXT) -> INTEGER`: what capabilities announce and messages quote.
    package let signature: String
    package let parameters: [Parameter]
    /// The last parameter may be repeated.
    package let repeats: Bool
    /// How few arguments a repeated parameter allows in all.
    package let least: Int
    package let result: Result
    package let template: FunctionTemplate
    /// The SQL is a condition, for which the function's value is 1 or 0.
    package let isTest: Bool
    /// Takes many rows.
    package let aggregate: Bool
    /// Two calls with the same arguments may differ.
    let isVolatile: Bool
    /// Which arguments must stand in the query as literals, by their place.
    package let literals: Set<Int>
    /// The unit and UCD of its value, as far as the list tells them.
    let unit: UnitRule?
    let ucd: UCDRule?

    /// A signature names and types everything, so it alone tells forms apart.
    package static func == (left: Self, right: Self) -> Bool { left.signature == right.signature }
    package func hash(into hasher: inout Hasher) { hasher.combine(signature) }

    /// The parameter that the argument at `index` belongs to.
    package func parameter(at index: Int) -> Parameter { parameters[min(index, parameters.count - 1)] }

    func takes(_ count: Int) -> Bool {
        repeats ? count >= max(least, parameters.count) : count == parameters.count
    }
}

/// What an argument may be.
package enum ParameterType: Hashable, Sendable {
    case any
    /// Any number; it is passed as it is.
    case numeric
    /// Any whole number; it is passed as it is.
    case integral
    /// A point, circle or polygon; it is passed as it is.
    case geometry
    /// Any value that converts to this type without loss of meaning.
    case exactly(ValueType)

    /// How far an argument is from this type: 0 when it is the type, nil when it does not fit at all.
    func distance(from argument: ResolvedExpression) -> Int? {
        let type = argument.type
        if type == .null { return 0 }
        switch self {
        case .any: return 0
        case .numeric: return type.isNumeric ? 0 : nil
        case .integral: return type.isInteger ? 0 : nil
        case .geometry: return type.isGeometry && type != .moc ? 0 : nil
        case .exactly(let wanted):
            if type == wanted { return 0 }
            if wanted.isText { return type.isText ? 0 : nil }
            if wanted.isInteger { return type.isInteger ? 1 : nil }
            if wanted.isNumeric { return type.isNumeric ? 1 : nil }
            if wanted == .timestamp, case .string(let text) = argument.node { return TimestampLiteral.isValid(text) ? 1 : nil }
            return nil
        }
    }

    /// As an error calls it.
    var phrase: String {
        switch self {
        case .any: "any value"
        case .numeric: "a number"
        case .integral: "a whole number"
        case .geometry: "a point, a circle or a polygon"
        case .exactly(let type): type.isInteger ? "a whole number" : type.isNumeric ? "a number" : type.phrase
        }
    }
}
