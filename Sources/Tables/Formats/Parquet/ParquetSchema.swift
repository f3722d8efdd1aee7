import TableModel

/// How a column stands in Parquet's schema (parquet.thrift, SchemaElement).
struct ParquetSchema {
    enum Physical: Int {
        case boolean = 0, int32 = 1, int64 = 2, float = 4, double = 5, byteArray = 6
    }

    enum Logical {
        case string
        /// A whole number of so many bits, with sign.
        case integer(Int8)
        /// Microseconds since 1970-01-01T00:00:00, as calendar and clock show them: the archive's times are UTC but for those that a
        /// column's description puts on another scale.
        case timestamp
    }

    let name: String
    let physical: Physical
    let logical: Logical?
    let isList: Bool

    init(_ name: String, _ plan: CellPlan) {
        self.name = name
        isList = plan.kind == .array
        switch isList ? plan.element : plan.kind {
        case .boolean: (physical, logical) = (.boolean, nil)
        case .int2: (physical, logical) = (.int32, .integer(16))
        case .int4: (physical, logical) = (.int32, .integer(32))
        case .int8: (physical, logical) = (.int64, .integer(64))
        case .float4: (physical, logical) = (.float, nil)
        case .float8, .array: (physical, logical) = (.double, nil)
        case .timestamp: (physical, logical) = (.int64, .timestamp)
        case .bytes: (physical, logical) = (.byteArray, nil)
        case .text, .fixedText, .rowIdentifier, .accessURL: (physical, logical) = (.byteArray, .string)
        }
    }

    /// The names on the way to the values.
    var path: [String] { isList ? [name, "list", "element"] : [name] }

    /// The elements of the schema that stand for the column: of a list three, one inside the other.
    static func write(_ schema: [Self], to writer: inout ThriftWriter) {
        var elements: [(inout ThriftWriter) -> Void] = [
            { root in
                root.string(4, "schema".utf8)
                root.int32(5, schema.count)
            }
        ]
        for column in schema {
            if column.isList {
                elements.append { outer in
                    outer.int32(3, Repetition.optional)
                    outer.string(4, column.name.utf8)
                    outer.int32(5, 1)
                    outer.int32(6, Converted.list)
                    outer.structure(10) { $0.structure(3) { _ in } }
                }
                elements.append { inner in
                    inner.int32(3, Repetition.repeated)
                    inner.string(4, "list".utf8)
                    inner.int32(5, 1)
                }
            }
            elements.append { column.writeLeaf(to: &$0) }
        }
        writer.structures(2, elements) { $1(&$0) }
    }

    private enum Repetition {
        static let optional = 1
        static let repeated = 2
    }

    private enum Converted {
        static let utf8 = 0
        static let list = 3
        static let integers: [Int8: Int] = [16: 16, 32: 17, 64: 18]
    }

    private func writeLeaf(to writer: inout ThriftWriter) {
        writer.int32(1, physical.rawValue)
        writer.int32(3, Repetition.optional)
        writer.string(4, (isList ? "element" : name).utf8)
        switch logical {
        case .string:
            writer.int32(6, Converted.utf8)
            writer.structure(10) { $0.structure(1) { _ in } }
        case .integer(let bits):
            if let converted = Converted.integers[bits] { writer.int32(6, converted) }
            writer.structure(10) { logical in
                logical.structure(10) { integer in
                    integer.byte(1, bits)
                    integer.bool(2, true)
                }
            }
        case .timestamp:
            writer.structure(10) { logical in
                logical.structure(8) { timestamp in
                    timestamp.bool(1, false)
                    timestamp.structure(2) { $0.structure(2) { _ in } }
                }
            }
        case nil: break
        }
    }
}
