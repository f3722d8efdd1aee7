import TableModel

/// Rows in the making for `COPY … FROM STDIN (FORMAT binary)` (PostgreSQL, COPY, "Binary Format").
struct BinaryRows {
    private(set) var bytes: [UInt8] = []

    /// Signature, flags, and no header extension.
    static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    static let trailer: [UInt8] = [0xFF, 0xFF]

    init() {
        bytes.reserveCapacity(128 << 10)
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func beginRow(fields: Int) {
        append(Int16(fields))
    }

    mutating func null() {
        append(Int32(-1))
    }

    mutating func field(_ value: some FixedWidthInteger) {
        append(Int32(value.bitWidth / 8))
        append(value)
    }

    mutating func field(_ value: Bool) {
        field(UInt8(value ? 1 : 0))
    }

    mutating func field(_ value: Double) {
        field(value.bitPattern)
    }

    mutating func field(_ value: Float) {
        field(value.bitPattern)
    }

    mutating func field(_ text: String) {
        append(Int32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A one-dimensional array; an empty one has no dimension. Each element comes as its bits.
    mutating func field<Bits: FixedWidthInteger>(array elements: [Bits], of element: ValueType.Element) {
        let width = Bits.bitWidth / 8
        append(Int32(elements.isEmpty ? 12 : 20 + elements.count * (4 + width)))
        append(Int32(elements.isEmpty ? 0 : 1))
        append(Int32(0))
        append(Self.oid(of: element))
        guard !elements.isEmpty else { return }
        append(Int32(elements.count))
        append(Int32(1))
        for bits in elements { field(bits) }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// PostgreSQL's fixed numbers of its own types.
    private static func oid(of element: ValueType.Element) -> Int32 {
        switch element {
        case .smallint: 21
        case .integer: 23
        case .bigint: 20
        case .real: 700
        case .double: 701
        }
    }
}
