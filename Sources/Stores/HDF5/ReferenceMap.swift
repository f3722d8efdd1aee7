import CHDF5

/// Turns references into one file to references into another: an object that was copied keeps its references to what was copied with it, and
/// those to anything else become null.
///
/// H5Ocopy by itself makes all references null, and leaves those in lists of varying length with the address of another file.
final class ReferenceMap {
    private let source: hid_t
    private let target: hid_t
    /// From the address of an object in the source to its path in the target.
    private var paths: [haddr_t: String] = [:]
    /// False where the target's datasets have fewer rows than the source's, so that a region of one is none of the other.
    private let keepsRegions: Bool

    private static let regionBytes = 12

    init(from source: hid_t, to target: hid_t, keepsRegions: Bool) {
        self.source = source
        self.target = target
        self.keepsRegions = keepsRegions
    }

    /// Notes where an open object of the source is in the target.
    func add(object: hid_t, at path: String) {
        if let address = Self.address(object) { paths[address] = path }
    }

    /// Notes where the source's object at that address is in the target.
    func add(_ address: haddr_t, at path: String) {
        paths[address] = path
    }

    static func address(_ object: hid_t) -> haddr_t? {
        var (address, links) = (haddr_t(0), UInt32(0))
        return almagest_h5o_address(object, &address, &links) >= 0 ? address : nil
    }

    /// Maps all references among the elements in a buffer, in place.
    func map(_ buffer: UnsafeMutableRawBufferPointer, of type: StoredType) {
        guard type.hasReferences else { return }
        for start in stride(from: 0, to: buffer.count, by: max(1, type.bytes)) {
            mapElement(UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(buffer.count, start + type.bytes)]), type)
        }
    }

    private func mapElement(_ element: UnsafeMutableRawBufferPointer, _ type: StoredType) {
        switch type {
        case .reference(let bytes): mapReference(element, bytes: bytes)
        case .array(let inner, _): map(element, of: inner)
        case .compound(let members, _):
            for member in members where member.type.hasReferences {
                mapElement(UnsafeMutableRawBufferPointer(rebasing: element[member.offset..<member.offset + member.type.bytes]), member.type)
            }
        case .list(let inner):
            let count = element.loadUnaligned(as: Int.self)
            let base = element.loadUnaligned(fromByteOffset: MemoryLayout<Int>.size, as: UnsafeMutableRawPointer?.self)
            if let base, count > 0 { map(UnsafeMutableRawBufferPointer(start: base, count: count * inner.bytes), of: inner) }
        default: break
        }
    }

    private func mapReference(_ reference: UnsafeMutableRawBufferPointer, bytes: Int) {
        guard let base = reference.baseAddress, reference.contains(where: { $0 != 0 }) else { return }
        let kind = bytes == Self.regionBytes ? H5R_DATASET_REGION : H5R_OBJECT
        let mapped = mapped(base, kind)
        if !mapped { for index in reference.indices { reference[index] = 0 } }
    }

    /// False when it leads to nothing that was copied.
    private func mapped(_ reference: UnsafeMutableRawPointer, _ kind: H5R_type_t) -> Bool {
        let object = H5Rdereference2(source, Library.standard, kind, reference)
        defer { H5Eclear2(Library.standard) }
        guard object >= 0 else { return false }
        defer { H5Idec_ref(object) }
        guard let address = Self.address(object), let path = paths[address] else { return false }
        if kind == H5R_OBJECT { return H5Rcreate(reference, target, path, kind, -1) >= 0 }
        guard keepsRegions else { return false }
        let region = H5Rget_region(source, kind, reference)
        guard region >= 0 else { return false }
        defer { H5Idec_ref(region) }
        return H5Rcreate(reference, target, path, kind, region) >= 0
    }
}

extension StoredType {
    var hasReferences: Bool {
        switch self {
        case .reference: true
        case .array(let element, _), .list(let element): element.hasReferences
        case .compound(let members, _): members.contains { $0.type.hasReferences }
        default: false
        }
    }
}
