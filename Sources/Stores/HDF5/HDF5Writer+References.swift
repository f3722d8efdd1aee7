import CHDF5

extension HDF5Writer {
    /// Whether something that was copied may hold references, which are lost in copying.
    ///
    /// What has been written so far is searched for the head of a reference type's description (HDF5 File Format Specification 3.0 §IV.A.2.d), which costs
    /// next to nothing; bytes that look like one by chance cost ``restoreReferences(of:from:)`` its time and no more.
    package func mayHoldReferences() throws(HDF5Error) -> Bool {
        try Library.enter()
        let name = fileName
        try Library.check(H5Fflush(file, H5F_SCOPE_LOCAL)) { .notWritten(name, detail: $0) }
        try checkDisk()
        var size = hsize_t(0)
        try Library.check(H5Fget_filesize(file, &size)) { .notWritten(name, detail: $0) }
        return image.holdsReferenceType(in: Int(clamping: size))
    }

    /// Makes references in copies of objects lead to the copies of what the originals lead to, in so far as that was copied; the others become null.
    ///
    /// - Parameter copies: all objects that were copied from the file, each with its path in this one.
    package func restoreReferences(
        of copies: [(key: String, place: String)], from source: borrowing HDF5File
    ) throws(HDF5Error) {
        try Library.enter()
        let references = ReferenceMap(from: source.handle.id, to: file, keepsRegions: true)
        var objects: [(original: String, copy: String)] = []
        for copy in copies {
            guard let key = ObjectName.absolute(copy.key) else { continue }
            let original = try source.object(key)
            for found in try source.objects(below: original, at: key) {
                let isItself = found.path == "."
                references.add(found.address, at: isItself ? copy.place : "\(copy.place)/\(found.path)")
                objects.append((isItself ? key : "\(key)/\(found.path)", isItself ? copy.place : "\(copy.place)/\(found.path)"))
            }
        }
        for object in objects { try restore(object.copy, like: object.original, in: source, references) }
    }

    private func restore(
        _ path: String, like original: String, in source: borrowing HDF5File, _ references: ReferenceMap
    ) throws(HDF5Error) {
        let (file, name) = (file, fileName)
        func failure(_ detail: String?) -> HDF5Error { .notWritten(name, detail: "\(path): \(detail ?? "no reason given")") }
        let from = try source.object(original)
        let to = try Handle(H5Oopen(file, path, Library.standard), orThrow: failure)
        for attribute in try source.attributeNames(of: from.id, at: original) {
            let one = try Handle(H5Aopen(from.id, attribute, Library.standard), orThrow: failure)
            let type = try Self.transient(H5Aget_type(one.id), orThrow: failure)
            guard let stored = StoredType(type.id), stored.hasReferences else { continue }
            let other = try Handle(H5Aopen(to.id, attribute, Library.standard), orThrow: failure)
            let space = try Dataspace(H5Aget_space(one.id), orThrow: failure)
            try Self.map(stored, type, space, references, orThrow: failure) {
                H5Aread(one.id, type.id, $0)
            } write: {
                H5Awrite(other.id, type.id, $0)
            }
        }
        guard H5Iget_type(from.id) == H5I_DATASET else { return }
        let type = try Self.transient(H5Dget_type(from.id), orThrow: failure)
        guard let stored = StoredType(type.id), stored.hasReferences else { return }
        let space = try Dataspace(H5Dget_space(from.id), orThrow: failure)
        try Self.map(stored, type, space, references, orThrow: failure) {
            H5Dread(from.id, type.id, Library.all, Library.all, Library.standard, $0)
        } write: {
            H5Dwrite(to.id, type.id, Library.all, Library.all, Library.standard, $0)
        }
    }

    /// A committed type is one of its own file.
    private static func transient(
        _ type: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> Handle {
        let found = try Handle(type, orThrow: failure)
        return try Handle(H5Tcopy(found.id), orThrow: failure)
    }

    private static let largest = 1 << 30

    private static func map(
        _ stored: StoredType, _ type: borrowing Handle, _ space: borrowing Dataspace, _ references: ReferenceMap,
        orThrow failure: (_ detail: String?) -> HDF5Error, read: (UnsafeMutableRawPointer?) -> Int32,
        write: (UnsafeMutableRawPointer?) -> Int32
    ) throws(HDF5Error) {
        guard let bytes = space.bytes(width: stored.bytes), bytes <= largest else { throw failure("too many references") }
        guard bytes > 0 else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try Library.check(read(buffer.baseAddress), orThrow: failure)
        defer { if stored.varies { H5Dvlen_reclaim(type.id, space.handle.id, Library.standard, buffer.baseAddress) } }
        references.map(buffer, of: stored)
        try Library.check(write(buffer.baseAddress), orThrow: failure)
    }
}

extension HDF5File {
    /// An object and all below it, by path below it and address.
    fileprivate func objects(
        below object: borrowing Handle, at path: String
    ) throws(HDF5Error) -> [(path: String, address: haddr_t)] {
        var found: [(path: String, address: haddr_t)] = []
        let status = withUnsafeMutablePointer(to: &found) { pointer in
            almagest_h5o_each(
                object.id,
                { path, address, context in
                    guard let path, let context else { return }
                    context.assumingMemoryBound(to: [(path: String, address: haddr_t)].self).pointee.append(
                        (String(cString: path), address))
                }, pointer)
        }
        guard status >= 0 else { throw .damagedObject(path, in: name, detail: Library.explanation()) }
        return found
    }
}
