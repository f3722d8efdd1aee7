import CZlib
import CZstd
import Compression
import NIOCore
import Testing

@Suite("Content codings")
struct ContentCodingTests {
    @Test(
        "are chosen by the client's weights",
        arguments: [
            (nil, nil), ("", nil), ("gzip, deflate", .gzip), ("gzip;q=0", nil), ("gzip, deflate, br, zstd", .zstd), ("GZIP;Q=0.5", .gzip),
            ("zstd;q=0.3, gzip;q=0.8", .gzip), ("*", .zstd), ("*;q=0", nil), ("zstd;q=0, *", .gzip), ("identity, gzip;q=0.5", nil),
            ("x-gzip", .gzip), ("br", nil), ("gzip ; q=1.0", .gzip), ("gzip;q=x", nil),
        ] as [(String?, ContentCoding?)])
    func choice(offered: String?, coding: ContentCoding?) {
        #expect(ContentCoding.preferred(acceptEncoding: offered) == coding)
    }

    private static let parts: [ByteBuffer] = (0..<40).map { part in
        ByteBuffer(bytes: (0..<(1 + part * 997)).map { UInt8(truncatingIfNeeded: $0 * (part % 3 == 0 ? 7919 : 1) >> 3) })
    }

    /// Every part after the other, stored from the tenth to the twentieth.
    private func encode(_ coding: ContentCoding) -> (flushed: ByteBuffer, all: ByteBuffer, plain: [UInt8]) {
        let encoder = coding.encoder()
        var all = ByteBuffer()
        var flushed = ByteBuffer()
        var plain: [UInt8] = []
        for (index, part) in Self.parts.enumerated() {
            if index == 10 || index == 20 { encoder.isStoring = index == 10 }
            var encoded = encoder.encode(part, flush: index % 5 == 4)
            all.writeBuffer(&encoded)
            plain += Array(buffer: part)
        }
        flushed = all
        var end = encoder.finish()
        all.writeBuffer(&end)
        return (flushed, all, plain)
    }

    @Test("gzip gives back the bytes, after each flush all so far, and ends only when told to")
    func gzip() {
        let (flushed, all, plain) = encode(.gzip)
        let whole = Self.inflate(all)
        #expect(whole.bytes == plain && whole.isWhole)
        let part = Self.inflate(flushed)
        #expect(part.bytes == plain && !part.isWhole)
        #expect(all.readableBytes < plain.count)
    }

    @Test("zstd gives back the bytes, after each flush all so far, and ends only when told to")
    func zstd() {
        let (flushed, all, plain) = encode(.zstd)
        let whole = Self.decompress(all)
        #expect(whole.bytes == plain && whole.isWhole)
        let part = Self.decompress(flushed)
        #expect(part.bytes == plain && !part.isWhole)
    }

    @Test("an empty body is a whole one", arguments: ContentCoding.allCases)
    func empty(coding: ContentCoding) {
        let encoder = coding.encoder()
        let all = encoder.finish()
        let read = coding == .gzip ? Self.inflate(all) : Self.decompress(all)
        #expect(read.bytes.isEmpty && read.isWhole)
    }

    private static func inflate(_ buffer: ByteBuffer) -> (bytes: [UInt8], isWhole: Bool) {
        var input = Array(buffer: buffer)
        var output = [UInt8](repeating: 0, count: 4 << 20)
        var stream = z_stream()
        inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        let status = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return CZlib.inflate(&stream, Z_SYNC_FLUSH)
            }
        }
        return (Array(output.prefix(Int(stream.total_out))), status == Z_STREAM_END)
    }

    private static func decompress(_ buffer: ByteBuffer) -> (bytes: [UInt8], isWhole: Bool) {
        let input = Array(buffer: buffer)
        var output = [UInt8](repeating: 0, count: 4 << 20)
        let context = ZSTD_createDCtx()
        defer { ZSTD_freeDCtx(context) }
        return input.withUnsafeBytes { source in
            output.withUnsafeMutableBytes { target in
                var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var to = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let left = ZSTD_decompressStream(context, &to, &from)
                return (Array(target.prefix(to.pos)), left == 0)
            }
        }
    }
}

@Suite("The pace of a stream")
struct CompressionPaceTests {
    @Test("a reader that never lets us wait gets plain bytes, a slow one compressed ones again")
    func change() {
        var pace = CompressionPace()
        #expect(!pace.isStoring)
        for _ in 0..<16 {
            pace.note(bytes: 65_536, working: .milliseconds(1), compressing: .milliseconds(2), waiting: .microseconds(10))
        }
        #expect(pace.isStoring)
        for _ in 0..<16 {
            pace.note(bytes: 65_536, working: .milliseconds(1), compressing: .microseconds(20), waiting: .milliseconds(20))
        }
        #expect(!pace.isStoring)
    }

    @Test("a reader that waits for the query, not for the network, gets plain bytes on")
    func slowQuery() {
        var pace = CompressionPace()
        for _ in 0..<64 { pace.note(bytes: 65_536, working: .milliseconds(50), compressing: .milliseconds(2), waiting: .zero) }
        #expect(pace.isStoring)
    }

    @Test("a network that is slower than the compressor keeps it at work")
    func slowNetwork() {
        var pace = CompressionPace()
        for _ in 0..<64 { pace.note(bytes: 65_536, working: .milliseconds(1), compressing: .milliseconds(2), waiting: .milliseconds(8)) }
        #expect(!pace.isStoring)
    }
}
