package import TableInput
import VOTable

/// Reads a table in any of the forms that are taken; which it is, its first bytes say.
package enum TableReader {
    /// Reads the whole source.
    ///
    /// - Parameter unpacked: wraps the source where it turns out to be compressed, to bound what comes out of it.
    /// - Throws: ``InputError``, or what source and sink throw.
    package static func read(
        _ source: any ByteSource, into sink: any TableSink, limits: InputLimits = InputLimits(),
        unpacked: (any ByteSource) -> any ByteSource = { $0 }
    ) throws {
        var cursor = ByteCursor(source)
        if try cursor.starts(with: [0x1F, 0x8B]) { cursor = ByteCursor(unpacked(try InflatedSource(cursor))) }
        switch try form(of: cursor) {
        case .votable: try VOTableReader.read(cursor, into: sink, limits: limits)
        case .fits: try FITSReader.read(cursor, into: sink, limits: limits)
        case .text: try TextReader.read(cursor, into: sink, limits: limits)
        }
        // A FITS file may go on behind its table. What nobody takes looks to the sender as if it were refused.
        try source.drain()
    }

    private enum Form {
        case votable, fits, text
    }

    private static func form(of cursor: ByteCursor) throws -> Form {
        guard try cursor.fill(1) else { throw InputError.empty }
        if try cursor.starts(with: Array("SIMPLE  =".utf8)) { return .fits }
        for (magic, name) in foreign where try cursor.starts(with: magic) { throw InputError.foreign(name) }
        _ = try cursor.fill(256)
        let start = cursor.window.prefix(256)
        // UTF-16 begins with its mark, UTF-8 may.
        if start.starts(with: [0xFE, 0xFF]) || start.starts(with: [0xFF, 0xFE]) { return .votable }
        let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start
        let first = text.first { !NumberText.isBlank($0) }
        if first == UInt8(ascii: "<") { return .votable }
        guard !text.contains(0) else { throw InputError.unknownForm }
        return .text
    }

    private static let foreign: [([UInt8], String)] = [
        (Array("PAR1".utf8), "Parquet"), (Array("BZh".utf8), "bzip2"), ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard"),
        ([0xFD, 0x37, 0x7A, 0x58], "xz"),
        (Array("PK\u{3}\u{4}".utf8), "ZIP"), ([0x89, 0x48, 0x44, 0x46], "HDF5"), (Array("%PDF".utf8), "PDF"),
    ]
}

extension ByteSource {
    /// Reads to the end, for nothing.
    func drain() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while try read(into: buffer) > 0 {}
    }
}

extension ByteCursor {
    /// Whether the next bytes are these.
    func starts(with bytes: [UInt8]) throws -> Bool {
        try fill(bytes.count) && window.starts(with: bytes)
    }
}
