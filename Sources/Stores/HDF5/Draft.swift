import CHDF5

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Owns an unfinished file: its identifier and its temporary name, both of which end with it.
struct Draft: ~Copyable {
    let file: hid_t
    /// The name it will have, without folder.
    let name: String
    private let path: String
    private let temporary: String
    private var isOpen = true
    private var isCommitted = false

    init(of path: String) throws(HDF5Error) {
        let name = FilePath.name(of: path)
        let folder = path.dropLast(name.count)
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let temporary = "\(folder).\(name).\(getpid())-\(number)\(HDF5Writer.temporarySuffix)"
        // The system says better than libhdf5 why a file can't be.
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .notCreated(name, because: FilePath.reason(errno), detail: temporary) }
        close(descriptor)
        do {
            file = try Self.create(temporary, name: name)
        } catch {
            unlink(temporary)
            throw error
        }
        self.name = name
        self.path = path
        self.temporary = temporary
    }

    deinit {
        guard !isCommitted else { return }
        if isOpen {
            // Closing writes the cache. On a full disk that would fail and leave the file open for good, so make room first.
            truncate(temporary, 0)
            H5Fclose(file)
        }
        unlink(temporary)
    }

    private static func create(_ path: String, name: String) throws(HDF5Error) -> hid_t {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(name, detail: detail) }
        let access = try Handle(H5Pcreate(almagest_h5p_file_access()), orThrow: failure)
        try Library.check(almagest_h5p_latest(access.id), orThrow: failure)
        try Library.check(almagest_h5p_small_cache(access.id, Cache.initial, Cache.maximum), orThrow: failure)
        // Closing takes along whatever is still open, so that the bytes are whole.
        try Library.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), orThrow: failure)
        let creation = try Handle(H5Pcreate(almagest_h5p_file_create()), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(creation.id, false), orThrow: failure)
        let file = H5Fcreate(path, almagest_h5f_truncate(), creation.id, access.id)
        guard file >= 0 else { throw failure(Library.explanation()) }
        return file
    }

    mutating func commit() throws(HDF5Error) -> Int {
        let name = name
        try Library.check(H5Fflush(file, H5F_SCOPE_GLOBAL)) { .notWritten(name, detail: $0) }
        try Library.check(H5Fclose(file)) { .notWritten(name, detail: $0) }
        isOpen = false
        let bytes = try synchronise()
        guard rename(temporary, path) == 0 else { throw .notCreated(name, because: FilePath.reason(errno), detail: path) }
        isCommitted = true
        return bytes
    }

    private func synchronise() throws(HDF5Error) -> Int {
        let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notCreated(name, because: FilePath.reason(errno), detail: temporary) }
        defer { close(descriptor) }
        var status = stat()
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else {
            throw .notCreated(name, because: FilePath.reason(errno), detail: temporary)
        }
        return Int(status.st_size)
    }
}
