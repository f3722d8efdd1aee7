/// How the rows of a VOTable are written (VOTable 1.4 §5).
package enum Serialization: String, Hashable, Sendable, CaseIterable {
    case tabledata = "TABLEDATA"
    /// Without null flags: a column of whole numbers declares a value that stands for NULL (``Field/binaryNull``).
    case binary = "BINARY"
    case binary2 = "BINARY2"

    /// The elements between TABLE and the rows, outermost first.
    var elements: [String] {
        switch self {
        case .tabledata: ["DATA", rawValue]
        case .binary, .binary2: ["DATA", rawValue, "STREAM"]
        }
    }
}
