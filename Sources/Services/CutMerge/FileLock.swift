import Glibc

/// A lock between processes: a file that one of them holds. When its holder dies it is free.
final class FileLock: Sendable {
    private let path: String
    private let descriptor: Int32

    enum Failure: Error {
        /// Another holds it.
        case taken
        /// The system's words.
        case impossible(String)
    }

    /// Takes the lock if nobody has it.
    init(_ path: String) throws(Failure) {
        while true {
            let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw .impossible(String(cString: strerror(errno)).lowercased()) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw .taken
            }
            // Who had it before may have removed the file in between; then this lock is one on nothing.
            if Self.isAt(path, descriptor) {
                self.path = path
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    private static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
        var (held, found) = (stat(), stat())
        return fstat(descriptor, &held) == 0 && stat(path, &found) == 0 && held.st_ino == found.st_ino && held.st_dev == found.st_dev
    }
}
