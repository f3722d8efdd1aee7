import CHDF5
import Glibc

/// A dataset whose first dimension counts records, open for reading.
final class RecordColumn {
    /// What is the same wherever the dataset may be continued.
    struct Shape: Hashable {
        /// Below the group of all columns; of a table its own name.
        let path: String
        let type: StoredType
        /// Of one row; empty for one element.
        let row: [Int]
    }

    let shape: Shape
    let rows: Int
    let dataset: Handle
    /// The file's, for memory as well: nothing is converted.
    let type: Handle
    let rowBytes: Int
    /// Rows of one chunk; nil where the rows lie one after the other.
    let chunkRows: Int?
    private let layout: Layout
    private let file: String

    /// How it is best read.
    private enum Layout {
        /// One row after the other, from this place in the file on.
        case plain(offset: Int)
        /// By libhdf5, no chunk twice.
        case chunks
        /// By libhdf5, where nearby rows are read along.
        case spans
        /// By libhdf5 and only what is wanted, since each element costs.
        case elements
    }

    private static let largestRow = 256 << 20
    /// Bytes between two rows that are rather read than left out.
    private static let gap = 16 << 10
    /// Bytes that are read at once for the sake of a few of them.
    private static let span = 2 << 20
    /// Of libhdf5's cache for chunks.
    private static let cachedChunk = 1 << 20

    /// Nil for a dataset without a dimension.
    init?(_ dataset: consuming Handle, path: String, in file: String) throws(HDF5Error) {
        func failure(_ detail: String?) -> HDF5Error { .damagedObject(path, in: file, detail: detail) }
        let found = try Handle(H5Dget_type(dataset.id), orThrow: failure)
        let type = try Handle(H5Tcopy(found.id), orThrow: failure)
        guard let stored = StoredType(type.id) else { throw failure(Library.explanation()) }
        let space = try Dataspace(H5Dget_space(dataset.id), orThrow: failure)
        guard let sizes = space.shape, let rows = sizes.first else { return nil }
        let row = Array(sizes.dropFirst())
        let (elements, overflows) = row.reduce((1, false)) { total, size in
            let (product, overflow) = total.0.multipliedReportingOverflow(by: size)
            return (product, total.1 || overflow)
        }
        let (bytes, overflow) = elements.multipliedReportingOverflow(by: stored.bytes)
        guard !overflows, !overflow, bytes <= Self.largestRow else { throw .tooLarge(path, in: file, bytes: overflow ? .max : bytes) }
        let properties = try Handle(H5Dget_create_plist(dataset.id), orThrow: failure)
        try Self.checkFilters(properties, path, in: file)
        var chunkRows: Int?
        if H5Pget_layout(properties.id) == H5D_CHUNKED {
            var chunk = [hsize_t](repeating: 0, count: sizes.count)
            try Library.check(H5Pget_chunk(properties.id, Int32(chunk.count), &chunk), orThrow: failure)
            chunkRows = max(1, Int(clamping: chunk[0]))
        }
        let offset = chunkRows == nil ? H5Dget_offset(dataset.id) : almagest_h5_no_address()
        if offset == almagest_h5_no_address() { H5Eclear2(Library.standard) }
        layout =
            if stored.varies {
                .elements
            } else if offset != almagest_h5_no_address() {
                .plain(offset: Int(clamping: offset))
            } else if let chunkRows, H5Pget_nfilters(properties.id) > 0 || chunkRows <= Self.cachedChunk / max(1, bytes) {
                .chunks
            } else {
                .spans
            }
        shape = Shape(path: path, type: stored, row: row)
        self.rows = rows
        self.chunkRows = chunkRows
        self.type = type
        self.dataset = dataset
        self.file = file
        rowBytes = bytes
    }

    /// Without its filter a column can't be read, and libhdf5 would say no more than that.
    private static func checkFilters(_ properties: borrowing Handle, _ path: String, in file: String) throws(HDF5Error) {
        for index in 0..<UInt32(max(0, H5Pget_nfilters(properties.id))) {
            var (flags, count) = (UInt32(0), 0)
            var name = [CChar](repeating: 0, count: 128)
            let filter = H5Pget_filter2(properties.id, index, &flags, &count, nil, name.count, &name, nil)
            guard filter > 0, H5Zfilter_avail(filter) <= 0 else { continue }
            H5Eclear2(Library.standard)
            let word = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            throw .missingFilter(path, in: file, filter: filter, name: word)
        }
    }

