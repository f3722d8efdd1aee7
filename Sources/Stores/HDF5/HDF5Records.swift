import CHDF5
import Glibc

/// The records of a file that holds them in rows: of a compound dataset, or of parallel datasets below a group.
///
/// Open for reading until the end of its life. Every call blocks, as in ``HDF5File``; one caller at a time.
package final class HDF5Records {
    /// How the rows stand in the file.
    package enum Arrangement: Hashable, Sendable {
        /// One dataset of that path, a record of it for each row.
        case table(String)
        /// All datasets below the group, at any depth, that have as many rows as the one at the path `key` below it.
        case columns(group: String, key: String)
    }

    /// Rows.
    package let count: Int
    package let arrangement: Arrangement
    let file: HDF5File
    let columns: [RecordColumn]
    /// Groups that hold columns, with their paths below the group of all, parents first; that group itself is the empty path.
    let groups: [(path: String, handle: SharedHandle)]
    /// Further names of columns: soft links by their target, hard links by the path of the column.
    let aliases: [(path: String, target: String, isHard: Bool)]
    let descriptor: Int32
    let key: RecordColumn?

    /// Opens the records of a file.
    ///
    /// Throws ``HDF5Error``: missingFile, unreadableFile, missingObject, damagedObject, or unsupportedType when the objects are of another kind.
    ///
    /// - Parameter bytes: the file's size on record; a file of another size is unreadable. Nil to leave that unchecked.
    package init(path: String, arrangement: Arrangement, expecting bytes: Int? = nil) throws(HDF5Error) {
        let file = try HDF5File(path: path)
        try file.expect(bytes: bytes)
        var walk = ColumnWalk(file: file.name)
        let count: Int
        switch arrangement {
        case .table(let name):
            guard let place = ObjectName.absolute(name) else { throw .unfitName(name) }
            guard let column = try Self.column(place, named: place, in: file), case .compound = column.shape.type else {
                throw .unsupportedObject(place, in: file.name, found: "no compound dataset with a dimension")
            }
            walk.columns = [column]
            count = column.rows
            key = nil
        case .columns(let group, let key):
            let base = ObjectName.absolute(group) ?? "/"
            guard let place = ObjectName.absolute(base == "/" ? key : "\(base)/\(key)") else { throw .unfitName(key) }
            guard let column = try Self.column(place, named: key, in: file) else {
                throw .unsupportedObject(place, in: file.name, found: "no dataset with a dimension")
            }
            count = column.rows
            self.key = column
            walk.rows = count
            try walk.enter(SharedHandle(try file.object(base)), path: "", depth: 0)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadableFile(file.name, because: FilePath.reason(errno), detail: path) }
        self.count = count
        self.arrangement = arrangement
        columns = walk.columns
        groups = walk.groups.filter { group in
            group.path.isEmpty || walk.columns.contains { $0.shape.path.utf8.starts(with: (group.path + "/").utf8) }
        }
        aliases = walk.aliases
        self.descriptor = descriptor
        self.file = file
    }

    deinit {
        close(descriptor)
    }

    /// The file's name without its folder.
    package var fileName: String { file.name }

    /// The file's root attributes; those without a value (``HDF5Value``) are left out.
    package func rootAttributes() throws(HDF5Error) -> [HDF5Attribute] {
        try file.attributes()
    }

    private static func column(_ path: String, named name: String, in file: borrowing HDF5File) throws(HDF5Error) -> RecordColumn? {
        let object = try file.object(path)
        guard H5Iget_type(object.id) == H5I_DATASET else { return nil }
        return try RecordColumn(object, path: name, in: file.name)
    }

    package var isTable: Bool { if case .table = arrangement { true } else { false } }

    /// Of the table, or of the group of all columns; absolute.
    package var path: String {
        switch arrangement {
        case .table(let path): ObjectName.absolute(path) ?? "/"
        case .columns(let group, _): ObjectName.absolute(group) ?? "/"
        }
    }

    /// Of columns, below the group of all.
    package var columnPaths: [String] { columns.map(\.shape.path) }

    /// Whether rows of both can stand in the same datasets.
    package func isLike(_ other: HDF5Records) -> Bool { hasColumns(like: other) }

    func hasColumns(like other: HDF5Records) -> Bool {
        arrangement == other.arrangement && columns.map(\.shape) == other.columns.map(\.shape)
    }

    // MARK: - Finding rows

    /// The places of the rows that have these values in a column of integers, or a table's member of that name; nil for those that none has.
    ///
    /// Throws ``HDF5Error`` with the code unsupportedType when there is no such column, or two rows have one of the values.
    package func rows(with values: [Int64], in field: String) throws(HDF5Error) -> [Int?] {
        try Library.enter()
        var places: [Int64: Int] = [:]
        places.reserveCapacity(values.count)
        for value in values { places[value] = -1 }
        var twice: Int64?
        try eachInteger(of: field) { row, value in
            guard let known = places[value] else { return }
            if known >= 0 { twice = value }
            places[value] = row
        }
        if let twice { throw .ambiguousKey(field, twice, in: file.name) }
        return values.map { value in places[value].flatMap { $0 < 0 ? nil : $0 } }
    }

    private func eachInteger(of field: String, _ body: (Int, Int64) -> Void) throws(HDF5Error) {
        guard let (column, type, offset) = integers(field) else {
            throw .unsupportedObject(field, in: file.name, found: "no column of integers")
        }
        let batch = max(1, (1 << 20) / max(1, column.rowBytes))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: batch * column.rowBytes, alignment: 16)
        defer { buffer.deallocate() }
        for start in stride(from: 0, to: count, by: batch) {
            let rows = start..<min(count, start + batch)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(rows.count * column.rowBytes)])
            try read(Array(rows)[...], of: column, into: bytes)
            defer { reclaim(bytes, rows: rows.count, of: column) }
            for (index, row) in rows.enumerated() {
                body(row, type.integer(at: UnsafeRawBufferPointer(rebasing: bytes[(index * column.rowBytes + offset)...])))
            }
        }
    }

    private func integers(_ field: String) -> (column: RecordColumn, type: StoredType, offset: Int)? {
        if case .columns = arrangement {
            let found = key.flatMap { $0.shape.path == field ? $0 : nil } ?? columns.first { $0.shape.path == field }
            guard let found, found.shape.row.isEmpty, case .integer = found.shape.type else { return nil }
            return (found, found.shape.type, 0)
        }
        guard let table = columns.first, case .compound(let members, _) = table.shape.type,
            let member = members.first(where: { $0.name == field }), case .integer = member.type
        else { return nil }
        return (table, member.type, member.offset)
    }

    // MARK: - Bytes

    func read(
        _ rows: ArraySlice<Int>, of column: RecordColumn, into buffer: UnsafeMutableRawBufferPointer
    ) throws(HDF5Error) {
        // What libhdf5 leaves out is a null pointer, that is without content.
        if column.shape.type.varies { buffer.initializeMemory(as: UInt8.self, repeating: 0) }
        try column.read(rows, into: buffer, descriptor: descriptor)
    }

    /// Gives back what libhdf5 allocated for elements of varying length.
    func reclaim(_ buffer: UnsafeMutableRawBufferPointer, rows: Int, of column: RecordColumn) {
        guard column.shape.type.varies, rows > 0 else { return }
        let sizes = [hsize_t(rows)] + column.shape.row.map { hsize_t($0) }
        let space = H5Screate_simple(Int32(sizes.count), sizes, nil)
        guard space >= 0 else { return }
        H5Dvlen_reclaim(column.type.id, space, Library.standard, buffer.baseAddress)
        H5Idec_ref(space)
    }
}

