package import Foundation

/// What a file's system says of it: as long as it says the same, the bytes are the same.
///
/// The time of change (`st_ctime`) moves with every write, and no program can set it back.
package struct FileState: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    /// Bytes.
    let size: Int
    private let modified: Moment
    private let changed: Moment

    private struct Moment: Hashable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    /// Of an open regular file; nil for anything else.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int(status.st_size)
        #if canImport(Darwin)
            modified = Moment(status.st_mtimespec)
            changed = Moment(status.st_ctimespec)
        #else
            modified = Moment(status.st_mtim)
            changed = Moment(status.st_ctim)
        #endif
    }

    /// Whether the bytes are still those of `other`. Losing its name, or a change of who may read it, does nothing to a file that is open.
    func hasContent(of other: FileState) -> Bool {
        size == other.size && modified == other.modified
    }

    /// When it was touched last.
    package var touched: Date {
        Date(timeIntervalSince1970: Double(changed.seconds) + Double(changed.nanoseconds) / 1e9)
    }
}
