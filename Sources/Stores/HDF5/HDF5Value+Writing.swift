extension HDF5Value {
    /// The type that the value gets in a file when none is asked for.
    var storedType: StoredType {
        switch self {
        case .int64, .int64s: .int64
        case .uint64, .uint64s: .uint64
        case .float, .floats: .float
        case .double, .doubles: .double
        case .string, .strings: .string
        }
    }

    /// The type of the bytes that ``withBytes(_:)`` lends.
    var memoryType: StoredType {
        switch self {
        case .int64, .int64s: .integer(bytes: 8, bigEndian: Self.isBigEndian)
        case .uint64, .uint64s: .integer(bytes: 8, signed: false, bigEndian: Self.isBigEndian)
        case .float, .floats: .float(bytes: 4, bigEndian: Self.isBigEndian)
        case .double, .doubles: .float(bytes: 8, bigEndian: Self.isBigEndian)
        case .string, .strings: .string
        }
    }

    private static var isBigEndian: Bool { 1.bigEndian == 1 }

    /// Lends the value as it stands in memory; strings as pointers to their characters.
    func withBytes<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        switch self {
        case .int64(let value): Swift.withUnsafePointer(to: value) { body($0) }
        case .uint64(let value): Swift.withUnsafePointer(to: value) { body($0) }
        case .float(let value): Swift.withUnsafePointer(to: value) { body($0) }
        case .double(let value): Swift.withUnsafePointer(to: value) { body($0) }
        case .string(let value): value.withCString { text in Swift.withUnsafePointer(to: text) { body($0) } }
        case .int64s(let values): Self.lend(values, body)
        case .uint64s(let values): Self.lend(values, body)
        case .floats(let values): Self.lend(values, body)
        case .doubles(let values): Self.lend(values, body)
        case .strings(let values):
            Self.lend(values.reduce(into: Characters()) { $0.append(Array($1.utf8CString)) }, body)
        }
    }

    private static func lend<Element, Result>(_ values: [Element], _ body: (UnsafeRawPointer) -> Result) -> Result {
        values.withUnsafeBytes { buffer in
            // An empty array has no address; libhdf5 reads nothing from it but wants one.
            buffer.baseAddress.map(body) ?? Swift.withUnsafePointer(to: 0) { body($0) }
        }
    }

    private static func lend<Result>(_ characters: Characters, _ body: (UnsafeRawPointer) -> Result) -> Result {
        characters.bytes.withUnsafeBufferPointer { bytes in
            lend(characters.starts.map { start in bytes.baseAddress.map { $0 + start } }, body)
        }
    }

    /// Texts one after the other, each with its zero byte.
    private struct Characters {
        var bytes: [CChar] = []
        var starts: [Int] = []

        mutating func append(_ text: [CChar]) {
            starts.append(bytes.count)
            bytes.append(contentsOf: text)
        }
    }
}
