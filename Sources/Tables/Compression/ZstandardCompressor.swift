import CZstd

/// Compresses blocks of bytes by Zstandard (RFC 8878), one whole frame each.
package final class ZstandardCompressor {
    private let context: OpaquePointer?
    private let level: Int32

    /// - Parameter level: 1 is fast, 19 thorough.
    package init(level: Int32) {
        context = ZSTD_createCCtx()
        self.level = level
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// The most bytes that a block of `count` bytes becomes.
    package static func bound(_ count: Int) -> Int { ZSTD_compressBound(count) }

    /// Writes the frame to the start of `target`, which holds ``bound(_:)`` bytes; returns how many bytes it has.
    package func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        precondition(target.count >= Self.bound(source.count))
        let count = ZSTD_compressCCtx(context, target.baseAddress, target.count, source.baseAddress, source.count, level)
        // With room enough it fails for want of memory alone, which ends a Swift program anyway.
        precondition(ZSTD_isError(count) == 0, "zstd is out of memory")
        return count
    }
}
