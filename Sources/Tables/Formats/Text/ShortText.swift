/// Up to 16 bytes that are written in one go: what stands around and between cells.
///
/// Plain data, so that the loop over cells counts no references. Writing stores 16 bytes and moves on by ``count``.
struct ShortText {
    static let room = 16

    private var low: UInt64 = 0
    private var high: UInt64 = 0
    let count: Int

    /// - Parameter text: at most 16 bytes.
    init(_ text: StaticString) {
        self.init(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Several after each other.
    init(joining parts: [ShortText]) {
        var bytes: [UInt8] = []
        for part in parts { bytes += part.bytes }
        self = bytes.withUnsafeBytes { Self($0) }
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= Self.room)
        count = bytes.count
        for (place, byte) in bytes.enumerated() {
            if place < 8 { low |= UInt64(byte) << UInt64(8 * place) } else { high |= UInt64(byte) << UInt64(8 * (place - 8)) }
        }
    }

    var bytes: [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 < 8 ? low : high) >> UInt64(8 * ($0 & 7))) }
    }

    /// Needs ``room`` bytes at `target`, of which the first ``count`` count.
    @inline(__always)
    func write(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        target.storeBytes(of: low.littleEndian, as: UInt64.self)
        target.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
        return target + count
    }
}
