/// The fields of a record: names in order. Records of the same shape share one layout, so a caller may work out once
/// where its columns lie and keep that as long as the layout is the same object.
package final class RecordLayout: Sendable {
    package let names: [String]
    private let positions: [String: Int]

    package init(names: [String]) {
        self.names = names
        positions = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    package func position(of name: String) -> Int? {
        positions[name]
    }
}

/// One object of a file as named values: the datasets of a group, or the members of a scalar compound dataset.
package struct HDF5Record: Sendable {
    package let layout: RecordLayout
    /// In the layout's order.
    package let values: [HDF5Value]

    package init(layout: RecordLayout, values: [HDF5Value]) {
        self.layout = layout
        self.values = values
    }

    /// The value of that name; nil when the object has no such field.
    package subscript(name: String) -> HDF5Value? {
        layout.position(of: name).map { values[$0] }
    }
}

/// A named value on an object or on the file's root.
package struct HDF5Attribute: Hashable, Sendable {
    package let name: String
    package let value: HDF5Value

    package init(_ name: String, _ value: HDF5Value) {
        self.name = name
        self.value = value
    }
}