    private func failure(_ detail: String?) -> HDF5Error {
        .damagedObject(shape.path, in: file, detail: detail)
    }

    // MARK: - Rows

    /// Reads rows, whose numbers rise, one after the other into a buffer that is as large.
    ///
    /// What libhdf5 allocates for elements of varying length is the caller's to give back.
    func read(_ rows: ArraySlice<Int>, into buffer: UnsafeMutableRawBufferPointer, descriptor: Int32) throws(HDF5Error) {
        if case .elements = layout, shape.row.isEmpty { return try readElements(rows, into: buffer) }
        var scratch = Scratch()
        var index = rows.startIndex
        while index < rows.endIndex {
            let first = rows[index]
            var end = index + 1
            while end < rows.endIndex, joins(first: first, last: rows[end - 1], next: rows[end]) { end += 1 }
            let span = first..<rows[end - 1] + 1
            let place = (index - rows.startIndex) * rowBytes
            if span.count == end - index {
                try read(span, into: UnsafeMutableRawBufferPointer(rebasing: buffer[place..<place + span.count * rowBytes]), descriptor)
            } else {
                let whole = scratch.bytes(span.count * rowBytes)
                try read(span, into: whole, descriptor)
                for position in index..<end {
                    let start = (rows[position] - first) * rowBytes
                    UnsafeMutableRawBufferPointer(rebasing: buffer[((position - rows.startIndex) * rowBytes)...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: whole[start..<start + rowBytes]))
                }
            }
            index = end
        }
    }

    /// Whether a row is read along with those from `first` to `last`.
    private func joins(first: Int, last: Int, next: Int) -> Bool {
        let fits = (next - first + 1) * rowBytes <= Self.span
        switch layout {
        case .elements: return next == last + 1 && fits
        case .plain, .spans: return (next - last - 1) * rowBytes <= Self.gap && fits
        case .chunks:
            let size = chunkRows ?? 1
            return next / size == last / size || next / size == last / size + 1 && fits
        }
    }

    private func read(_ rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer, _ descriptor: Int32) throws(HDF5Error) {
        guard case .plain(let offset) = layout else { return try readSpan(rows, into: buffer) }
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + rows.lowerBound * rowBytes + filled))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(count == 0 ? "the file ends before" : String(cString: strerror(errno))) }
            filled += count
        }
    }

    private func readSpan(_ rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
        let file = try Handle(H5Dget_space(dataset.id), orThrow: failure)
        let start = [hsize_t(rows.lowerBound)] + shape.row.map { _ in 0 }
        let count = [hsize_t(rows.count)] + shape.row.map { hsize_t($0) }
        try Library.check(H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil), orThrow: failure)
        let memory = try Handle(H5Screate_simple(Int32(count.count), count, nil), orThrow: failure)
        try Library.check(
            H5Dread(dataset.id, type.id, memory.id, file.id, Library.standard, buffer.baseAddress), orThrow: failure)
    }

    private func readElements(_ rows: ArraySlice<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(HDF5Error) {
        guard !rows.isEmpty else { return }
        let file = try Handle(H5Dget_space(dataset.id), orThrow: failure)
        let points = rows.map { hsize_t($0) }
        try Library.check(H5Sselect_elements(file.id, H5S_SELECT_SET, points.count, points), orThrow: failure)
        let memory = try Handle(H5Screate_simple(1, [hsize_t(points.count)], nil), orThrow: failure)
        try Library.check(
            H5Dread(dataset.id, type.id, memory.id, file.id, Library.standard, buffer.baseAddress), orThrow: failure)
    }

    /// Memory that is kept from one span to the next.
    private struct Scratch: ~Copyable {
        private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)

        mutating func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
            if buffer.count < count {
                buffer.deallocate()
                buffer = .allocate(byteCount: count, alignment: 16)
            }
            return UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        }

        deinit {
            buffer.deallocate()
        }
    }
}
