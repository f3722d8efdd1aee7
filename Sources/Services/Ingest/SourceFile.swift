import Crypto
import Glibc

/// A file as it lies on disk: which one it is, and what it holds.
struct SourceFile {
    /// Absolute, links resolved.
    let path: String
    let name: String
    /// When anything of it was changed last, in seconds since 1970; no program can set this time back.
    let touched: Double
    private let identity: Identity

    /// What changes when someone writes to the file or puts another in its place.
    private struct Identity: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int

        init(_ status: stat) {
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
            size = Int(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    var size: Int { identity.size }

    init(path: String) throws(IngestError) {
        name = Self.name(of: path)
        guard let resolved = realpath(path, nil) else {
            throw errno == ENOENT ? .missingFile(name) : .unreadableFile(name, reason: Self.reason())
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
        var status = stat()
        guard stat(resolved, &status) == 0 else { throw .unreadableFile(name, reason: Self.reason()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadableFile(name, reason: "it is not a plain file") }
        identity = Identity(status)
        touched = Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9
    }

    /// SHA-256 of the whole content, lower-case hexadecimal.
    func checksum() throws(IngestError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadableFile(name, reason: Self.reason()) }
        defer { close(descriptor) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var hash = SHA256()
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(name, reason: Self.reason()) }
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return hash.finalize().reduce(into: "") { text, byte in
            text += byte < 16 ? "0\(String(byte, radix: 16))" : String(byte, radix: 16)
        }
    }

    /// Throws when the file is not the one any more that ``init(path:)`` saw.
    func checkUntouched() throws(IngestError) {
        var status = stat()
        guard stat(path, &status) == 0, Identity(status) == identity else { throw .changedMeanwhile(name) }
    }

    static func exists(_ path: String) -> Bool {
        access(path, R_OK) == 0
    }

    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The paths of a folder's plain files in the order of their names; nil when the path is no folder.
    static func folder(_ path: String) -> [String]? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        let base = path.hasSuffix("/") ? path : path + "/"
        return names.sorted().map { base + $0 }.filter { stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG }
    }

    private static func reason() -> String {
        String(cString: strerror(errno)).lowercased()
    }
}
