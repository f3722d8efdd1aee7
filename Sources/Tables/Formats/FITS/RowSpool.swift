import Glibc

/// Rows that wait for the number of all: in memory while they are few, else in a file without a name, which is gone with its owner.
///
/// First all rows are appended, then they are read, as often as wanted.
final class RowSpool {
    /// Bytes that stay in memory, and that go to the file at a time.
    private static let batch = 1 << 20

    private var stage = ByteStage(capacity: 64 * 1024)
    private var file: Int32 = -1
    private var fileCount = 0

    // What is being read.
    private var chunk = ByteStage(capacity: 64)
    private var chunkPosition = 0
    private var filePosition = 0

    deinit {
        if file >= 0 { close(file) }
    }

    func append(_ row: UnsafeRawBufferPointer) throws(FormatError) {
        stage.reserve(4 + row.count)
        stage.end.storeBytes(of: UInt32(row.count), as: UInt32.self)
        stage.advance(to: stage.end + 4)
        stage.append(row)
        if stage.count >= Self.batch { try flush() }
    }

    /// Goes back to the first row.
    func rewind() throws(FormatError) {
        if file >= 0 { try flush() }
        chunkPosition = 0
        filePosition = 0
        chunk.dropFirst(chunk.count)
    }

    /// The next row, lent until the next call; nil after the last.
    func next() throws(FormatError) -> UnsafeRawBufferPointer? {
        if file < 0 {
            guard chunkPosition < stage.count else { return nil }
            return take(from: stage.bytes)
        }
        if chunk.count - chunkPosition < 4 { try fill(4) }
        guard chunk.count - chunkPosition >= 4 else { return nil }
        let count = Int(chunk.bytes.loadUnaligned(fromByteOffset: chunkPosition, as: UInt32.self))
        if chunk.count - chunkPosition < 4 + count { try fill(4 + count) }
        guard chunk.count - chunkPosition >= 4 + count else { throw .spoolFailed }
        return take(from: chunk.bytes)
    }

    private func take(from bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let count = Int(bytes.loadUnaligned(fromByteOffset: chunkPosition, as: UInt32.self))
        let start = chunkPosition + 4
        chunkPosition = start + count
        return UnsafeRawBufferPointer(rebasing: bytes[start..<chunkPosition])
    }

    // MARK: - The file

    private func flush() throws(FormatError) {
        if file < 0 { try openFile() }
        var written = 0
        while written < stage.count {
            let count = write(file, stage.base + written, stage.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .spoolFailed }
            written += count
        }
        fileCount += stage.count
        stage.dropFirst(stage.count)
    }

    /// In TMPDIR, else in /var/tmp: /tmp may be memory.
    private func openFile() throws(FormatError) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        var path = Array("\(folder)/almagest-XXXXXX".utf8CString)
        file = mkstemp(&path)
        guard file >= 0 else { throw .spoolFailed }
        unlink(path)
        // The processes that the server starts have no business with it.
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    }

    /// Reads on until `wanted` bytes are there, or the file ends.
    private func fill(_ wanted: Int) throws(FormatError) {
        chunk.dropFirst(chunkPosition)
        chunkPosition = 0
        while chunk.count < wanted, filePosition < fileCount {
            chunk.reserve(max(Self.batch, wanted - chunk.count))
            let count = pread(file, chunk.end, min(chunk.room(at: chunk.end), fileCount - filePosition), filePosition)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .spoolFailed }
            chunk.advance(to: chunk.end + count)
            filePosition += count
        }
    }
}
