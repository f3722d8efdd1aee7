import CHDF5
import Glibc

/// Owns an unfinished file: its bytes, its temporary name and libhdf5's identifier for it, all of which end with it.
struct Draft: ~Copyable {
    /// None before ``open(begun:)``.
    private(set) var file = hid_t(-1)
    /// The name it will have, without folder.
    let name: String
    private let path: String
    private let temporary: String
    let image: FileImage
    private var isCommitted = false

    init(of path: String, limit: Int?) throws(HDF5Error) {
        let name = FilePath.name(of: path)
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let temporary = "\(path.dropLast(name.count)).\(name).\(getpid())-\(number)\(HDF5Writer.temporarySuffix)"
        guard let descriptor = Self.open(temporary) else { throw .notCreated(name, because: FilePath.reason(errno), detail: temporary) }
        self.name = name
        self.path = path
        self.temporary = temporary
        image = FileImage(descriptor: descriptor, limit: limit)
    }

    /// Lets libhdf5 have the image: an empty one, or a file of so many bytes that was begun without it.
    mutating func open(begun: Int = 0) throws(HDF5Error) {
        file = try Self.open(temporary, name: name, in: image, begun: begun)
    }

    /// A new file under a lock that says that somebody is at work on it.
    private static func open(_ path: String) -> Int32? {
        while true {
            let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { return nil }
            flock(descriptor, LOCK_EX)
            // Before it was locked it may have been taken for abandoned.
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return descriptor }
            close(descriptor)
        }
    }

    static func removeAbandoned(_ temporary: String) {
        let descriptor = Glibc.open(temporary, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(temporary) }
    }

    deinit {
        if file >= 0 { H5Fclose(file) }
        if !isCommitted { unlink(temporary) }
    }

    private static func open(_ path: String, name: String, in image: FileImage, begun: Int) throws(HDF5Error) -> hid_t {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(name, detail: detail) }
        let access = try Handle(H5Pcreate(almagest_h5p_file_access()), orThrow: failure)
        guard image.attach(to: access.id, begun: begun) else { throw failure(Library.explanation()) }
        try Library.check(almagest_h5p_latest(access.id), orThrow: failure)
        try Library.check(almagest_h5p_small_cache(access.id, Cache.initial, Cache.maximum), orThrow: failure)
        // Closing takes along whatever is still open, so that the bytes are whole.
        try Library.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), orThrow: failure)
        let creation = try Handle(H5Pcreate(almagest_h5p_file_create()), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(creation.id, false), orThrow: failure)
        // libhdf5 refuses to open an image by a name that is a file's.
        let file =
            begun == 0
            ? H5Fcreate(path, almagest_h5f_truncate(), creation.id, access.id)
            : H5Fopen(path + ".image", almagest_h5f_read_write(), access.id)
        guard file >= 0 else { throw failure(Library.explanation()) }
        return file
    }

    /// Throws when the disk has not taken everything so far.
    func checkDisk() throws(HDF5Error) {
        switch image.failure {
        case nil: break
        case .tooLarge(let limit): throw .tooLarge(name, limit: limit)
        case .system(let reason): throw .notCreated(name, because: FilePath.reason(reason), detail: temporary)
        }
    }

    mutating func commit(durably: Bool) throws(HDF5Error) -> Int {
        let name = name
        try checkDisk()
        try Library.check(H5Fflush(file, H5F_SCOPE_GLOBAL)) { .notWritten(name, detail: $0) }
        let closed = H5Fclose(file)
        file = -1
        try Library.check(closed) { .notWritten(name, detail: $0) }
        let size = image.finish(durably: durably)
        try checkDisk()
        guard let size else { throw .notWritten(name, detail: "the file has no end") }
        guard rename(temporary, path) == 0 else { throw .notCreated(name, because: FilePath.reason(errno), detail: path) }
        isCommitted = true
        return size
    }
}
