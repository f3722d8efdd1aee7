import CHDF5

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An HDF5 file, open for reading; closed at the end of its life.
///
/// Every call blocks and holds libhdf5's one lock meanwhile, so callers run it on a thread of their own. A damaged file throws
/// wherever libhdf5 notices the damage; values that are wrong but well-formed are only found by the file's checksum.
package struct HDF5File: ~Copyable {
    /// How the bytes of a file are fetched.
    package enum Access: Sendable {
        /// Piece by piece: best for a few objects.
        case inPieces
        /// At once and kept in memory, up to 64 MB: best when most of the objects are wanted. A larger file is read in pieces.
        case whole
        /// As `whole` up to so many bytes, as `inPieces` beyond.
        case wholeUpTo(Int)
    }

    /// The file's name without its folder, for messages.
    package let name: String
    /// Bytes on disk when it was opened.
    package let bytes: Int
    let handle: Handle
    var lastLayout: RecordLayout?
    var lastCompound: TypedPlan?

    private static func largestWhole(_ access: Access) -> Int {
        switch access {
        case .inPieces: -1
        case .whole: 64 << 20
        case .wholeUpTo(let bytes): min(bytes, 64 << 20)
        }
    }

    /// Opens the file at `path`. Throws ``HDF5Error`` with the code missingFile or unreadableFile.
    package init(path: String, access: Access = .inPieces) throws(HDF5Error) {
        try Library.enter()
        let name = FilePath.name(of: path)
        let bytes = try Self.size(path: path, name: name)
        let properties = try Handle(H5Pcreate(almagest_h5p_file_access())) { .notHDF5(name, detail: $0) }
        if bytes <= Self.largestWhole(access) { H5Pset_fapl_core(properties.id, 1 << 20, false) }
        // Files in an archive do not change, and some network file systems have no locks.
        H5Pset_file_locking(properties.id, false, true)
        almagest_h5p_small_cache(properties.id, Cache.initial, Cache.maximum)
        let handle = try Handle(H5Fopen(path, almagest_h5f_read_only(), properties.id)) { .notHDF5(name, detail: $0) }
        self.name = name
        self.bytes = bytes
        self.handle = handle
    }

    /// Checks what the system can tell, in better words than libhdf5 has.
    static func size(path: String, name: String) throws(HDF5Error) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .missingFile(name) }
            throw .unreadableFile(name, because: FilePath.reason(errno), detail: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadableFile(name, because: FilePath.reason(errno), detail: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadableFile(name, because: "it is not a plain file", detail: path) }
        return Int(status.st_size)
    }
}

/// Bounds of libhdf5's metadata cache. Objects here are touched once, and a larger cache makes copying them up to twice as slow.
enum Cache {
    static let initial = 16 << 10
    static let maximum = 512 << 10
}

enum FilePath {
    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The system's words for an error, in lower case.
    static func reason(_ error: Int32) -> String {
        String(cString: strerror(error)).lowercased()
    }
}

// MARK: - Looking around

extension HDF5File {
    /// Throws ``HDF5Error`` (unreadableFile) when the file is not of that size; nil expects nothing.
    package func expect(bytes expected: Int?) throws(HDF5Error) {
        if let expected, expected != bytes { throw .otherSize(name, found: bytes, expected: expected) }
    }

    /// The names at the root, in natural order (``ObjectName/precedes(_:_:)``).
    package func names() throws(HDF5Error) -> [String] {
        try Library.enter()
        return try links(of: handle.id, at: "/", sorted: false).map(\.name).sorted(by: ObjectName.precedes)
    }

    /// Whether something of that path is in the file. Throws when the file is damaged on the way.
    package func contains(_ path: String) throws(HDF5Error) -> Bool {
        try Library.enter()
        guard let path = ObjectName.absolute(path) else { return false }
        return try Location.contains(path, in: handle.id) { .damagedObject(path, in: name, detail: $0) }
    }

    struct Link {
        let name: String
        let type: Int32
        var isHard: Bool { type == H5L_TYPE_HARD.rawValue }
    }

    /// The links of a group, sorted by bytes or in the library's own order.
    func links(of group: hid_t, at path: String, sorted: Bool) throws(HDF5Error) -> [Link] {
        var links: [Link] = []
        let status = withUnsafeMutablePointer(to: &links) { pointer in
            almagest_h5l_each(
                group, sorted ? 1 : 0,
                { name, type, context in
                    guard let name, let context else { return }
                    context.assumingMemoryBound(to: [Link].self).pointee.append(Link(name: String(cString: name), type: type))
                }, pointer)
        }
        guard status >= 0 else { throw .damagedObject(path, in: name, detail: Library.explanation()) }
        return links
    }

    /// Opens the object of an absolute path, and tells a missing one from a damaged one.
    func object(_ path: String) throws(HDF5Error) -> Handle {
        let id = H5Oopen(handle.id, path, Library.standard)
        if id < 0 {
            let detail = Library.explanation()
            guard try Location.contains(path, in: handle.id, orThrow: { .damagedObject(path, in: name, detail: $0) }) else {
                throw .missingObject(path, in: name)
            }
            throw .damagedObject(path, in: name, detail: detail)
        }
        return try Handle(id) { .damagedObject(path, in: name, detail: $0) }
    }
}

/// Questions about paths that are the same for files read and written.
enum Location {
    /// Whether each step of an absolute path is there; libhdf5 asks for one step at a time.
    static func contains(
        _ path: String, in file: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> Bool {
        guard path != "/" else { return true }
        var end = path.index(after: path.startIndex)
        while true {
            end = path[end...].firstIndex(of: "/") ?? path.endIndex
            let found = H5Lexists(file, String(path[..<end]), Library.standard)
            try Library.check(found, orThrow: failure)
            if found == 0 { return false }
            if end == path.endIndex { return true }
            end = path.index(after: end)
        }
    }
}
