/// Writes structures in Thrift's compact protocol, which holds all that Parquet says about its data.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastField = 0

    private enum Kind: UInt8 {
        case yes = 1, no = 2, byte = 3, int32 = 5, int64 = 6, binary = 8, list = 9, structure = 12
    }

    mutating func bool(_ field: Int, _ value: Bool) { header(field, value ? .yes : .no) }

    mutating func byte(_ field: Int, _ value: Int8) {
        header(field, .byte)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func int32(_ field: Int, _ value: Int) {
        header(field, .int32)
        zigzag(Int64(value))
    }

    mutating func int64(_ field: Int, _ value: Int) {
        header(field, .int64)
        zigzag(Int64(value))
    }

    mutating func string(_ field: Int, _ value: some Sequence<UInt8>) {
        header(field, .binary)
        binary(Array(value))
    }

    mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
        header(field, .structure)
        nested(body)
    }

    mutating func structures<Element>(_ field: Int, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void) {
        list(field, elements.count, of: .structure)
        for element in elements { nested { body(&$0, element) } }
    }

    mutating func strings(_ field: Int, _ elements: [String]) {
        list(field, elements.count, of: .binary)
        for element in elements { binary(Array(element.utf8)) }
    }

    mutating func int32s(_ field: Int, _ elements: [Int]) {
        list(field, elements.count, of: .int32)
        for element in elements { zigzag(Int64(element)) }
    }

    /// Ends the outermost structure.
    mutating func end() { bytes.append(0) }

    // MARK: - The protocol

    private mutating func nested(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastField
        lastField = 0
        body(&self)
        end()
        lastField = outer
    }

    private mutating func header(_ field: Int, _ kind: Kind) {
        let step = field - lastField
        lastField = field
        if (1...15).contains(step) {
            bytes.append(UInt8(step) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            zigzag(Int64(field))
        }
    }

    private mutating func list(_ field: Int, _ count: Int, of kind: Kind) {
        header(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            Self.append(varint: UInt64(count), to: &bytes)
        }
    }

    private mutating func binary(_ value: [UInt8]) {
        Self.append(varint: UInt64(value.count), to: &bytes)
        bytes += value
    }

    private mutating func zigzag(_ value: Int64) {
        Self.append(varint: UInt64(bitPattern: value << 1 ^ value >> 63), to: &bytes)
    }

    /// Seven bits a byte, the lowest first.
    static func append(varint value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
