import CHDF5

extension HDF5File {
    /// The attributes of the root (`/`) or of an object, sorted by name. What has no value (``HDF5Value``) is left out.
    package func attributes(of path: String = "/") throws(HDF5Error) -> [HDF5Attribute] {
        try Library.enter()
        let path = ObjectName.absolute(path) ?? "/"
        let object = try object(path)
        var attributes: [HDF5Attribute] = []
        for name in try attributeNames(of: object.id, at: path) {
            if let value = try attribute(name, of: object.id, at: path) { attributes.append(HDF5Attribute(name, value)) }
        }
        return attributes
    }

    func attributeNames(of object: hid_t, at path: String) throws(HDF5Error) -> [String] {
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
        guard status >= 0 else { throw .damagedObject(path, in: name, detail: Library.explanation()) }
        return names
    }

    func attribute(_ attribute: String, of object: hid_t, at path: String) throws(HDF5Error) -> HDF5Value? {
        try attributeContents(attribute, of: object, at: path) { stored, shape, bytes in
            switch shape {
            case nil: nil
            case []?: stored.value(at: bytes)
            case let shape?: stored.value(at: bytes, count: shape.reduce(1, *))
            }
        }
    }

    /// Lends type, shape and bytes of an attribute.
    func attributeContents<Result>(
        _ attribute: String, of object: hid_t, at path: String,
        use: (_ type: StoredType, _ shape: [Int]?, _ bytes: UnsafeRawBufferPointer) -> Result
    ) throws(HDF5Error) -> Result {
        let place = "\(path)@\(attribute)"
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(place, in: name, detail: detail) }
        let handle = try Handle(H5Aopen(object, attribute, Library.standard), orThrow: failure)
        let type = try Handle(H5Aget_type(handle.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        let space = try Dataspace(H5Aget_space(handle.id), orThrow: failure)
        return try contents(of: stored, type, space, at: place) { buffer in
            H5Aread(handle.id, type.id, buffer)
        } use: { bytes in
            use(stored, space.shape, bytes)
        }
    }

    /// Reads all elements into a buffer of the stored type, lends them, and gives back what libhdf5 allocated for them.
    func contents<Result>(
        of stored: StoredType, _ type: borrowing Handle, _ space: borrowing Dataspace, at path: String,
        read: (UnsafeMutableRawPointer) -> Int32, use: (UnsafeRawBufferPointer) -> Result
    ) throws(HDF5Error) -> Result {
        guard let bytes = space.bytes(width: stored.bytes), bytes <= Self.largestRead else {
            throw .tooLarge(path, in: name, bytes: space.bytes(width: stored.bytes) ?? .max)
        }
        // What libhdf5 leaves out stays zero; a null pointer is a string or list without content.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes, 16), alignment: 16)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = buffer.baseAddress else { throw .tooLarge(path, in: name, bytes: bytes) }
        if bytes > 0 {
            let status = read(base)
            guard status >= 0 else { throw .damagedObject(path, in: name, detail: Library.explanation()) }
        }
        defer { if stored.varies, bytes > 0 { H5Dvlen_reclaim(type.id, space.handle.id, Library.standard, base) } }
        return use(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<bytes]))
    }

    /// More than this in one dataset or attribute is not read at once.
    private static let largestRead = 1 << 30
}
