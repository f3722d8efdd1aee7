import CZlib

/// What a gzip'd source holds, also where several gzip members follow each other (RFC 1952).
package final class InflatedSource: ByteSource {
    private let source: any ByteSource
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isAtEnd = false
    /// Between two members, where the end may come.
    private var isBetween = true

    package init(_ source: any ByteSource) throws {
        self.source = source
        stream.initialize(to: z_stream())
        guard almagest_inflate_init(stream) == Z_OK else { throw InputError.damagedGzip }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        input.deallocate()
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let room = UInt32(clamping: buffer.count)
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        while stream.pointee.avail_out == room, !isAtEnd {
            if stream.pointee.avail_in == 0 {
                let count = try source.read(into: input)
                guard count > 0 else {
                    guard isBetween else { throw InputError.cutGzip }
                    isAtEnd = true
                    break
                }
                stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_in = UInt32(count)
            }
            isBetween = false
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END:
                isBetween = true
                guard inflateReset(stream) == Z_OK else { throw InputError.damagedGzip }
            default: throw InputError.damagedGzip
            }
        }
        return Int(room - stream.pointee.avail_out)
    }
}
