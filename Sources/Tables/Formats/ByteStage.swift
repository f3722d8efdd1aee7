/// Bytes that were made but not sent: raw memory that grows, and is used again after each hand-over.
///
/// Room is reserved once a row; the stores after it only move the end.
struct ByteStage: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(64, capacity)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Makes room for `extra` bytes more; the pointers handed out before are void then.
    @inline(__always)
    mutating func reserve(_ extra: Int) {
        if count + extra > capacity { grow(extra) }
    }

    private mutating func grow(_ extra: Int) {
        capacity = max(capacity * 2, count + extra)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    /// Where the next byte goes.
    var end: UnsafeMutableRawPointer { base + count }

    /// How many bytes may be written from `position` on.
    @inline(__always)
    func room(at position: UnsafeMutableRawPointer) -> Int { base + capacity - position }

    /// Says how far the stores after ``end`` went.
    @inline(__always)
    mutating func advance(to end: UnsafeMutableRawPointer) {
        count = end - UnsafeMutableRawPointer(base)
        assert(count <= capacity)
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        end.storeBytes(of: byte, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        reserve(source.count)
        end.copyMemory(from: start, byteCount: source.count)
        count += source.count
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func appendZeros(_ zeros: Int) {
        reserve(zeros)
        end.initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
        count += zeros
    }

    /// Has `write` store up to so many bytes at the end; it returns how far they went.
    ///
    /// Nothing else of the stage is used meanwhile, so that its owner is looked at once a row and not once a store.
    @inline(__always)
    mutating func append<Failure: Error>(
        atMost count: Int, _ write: (UnsafeMutableRawPointer) throws(Failure) -> UnsafeMutableRawPointer
    ) throws(Failure) {
        reserve(count)
        advance(to: try write(end))
    }

    /// Drops the first bytes; what is left moves to the front.
    mutating func dropFirst(_ dropped: Int) {
        count -= dropped
        if count > 0 { base.copyMemory(from: base + dropped, byteCount: count) }
    }
}
