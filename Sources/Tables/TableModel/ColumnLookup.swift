/// Finds columns by name, letter case ignored, in the same time however many there are.
///
/// It follows from the columns, so that any two are equal.
package struct ColumnLookup: Hashable, Sendable {
    private let indices: [String: [Int]]

    package init(_ columns: [Column]) {
        var indices: [String: [Int]] = [:]
        indices.reserveCapacity(columns.count)
        for (index, column) in columns.enumerated() { indices[column.name.lowercased(), default: []].append(index) }
        self.indices = indices
    }

    /// The columns that are called so in any letters; the name is in lower case.
    package subscript(name: String) -> [Int] { indices[name] ?? [] }

    package static func == (_: Self, _: Self) -> Bool { true }
    package func hash(into _: inout Hasher) {}
}
