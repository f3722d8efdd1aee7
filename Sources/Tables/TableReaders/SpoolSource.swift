import Glibc
import TableInput

/// Keeps what is read of a source in a nameless file, to be read again; gone with the value, or with the process.
final class SpoolSource: ByteSource {
    private let source: any ByteSource
    private let file: UnsafeMutablePointer<FILE>
    private var isRewound = false

    init(_ source: any ByteSource) throws(InputError) {
        file = try Self.nameless()
        self.source = source
    }

    /// In TMPDIR, else in /var/tmp: /tmp may be memory. The processes that the server starts have no business with it.
    private static func nameless() throws(InputError) -> UnsafeMutablePointer<FILE> {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        let path = "\(folder)/almagest-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .noSpool }
        unlink(path)
        guard let file = fdopen(descriptor, "w+") else {
            close(descriptor)
            throw .noSpool
        }
        return file
    }

    deinit {
        fclose(file)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if isRewound { return fread(buffer.baseAddress, 1, buffer.count, file) }
        let count = try source.read(into: buffer)
        guard fwrite(buffer.baseAddress, 1, count, file) == count else { throw InputError.noSpool }
        return count
    }

    /// From here on the first byte again. What was not read is not kept.
    func rewind() throws(InputError) {
        guard fflush(file) == 0, fseek(file, 0, SEEK_SET) == 0 else { throw InputError.noSpool }
        isRewound = true
    }

    /// Bytes at a place of what was kept; false when there are not as many.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        while done < buffer.count {
            let count = pread(fileno(file), buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
