/// The unit of a function's value.
enum UnitRule: Hashable, Sendable {
    /// Always this one; empty for a pure number.
    case fixed(String)
    /// `{x}`: that of an argument, by its place.
    case argument(Int)
    /// `sqrt({x})`
    case root(Int)

    init(_ text: String, parameters: [FunctionForm.Parameter], signature: String) throws(FunctionListError) {
        func place(_ text: Substring) -> Int? { parameters.firstIndex { text == "{\($0.name)}" } }
        if let index = place(text[...]) {
            self = .argument(index)
        } else if text.hasPrefix("sqrt("), text.hasSuffix(")"), let index = place(text.dropFirst(5).dropLast()) {
            self = .root(index)
        } else {
            do {
                _ = try Unit(text)
            } catch {
                throw .unit(text, of: signature, error.reason)
            }
            self = .fixed(text)
        }
    }
}

/// The UCD of a function's value.
enum UCDRule: Hashable, Sendable {
    case fixed(String)
    /// `{x}`: that of an argument, by its place.
    case argument(Int)

    init(_ text: String, parameters: [FunctionForm.Parameter]) {
        self = parameters.firstIndex { text == "{\($0.name)}" }.map(UCDRule.argument) ?? .fixed(text)
    }
}
