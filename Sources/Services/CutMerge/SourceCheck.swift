import Crypto
import Foundation
import Glibc
import Synchronization

/// Whether a data file is the one on record still, although somebody has touched it since.
///
/// Data files don't change, so their content is not looked at as long as the system says that nobody has. Where it says otherwise the checksum decides,
/// once in the life of the process for each state of a file.
enum SourceCheck {
    /// What is wrong with the file, for the manifest; nil when it is the one on record, or not to be had at all.
    static func fault(of file: CutRequest.SourceFile) -> String? {
        guard let recorded = file.recorded, let state = FileState(path: file.path), state.changed >= recorded else { return nil }
        let known = checksums.withLock { $0[state] }
        guard let checksum = known ?? self.checksum(file.path) else { return nil }
        checksums.withLock { $0[state] = checksum }
        return checksum == file.checksum
            ? nil : "file \"\(file.name)\" has been replaced or changed: its checksum is not the one on record"
    }

    /// A file in one of its states: any change of content, or another file in its place, makes another.
    private struct FileState: Hashable {
        let device, inode, size: Int
        let changed, nanoseconds: Int

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            device = Int(bitPattern: UInt(status.st_dev))
            inode = Int(bitPattern: UInt(status.st_ino))
            size = Int(status.st_size)
            // Not of the content alone: who puts an older file in place can't set this one back.
            changed = status.st_ctim.tv_sec
            nanoseconds = status.st_ctim.tv_nsec
        }
    }

    private static let checksums = Mutex<[FileState: String]>([:])

    private static func checksum(_ path: String) -> String? {
        guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)) else { return nil }
        defer { try? file.close() }
        var hash = SHA256()
        do {
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        } catch {
            return nil
        }
        return hash.finalize().hexadecimal
    }
}
