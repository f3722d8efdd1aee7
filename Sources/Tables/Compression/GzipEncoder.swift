import CZlib
import NIOCore

/// gzip (RFC 1952) at zlib's fastest level, or without compression for a while.
final class GzipEncoder: ContentEncoder {
    private static let level: Int32 = 1
    /// The header and trailer of gzip instead of zlib's own, over the largest window.
    private static let gzipWindow: Int32 = 15 + 16

    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, Self.level, Z_DEFLATED, Self.gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        // With these constants it fails for want of memory alone, which ends a Swift program anyway.
        precondition(status == Z_OK, "zlib is out of memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Level 0 copies.
    var isStoring = false {
        didSet {
            guard isStoring != oldValue else { return }
            // What was taken before comes out first.
            run(&changed) { [stream, isStoring] in deflateParams(stream, isStoring ? 0 : Self.level, Z_DEFAULT_STRATEGY) }
        }
    }

    /// What a change of level brought out.
    private var changed = ByteBuffer()

    func encode(_ part: ByteBuffer, flush: Bool) -> ByteBuffer {
        var output = changed
        changed = ByteBuffer()
        part.withUnsafeReadableBytes { bytes in
            // zlib does not write to its input, though its type says so.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            run(&output) { [stream] in deflate(stream, flush ? Z_SYNC_FLUSH : Z_NO_FLUSH) }
            stream.pointee.next_in = nil
        }
        return output
    }

    func finish() -> ByteBuffer {
        var output = changed
        changed = ByteBuffer()
        run(&output) { [stream] in deflate(stream, Z_FINISH) }
        return output
    }

    /// Repeats a step of zlib until all its output is there.
    private func run(_ output: inout ByteBuffer, _ step: () -> Int32) {
        var isFull = true
        while isFull {
            let wanted = Int(deflateBound(stream, UInt(stream.pointee.avail_in))) + 4096
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { target in
                stream.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(clamping: target.count)
                let before = stream.pointee.avail_out
                _ = step()
                isFull = stream.pointee.avail_out == 0
                return Int(before - stream.pointee.avail_out)
            }
        }
    }
}