/// A handle that several own.
final class SharedHandle {
    let handle: Handle
    var id: hid_t { handle.id }

    init(_ handle: consuming Handle) {
        self.handle = handle
    }
}

/// Looks below a group for columns.
private struct ColumnWalk {
    let file: String
    var rows = 0
    var columns: [RecordColumn] = []
    var groups: [(path: String, handle: SharedHandle)] = []
    var aliases: [(path: String, target: String, isHard: Bool)] = []
    private var seen: [haddr_t: String] = [:]

    /// Groups nested deeper are taken for a circle.
    private static let deepest = 32

    init(file: String) {
        self.file = file
    }

    mutating func enter(_ group: SharedHandle, path: String, depth: Int) throws(HDF5Error) {
        guard depth < Self.deepest else { throw .tooDeep(path, in: file) }
        guard H5Iget_type(group.id) == H5I_GROUP else { throw .unsupportedObject(path, in: file, found: "no group") }
        groups.append((path, group))
        for link in try links(of: group, path) {
            let place = path.isEmpty ? link.name : "\(path)/\(link.name)"
            if link.type == H5L_TYPE_SOFT.rawValue {
                if let target = softTarget(link.name, group) { aliases.append((place, target, false)) }
                continue
            }
            guard link.isHard else { continue }
            let object = try Handle(H5Oopen(group.id, link.name, Library.standard)) { .damagedObject(place, in: file, detail: $0) }
            guard let address = ReferenceMap.address(object.id) else {
                throw .damagedObject(place, in: file, detail: Library.explanation())
            }
            if let known = seen[address] {
                if columns.contains(where: { $0.shape.path == known }) { aliases.append((place, known, true)) }
                continue
            }
            seen[address] = place
            switch H5Iget_type(object.id) {
            case H5I_GROUP: try enter(SharedHandle(object), path: place, depth: depth + 1)
            case H5I_DATASET:
                if let column = try RecordColumn(object, path: place, in: file), column.rows == rows { columns.append(column) }
            default: break
            }
        }
    }

    private func links(of group: SharedHandle, _ path: String) throws(HDF5Error) -> [HDF5File.Link] {
        var links: [HDF5File.Link] = []
        let status = withUnsafeMutablePointer(to: &links) { pointer in
            almagest_h5l_each(
                group.id, 1,
                { name, type, context in
                    guard let name, let context else { return }
                    context.assumingMemoryBound(to: [HDF5File.Link].self).pointee
                        .append(HDF5File.Link(name: String(cString: name), type: type))
                }, pointer)
        }
        guard status >= 0 else { throw .damagedObject(path, in: file, detail: Library.explanation()) }
        return links
    }

    private func softTarget(_ name: String, _ group: SharedHandle) -> String? {
        var info = H5L_info_t()
        guard H5Lget_info(group.id, name, &info, Library.standard) >= 0 else { return nil }
        var value = [UInt8](repeating: 0, count: max(1, info.u.val_size))
        guard H5Lget_val(group.id, name, &value, value.count, Library.standard) >= 0 else { return nil }
        return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
    }
}
