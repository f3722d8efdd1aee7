import CHDF5

/// A group of a file in the making, where objects are put.
package struct HDF5Group: ~Copyable {
    private let handle: Handle
    /// Empty for the root.
    private let path: String
    private let properties: WriterProperties

    init(_ handle: consuming Handle, path: String, properties: WriterProperties) {
        self.handle = handle
        self.path = path
        self.properties = properties
    }

    /// Makes a group of that name below this one.
    package func createGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
        try Library.enter()
        let id = H5Gcreate2(handle.id, name, Library.standard, properties.group.id, Library.standard)
        return HDF5Group(try Handle(id) { failure(name, $0) }, path: "\(path)/\(name)", properties: properties)
    }

    /// Writes a scalar or one-dimensional dataset. The type is the value's own unless given; numbers are converted to it.
    package func write(
        _ value: HDF5Value, to name: String, as type: StoredType? = nil, storage: DatasetStorage = .contiguous,
        attributes: [HDF5Attribute] = []
    ) throws(HDF5Error) {
        try Library.enter()
        let stored = try (type ?? value.storedType).made()
        let memory = try value.memoryType.made()
        let space = try Dataspace(shape: value.count.map { [$0] } ?? [], growing: storage.isChunked)
        let creation = try properties.dataset(storage)
        let dataset = try Handle(H5Dcreate2(handle.id, name, stored.id, space.handle.id, Library.standard, creation.id, Library.standard)) {
            failure(name, $0)
        }
        let status = value.withBytes { H5Dwrite(dataset.id, memory.id, Library.all, Library.all, Library.standard, $0) }
        try Library.check(status) { failure(name, $0) }
        for attribute in attributes { try set(attribute, on: dataset.id, at: name) }
    }

    /// Writes elements that stand in memory as the type says: one, or as many as the shape has.
    package func write(
        _ bytes: UnsafeRawBufferPointer, to name: String, as type: borrowing HDF5Type, shape: [Int] = []
    ) throws(HDF5Error) {
        try Library.enter()
        guard let base = bytes.baseAddress, bytes.count == type.bytes * shape.reduce(1, *) else {
            throw .unfitValue("\(path)/\(name)", type: type.stored)
        }
        let space = try Dataspace(shape: shape)
        let id = H5Dcreate2(handle.id, name, type.handle.id, space.handle.id, Library.standard, properties.contiguous.id, Library.standard)
        let dataset = try Handle(id) { failure(name, $0) }
        try Library.check(H5Dwrite(dataset.id, type.handle.id, Library.all, Library.all, Library.standard, base)) { failure(name, $0) }
    }

    /// Writes a one-dimensional dataset of `count` elements batch by batch, so that memory stays flat.
    ///
    /// `fill` gets the range of elements that is due and the bytes (zeroed) to write them into.
    package func writeRows(
        _ count: Int, to name: String, as type: borrowing HDF5Type, fill: (Range<Int>, UnsafeMutableRawBufferPointer) -> Void
    ) throws(HDF5Error) {
        try Library.enter()
        let space = try Dataspace(shape: [count])
        let id = H5Dcreate2(handle.id, name, type.handle.id, space.handle.id, Library.standard, properties.contiguous.id, Library.standard)
        let dataset = try Handle(id) { failure(name, $0) }
        let batch = max(1, min(count, (1 << 20) / type.bytes))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: batch * type.bytes, alignment: 16)
        defer { buffer.deallocate() }
        for start in stride(from: 0, to: count, by: batch) {
            let rows = start..<min(count, start + batch)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows.count * type.bytes)])
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            fill(rows, bytes)
            let memory = try Dataspace(shape: [rows.count])
            let status = H5Sselect_hyperslab(space.handle.id, H5S_SELECT_SET, [hsize_t(start)], nil, [hsize_t(rows.count)], nil)
            try Library.check(status) { failure(name, $0) }
            let written = H5Dwrite(dataset.id, type.handle.id, memory.handle.id, space.handle.id, Library.standard, bytes.baseAddress)
            try Library.check(written) { failure(name, $0) }
        }
    }

    /// Sets an attribute of this group.
    package func set(_ attribute: HDF5Attribute) throws(HDF5Error) {
        try Library.enter()
        try set(attribute, on: handle.id, at: "")
    }

    /// Makes a soft link: a path that is looked up when it is followed.
    package func link(_ name: String, toPath target: String) throws(HDF5Error) {
        try Library.enter()
        try Library.check(H5Lcreate_soft(target, handle.id, name, Library.standard, Library.standard)) { failure(name, $0) }
    }

    /// Makes a hard link: a second name for an object of this group.
    package func link(_ name: String, toObject target: String) throws(HDF5Error) {
        try Library.enter()
        try Library.check(H5Lcreate_hard(handle.id, target, handle.id, name, Library.standard, Library.standard)) { failure(name, $0) }
    }

    private func set(_ attribute: HDF5Attribute, on object: hid_t, at name: String) throws(HDF5Error) {
        let place = "\(name)@\(attribute.name)"
        let stored = try attribute.value.storedType.made()
        let space = try Dataspace(shape: attribute.value.count.map { [$0] } ?? [])
        let id = H5Acreate2(object, attribute.name, stored.id, space.handle.id, Library.standard, Library.standard)
        let handle = try Handle(id) { failure(place, $0) }
        let memory = try attribute.value.memoryType.made()
        try Library.check(attribute.value.withBytes { H5Awrite(handle.id, memory.id, $0) }) { failure(place, $0) }
    }

    private func failure(_ name: String, _ detail: String?) -> HDF5Error {
        let place = name.isEmpty ? path : "\(path)/\(name)"
        if let detail, detail.contains("name already exists") || detail.contains("attribute already exists") {
            return .nameTaken(place, in: properties.file)
        }
        return .notWritten(properties.file, detail: "\(place): \(detail ?? "no reason given")")
    }
}

