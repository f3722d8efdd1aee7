import CHDF5

/// How many elements a dataset or attribute has, and in which shape.
struct Dataspace: ~Copyable {
    let handle: Handle
    /// Empty for a scalar; nil for a space without any element.
    let shape: [Int]?

    init(_ id: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error) throws(HDF5Error) {
        let handle = try Handle(id, orThrow: failure)
        let shape: [Int]?
        switch H5Sget_simple_extent_type(handle.id) {
        case H5S_SCALAR:
            shape = []
        case H5S_SIMPLE:
            let rank = H5Sget_simple_extent_ndims(handle.id)
            guard rank >= 0 else { throw failure(Library.explanation()) }
            var sizes = [hsize_t](repeating: 0, count: Int(rank))
            try Library.check(H5Sget_simple_extent_dims(handle.id, &sizes, nil), orThrow: failure)
            shape = sizes.map { Int(clamping: $0) }
        case H5S_NULL:
            shape = nil
        default:
            throw failure(Library.explanation())
        }
        self.handle = handle
        self.shape = shape
    }

    /// Creates the space of that shape; a scalar for an empty one.
    init(shape: [Int], growing: Bool = false) throws(HDF5Error) {
        let sizes = shape.map { hsize_t($0) }
        let limits = growing ? shape.map { _ in almagest_h5s_unlimited() } : sizes
        let id = shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), sizes, limits)
        handle = try Handle(id) { .notWritten("dataspace", detail: $0) }
        self.shape = shape
    }

    /// Bytes of all elements of `width` each; nil beyond what one buffer may hold.
    func bytes(width: Int) -> Int? {
        guard let shape else { return 0 }
        var total = width
        for size in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            total = product
        }
        return total
    }

    var limits: [Int?] {
        guard let shape, !shape.isEmpty else { return [] }
        var limits = [hsize_t](repeating: 0, count: shape.count)
        H5Sget_simple_extent_dims(handle.id, nil, &limits)
        return limits.map { $0 == almagest_h5s_unlimited() ? nil : Int(clamping: $0) }
    }
}
