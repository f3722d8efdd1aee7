import CHDF5

/// A dataset that gets the rows of others, one after the other.
final class DraftColumn {
    let dataset: Handle
    let path: String
    private let type: Handle
    private let space: Handle
    private let shape: RecordColumn.Shape
    private let rowBytes: Int
    private let total: Int
    private let file: String
    /// Rows that are written at once: whole chunks, so that each is compressed once.
    private let batch: Int
    private let buffer: UnsafeMutableRawBufferPointer
    private var pending = 0
    private var written = 0

    private static let goodWrite = 256 << 10
    private static let largestBuffer = 32 << 20
    /// More does not fit into an object's header, where compact data lie.
    private static let largestCompact = 60_000

    init(like model: RecordColumn, at path: String, count: Int, in file: hid_t, named name: String) throws(HDF5Error) {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(name, detail: "\(path): \(detail ?? "no reason given")") }
        let properties = try Self.properties(model, count: count, orThrow: failure)
        let isGrowing = H5Pget_layout(properties.id) == H5D_CHUNKED
        let sizes = [hsize_t(count)] + model.shape.row.map { hsize_t($0) }
        let limits = isGrowing ? try Self.limits(model, count: count, orThrow: failure) : sizes
        let space = try Handle(H5Screate_simple(Int32(sizes.count), sizes, limits), orThrow: failure)
        let stored = try Self.storedType(model, in: file, orThrow: failure)
        dataset = try Handle(
            H5Dcreate2(file, path, stored.id, space.id, Library.standard, properties.id, Library.standard), orThrow: failure)
        type = try Handle(H5Tcopy(model.type.id), orThrow: failure)
        self.space = space
        self.path = path
        shape = model.shape
        rowBytes = model.rowBytes
        total = count
        self.file = name
        let chunk = model.chunkRows ?? 1
        let good = max(1, Self.goodWrite / max(1, rowBytes))
        let most = max(1, Self.largestBuffer / max(1, rowBytes))
        // Whole chunks where they are not too large.
        batch = max(1, min(count, chunk > most ? most : (good + chunk - 1) / chunk * chunk))
        buffer = .allocate(byteCount: max(16, batch * rowBytes), alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    // MARK: - As the original

    /// The original's, without what fits only the original.
    private static func properties(
        _ model: RecordColumn, count: Int, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> Handle {
        let properties = try Handle(H5Dget_create_plist(model.dataset.id), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(properties.id, false), orThrow: failure)
        switch H5Pget_layout(properties.id) {
        case H5D_CHUNKED: return properties
        case H5D_COMPACT where count * model.rowBytes <= largestCompact: return properties
        case H5D_CONTIGUOUS where H5Pget_external_count(properties.id) == 0: return properties
        case H5D_COMPACT:
            try Library.check(H5Pset_layout(properties.id, H5D_CONTIGUOUS), orThrow: failure)
            return properties
        default:
            // Parts of other files, which come here as data.
            let plain = try Handle(H5Pcreate(almagest_h5p_dataset_create()), orThrow: failure)
            try Library.check(H5Pset_obj_track_times(plain.id, false), orThrow: failure)
            return plain
        }
    }

    /// The original's largest shape. A chunk must fit into it, so it stays when there are fewer rows.
    private static func limits(
        _ model: RecordColumn, count: Int, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> [hsize_t] {
        let space = try Handle(H5Dget_space(model.dataset.id), orThrow: failure)
        var limits = [hsize_t](repeating: 0, count: model.shape.row.count + 1)
        try Library.check(H5Sget_simple_extent_dims(space.id, nil, &limits), orThrow: failure)
        limits[0] = max(limits[0], hsize_t(count))
        return limits
    }

    /// The original's type; a committed one is committed here too, under its name.
    private static func storedType(
        _ model: RecordColumn, in file: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> Handle {
        let found = try Handle(H5Dget_type(model.dataset.id), orThrow: failure)
        guard H5Tcommitted(found.id) > 0, let path = name(of: found.id) else { return try Handle(H5Tcopy(found.id), orThrow: failure) }
        if try !Location.contains(path, in: file, orThrow: failure) {
            let links = try Handle(H5Pcreate(almagest_h5p_link_create()), orThrow: failure)
            try Library.check(H5Pset_create_intermediate_group(links.id, 1), orThrow: failure)
            try Library.check(H5Ocopy(found.id, ".", file, path, Library.standard, links.id), orThrow: failure)
        }
        let shared = H5Topen2(file, path, Library.standard)
        // Another object may have the name.
        guard shared >= 0, H5Tequal(shared, found.id) > 0 else {
            H5Eclear2(Library.standard)
            if shared >= 0 { H5Idec_ref(shared) }
            return try Handle(H5Tcopy(found.id), orThrow: failure)
        }
        return try Handle(shared, orThrow: failure)
    }

    private static func name(of object: hid_t) -> String? {
        let length = H5Iget_name(object, nil, 0)
        guard length > 0 else { return nil }
        var name = [CChar](repeating: 0, count: length + 1)
        guard H5Iget_name(object, &name, name.count) > 0 else { return nil }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: - Rows

    func append(
        _ rows: [Int], from column: RecordColumn, of records: HDF5Records, _ references: ReferenceMap?
    ) throws(HDF5Error) {
        var next = 0
        while next < rows.count {
            let count = min(rows.count - next, batch - pending)
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[pending * rowBytes..<(pending + count) * rowBytes])
            try records.read(rows[next..<next + count], of: column, into: target)
            references?.map(target, of: shape.type)
            pending += count
            next += count
            if pending == batch { try flush() }
        }
    }

    func flush() throws(HDF5Error) {
        guard pending > 0 else { return }
        func failure(_ detail: String?) -> HDF5Error { .notWritten(file, detail: "\(path): \(detail ?? "no reason given")") }
        guard written + pending <= total else { throw failure("more rows than announced") }
        let start = [hsize_t(written)] + shape.row.map { _ in 0 }
        let count = [hsize_t(pending)] + shape.row.map { hsize_t($0) }
        try Library.check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, count, nil), orThrow: failure)
        let memory = try Handle(H5Screate_simple(Int32(count.count), count, nil), orThrow: failure)
        let status = H5Dwrite(dataset.id, type.id, memory.id, space.id, Library.standard, buffer.baseAddress)
        let detail = status < 0 ? Library.explanation() : nil
        if shape.type.varies { H5Dvlen_reclaim(type.id, memory.id, Library.standard, buffer.baseAddress) }
        guard status >= 0 else { throw failure(detail) }
        written += pending
        pending = 0
    }
}
