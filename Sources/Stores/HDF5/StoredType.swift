/// The type of a dataset, an attribute or a member, as it stands in the file.
package indirect enum StoredType: Hashable, Sendable {
    case integer(bytes: Int, signed: Bool = true, bigEndian: Bool = false)
    /// IEEE 754, 4 or 8 bytes.
    case float(bytes: Int, bigEndian: Bool = false)
    /// `bytes` nil for a string of varying length.
    case string(bytes: Int?, padding: Padding = .zeros, utf8: Bool = true)
    case enumeration(StoredType, names: [Name])
    case array(StoredType, shape: [Int])
    /// A list of varying length.
    case list(StoredType)
    case compound([Member], bytes: Int)
    /// A reference to an object or region of the same file.
    case reference(bytes: Int)
    /// Anything else: its class and the library's encoding of it.
    case other(String, encoding: [UInt8], bytes: Int)

    package enum Padding: Hashable, Sendable {
        case terminated, zeros, spaces
    }

    /// One name of an enumeration.
    package struct Name: Hashable, Sendable {
        package let name: String
        package let value: Int64
    }

    package struct Member: Hashable, Sendable {
        package let name: String
        package let offset: Int
        package let type: StoredType

        package init(_ name: String, at offset: Int, _ type: StoredType) {
            self.name = name
            self.offset = offset
            self.type = type
        }
    }

    package static let int8 = Self.integer(bytes: 1)
    package static let int16 = Self.integer(bytes: 2)
    package static let int32 = Self.integer(bytes: 4)
    package static let int64 = Self.integer(bytes: 8)
    package static let uint64 = Self.integer(bytes: 8, signed: false)
    package static let float = Self.float(bytes: 4)
    package static let double = Self.float(bytes: 8)
    package static let string = Self.string(bytes: nil, padding: .terminated)

    /// A compound whose members follow each other without gaps.
    package static func packed(_ members: [(name: String, type: StoredType)]) -> StoredType {
        var offset = 0
        var placed: [Member] = []
        for (name, type) in members {
            placed.append(Member(name, at: offset, type))
            offset += type.bytes
        }
        return .compound(placed, bytes: offset)
    }
}

extension StoredType {
    /// Bytes of one element in memory; a string or list of varying length is a pointer, or a count and a pointer.
    package var bytes: Int {
        switch self {
        case .integer(let bytes, _, _), .float(let bytes, _), .compound(_, let bytes), .reference(let bytes), .other(_, _, let bytes): bytes
        case .string(let bytes, _, _): bytes ?? MemoryLayout<UnsafeRawPointer>.size
        case .enumeration(let base, _): base.bytes
        case .array(let element, let shape): element.bytes * shape.reduce(1, *)
        case .list: 2 * MemoryLayout<UnsafeRawPointer>.size
        }
    }

    /// Whether reading it makes libhdf5 allocate memory that must be given back.
    var varies: Bool {
        switch self {
        case .string(nil, _, _), .list: true
        case .array(let element, _): element.varies
        case .compound(let members, _): members.contains { $0.type.varies }
        default: false
        }
    }

    /// Whether one element is a value of its own: a number or text.
    var isScalar: Bool {
        switch self {
        case .integer, .float, .string, .enumeration: true
        default: false
        }
    }
}

extension StoredType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .integer(let bytes, let signed, let bigEndian): "\(signed ? "int" : "uint")\(8 * bytes)\(bigEndian ? " big-endian" : "")"
        case .float(let bytes, let bigEndian): "float\(8 * bytes)\(bigEndian ? " big-endian" : "")"
        case .string(let bytes, _, let utf8): "\(utf8 ? "UTF-8" : "ASCII") string of \(bytes.map { "\($0) bytes" } ?? "varying length")"
        case .enumeration(let base, _): "enumeration of \(base)"
        case .array(let element, let shape): "\(element)\(shape)"
        case .list(let element): "list of \(element)"
        case .compound(let members, _): "compound {\(members.map { "\($0.name): \($0.type)" }.joined(separator: ", "))}"
        case .reference: "reference"
        case .other(let name, _, _): name
        }
    }
}
