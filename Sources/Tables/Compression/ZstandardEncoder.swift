import CZstd
import NIOCore

/// Zstandard (RFC 8878, as HTTP coding RFC 9659) at its standard fast level.
final class ZstandardEncoder: ContentEncoder {
    private static let level: Int32 = 1

    private let context = ZSTD_createCCtx()

    init() {
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        // HTTP allows windows up to 8 MB; level 1 needs less.
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// A frame keeps its level. Zstandard is fast enough not to need another.
    var isStoring = false

    func encode(_ part: ByteBuffer, flush: Bool) -> ByteBuffer {
        run(part, flush ? ZSTD_e_flush : ZSTD_e_continue)
    }

    func finish() -> ByteBuffer {
        run(ByteBuffer(), ZSTD_e_end)
    }

    private func run(_ part: ByteBuffer, _ directive: ZSTD_EndDirective) -> ByteBuffer {
        var output = ByteBuffer()
        part.withUnsafeReadableBytes { bytes in
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var isDone = false
            while !isDone {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: ZSTD_compressBound(input.size - input.pos) + 4096) { target in
                    var room = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    let left = ZSTD_compressStream2(context, &room, &input, directive)
                    precondition(ZSTD_isError(left) == 0, "zstd is out of memory")
                    isDone = directive == ZSTD_e_continue ? input.pos == input.size : left == 0
                    return room.pos
                }
            }
        }
        return output
    }
}