/// How a new dataset's elements lie in the file.
package enum DatasetStorage: Hashable, Sendable {
    case contiguous
    /// In the object's header; for a few bytes.
    case compact
    /// In chunks of so many elements, which lets it grow; with `deflate` 1…9 shuffled and compressed.
    case chunked(Int, deflate: UInt32? = nil)

    var isChunked: Bool {
        if case .chunked = self { true } else { false }
    }
}

/// A type made ready once for many writes.
package struct HDF5Type: ~Copyable {
    package let stored: StoredType
    package let bytes: Int
    let handle: Handle

    /// Throws ``HDF5Error`` with the code unsupportedType for references and exotic types.
    package init(_ stored: StoredType) throws(HDF5Error) {
        try Library.enter()
        let handle = try stored.made()
        self.stored = stored
        bytes = stored.bytes
        self.handle = handle
    }
}

/// Property lists that all writes to one file share.
final class WriterProperties {
    let file: String
    let group: Handle
    let contiguous: Handle
    let compact: Handle

    init(file: String) throws(HDF5Error) {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(file, detail: detail) }
        let group = try Handle(H5Pcreate(almagest_h5p_group_create()), orThrow: failure)
        let contiguous = try Handle(H5Pcreate(almagest_h5p_dataset_create()), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(group.id, false), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(contiguous.id, false), orThrow: failure)
        let compact = try Handle(H5Pcopy(contiguous.id), orThrow: failure)
        try Library.check(H5Pset_layout(compact.id, H5D_COMPACT), orThrow: failure)
        self.file = file
        self.group = group
        self.contiguous = contiguous
        self.compact = compact
    }

    func dataset(_ storage: DatasetStorage) throws(HDF5Error) -> Handle {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(file, detail: detail) }
        let properties = try Handle(H5Pcopy(storage == .compact ? compact.id : contiguous.id), orThrow: failure)
        if case .chunked(let size, let deflate) = storage {
            try Library.check(H5Pset_chunk(properties.id, 1, [hsize_t(size)]), orThrow: failure)
            if let deflate {
                try Library.check(H5Pset_shuffle(properties.id), orThrow: failure)
                try Library.check(H5Pset_deflate(properties.id, deflate), orThrow: failure)
            }
        }
        return properties
    }
}
