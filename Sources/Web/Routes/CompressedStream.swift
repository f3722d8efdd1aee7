import Compression
import NIOCore

/// Compresses the parts of one body on their way to its reader, as long as that pays.
// @unchecked: one task writes, one part after the other.
final class CompressedStream: @unchecked Sendable {
    /// Smaller parts come from a source that has no more at the moment: they go on at once.
    private static let smallPart = 32 * 1024

    private let encoder: any ContentEncoder
    private let isAdaptive: Bool
    private var pace = CompressionPace()
    private let clock = ContinuousClock()
    private var lastMoment: ContinuousClock.Instant
    private var isFirst = true

    init(_ coding: ContentCoding, isAdaptive: Bool) {
        encoder = coding.encoder()
        self.isAdaptive = isAdaptive
        lastMoment = clock.now
    }

    /// - Parameter sink: gets what is ready, and waits for the reader.
    func write(_ part: ByteBuffer, to sink: (ByteBuffer) async throws -> Void) async throws {
        let start = clock.now
        let encoded = encoder.encode(part, flush: isFirst || part.readableBytes < Self.smallPart)
        isFirst = false
        let made = clock.now
        if encoded.readableBytes > 0 { try await sink(encoded) }
        let end = clock.now
        if isAdaptive {
            pace.note(bytes: part.readableBytes, working: start - lastMoment, compressing: made - start, waiting: end - made)
            encoder.isStoring = pace.isStoring
        }
        lastMoment = end
    }

    /// The end, which a body that was broken off never gets.
    func finish(to sink: (ByteBuffer) async throws -> Void) async throws {
        try await sink(encoder.finish())
    }
}
