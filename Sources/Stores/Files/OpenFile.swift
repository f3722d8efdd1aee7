import Crypto
import Foundation

/// A file that is open for reading; closed when the last who holds it lets go.
///
/// What is opened stays the same file when another takes its name on the disk; ``isUnchanged`` tells when it is written to or cut.
package final class OpenFile: Sendable {
    private let descriptor: Int32
    /// For messages.
    package let name: String
    /// As it was when it was opened.
    package let state: FileState

    /// Bytes.
    package var size: Int { state.size }

    /// Waits for the disk.
    ///
    /// - Parameter name: for messages.
    package init(path: String, name: String) throws(FileError) {
        // Without O_NONBLOCK a pipe in a file's place would hold the thread for good.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(name, "\(path): \(String(cString: strerror(errno)))") }
        guard let state = FileState(descriptor: descriptor) else {
            close(descriptor)
            throw .unreadable(name, "\(path): not a regular file")
        }
        self.descriptor = descriptor
        self.name = name
        self.state = state
    }

    deinit {
        close(descriptor)
    }

    /// Whether the file is what it was when it was opened. Asks the system and never waits for the disk.
    package var isUnchanged: Bool { FileState(descriptor: descriptor)?.hasContent(of: state) == true }

    /// A descriptor of the same open file, which the caller has to close; nil when the process has no more of them.
    package func duplicate() -> Int32? {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        return copy >= 0 ? copy : nil
    }

    // MARK: - Blocking: for the threads of FileStore

    /// Exactly these bytes, as they were when the file was opened.
    func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            count = fill(UnsafeMutableRawBufferPointer(buffer), from: range.lowerBound)
            initialized = count
        }
        // In this order: what changes after the look was not read.
        guard count == range.count, isUnchanged else { throw .changedMeanwhile(name) }
        return bytes
    }

    /// Brings bytes from the disk into the system's cache, and comes back when they are there.
    func fetch(_ range: Range<Int>) {
        #if !canImport(Darwin)
            posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
        #endif
        var byte: UInt8 = 0
        for place in stride(from: range.lowerBound, to: range.upperBound, by: Self.stretch) { pread(descriptor, &byte, 1, off_t(place)) }
        if let last = range.last { pread(descriptor, &byte, 1, off_t(last)) }
    }

    /// The system reads ahead by at least so much.
    private static let stretch = 128 * 1024

    /// SHA-256 in lower-case hexadecimal; nil when the file changes meanwhile.
    package func checksum() -> String? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var place = 0
        while place < size {
            let count = fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, size - place)]), from: place)
            guard count > 0 else { return nil }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            place += count
        }
        guard isUnchanged else { return nil }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// Reads until the buffer is full or the file ends.
    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from place: Int) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var count = 0
        while count < buffer.count {
            let read = pread(descriptor, base + count, buffer.count - count, off_t(place + count))
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { break }
            count += read
        }
        return count
    }
}
