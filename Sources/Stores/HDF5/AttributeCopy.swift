import CHDF5

/// Copies attributes from an object of one file to one of another, as they are.
struct AttributeCopy {
    let references: ReferenceMap
    let failure: (_ detail: String?) -> HDF5Error

    /// Copies all that the target does not have yet.
    func copy(from source: hid_t, to target: hid_t) throws(HDF5Error) {
        for name in try names(of: source) {
            let isThere = H5Aexists(target, name)
            try Library.check(isThere, orThrow: failure)
            if isThere == 0 { try copy(name, from: source, to: target) }
        }
    }

    private func names(of object: hid_t) throws(HDF5Error) -> [String] {
        var names: [String] = []
        let status = withUnsafeMutablePointer(to: &names) { pointer in
            H5Aiterate2(
                object, H5_INDEX_NAME, H5_ITER_INC, nil,
                { _, name, _, context in
                    guard let name, let context else { return -1 }
                    context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                    return 0
                }, pointer)
        }
        try Library.check(status, orThrow: failure)
        return names
    }

    private func copy(_ name: String, from source: hid_t, to target: hid_t) throws(HDF5Error) {
        let original = try Handle(H5Aopen(source, name, Library.standard), orThrow: failure)
        let found = try Handle(H5Aget_type(original.id), orThrow: failure)
        // A committed type is one of the other file.
        let type = try Handle(H5Tcopy(found.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        let space = try Dataspace(H5Aget_space(original.id), orThrow: failure)
        let properties = try Handle(H5Aget_create_plist(original.id), orThrow: failure)
        let copy = try Handle(H5Acreate2(target, name, type.id, space.handle.id, properties.id, Library.standard), orThrow: failure)
        guard let bytes = space.bytes(width: stored.bytes), bytes <= Self.largest else { throw failure("attribute \(name) is too large") }
        guard bytes > 0 else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try Library.check(H5Aread(original.id, type.id, buffer.baseAddress), orThrow: failure)
        defer { if stored.varies { H5Dvlen_reclaim(type.id, space.handle.id, Library.standard, buffer.baseAddress) } }
        references.map(buffer, of: stored)
        try Library.check(H5Awrite(copy.id, type.id, buffer.baseAddress), orThrow: failure)
    }

    private static let largest = 64 << 20
}
