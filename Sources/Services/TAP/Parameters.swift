/// The parameters of a request, as DALI reads them: names without regard to letter case, unknown ones ignored (DALI 1.1 §3.4, TAP 1.1 §2.3).
package struct Parameters: Sendable {
    /// As the request gave them, decoded.
    package let pairs: [(name: String, value: String)]
    private var values: [String: [String]] = [:]

    /// - Parameter pairs: name and value in the order of the request, decoded.
    package init(_ pairs: some Sequence<(String, String)>) {
        self.pairs = pairs.map { (name: $0.0, value: $0.1) }
        for (name, value) in pairs { values[name.uppercased(), default: []].append(value) }
    }

    /// All values of a parameter, in the order of the request.
    package func all(_ name: String) -> [String] {
        values[name.uppercased(), default: []]
    }

    /// The value of a parameter that may be given once; an empty one counts as absent.
    ///
    /// - Throws: ``TAPError`` when it is given more than once.
    package func single(_ name: String) throws(TAPError) -> String? {
        let given = all(name)
        guard given.count <= 1 else { throw .repeated(name.uppercased()) }
        return given.first.flatMap { $0.isEmpty ? nil : $0 }
    }
}
