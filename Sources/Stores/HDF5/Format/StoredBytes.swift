import Glibc

/// Bytes of a file as HDF5 addresses them. Nothing beyond their end is looked at.
struct StoredBytes {
    let start: UnsafeRawPointer
    let count: Int

    func check(_ range: Range<Int>) throws(NotPlain) {
        guard range.lowerBound >= 0, range.upperBound <= count else { throw NotPlain(.beyondTheEnd) }
    }

    /// An integer as HDF5 stores it: least byte first, aligned to nothing.
    func load<Integer: FixedWidthInteger>(_ place: Int, as type: Integer.Type = Integer.self) throws(NotPlain) -> Integer {
        guard place >= 0, place <= count - MemoryLayout<Integer>.size else { throw NotPlain(.beyondTheEnd) }
        return Integer(littleEndian: start.loadUnaligned(fromByteOffset: place, as: Integer.self))
    }

    /// An integer of 0 to 8 bytes.
    func load(_ place: Int, width: Int) throws(NotPlain) -> Int {
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(try load(place + index, as: UInt8.self)) << UInt64(8 * index) }
        return try Self.int(value)
    }

    /// A length of 8 bytes.
    func length(_ place: Int) throws(NotPlain) -> Int { try Self.int(try load(place, as: UInt64.self)) }

    /// An address of 8 bytes; nil for the one that says that there is nothing.
    func address(_ place: Int) throws(NotPlain) -> Int? {
        let value = try load(place, as: UInt64.self)
        return value == .max ? nil : try Self.int(value)
    }

    /// The address of something that has to be there.
    func target(_ place: Int) throws(NotPlain) -> Int {
        guard let address = try address(place) else { throw NotPlain(.damaged) }
        return address
    }

    private static func int(_ value: UInt64) throws(NotPlain) -> Int {
        guard let value = Int(exactly: value), value < 1 << 60 else { throw NotPlain(.damaged) }
        return value
    }

    /// Four letters that say what begins there.
    func has(_ signature: StaticString, at place: Int) throws(NotPlain) -> Bool {
        try check(place..<place + signature.utf8CodeUnitCount)
        return memcmp(start + place, signature.utf8Start, signature.utf8CodeUnitCount) == 0
    }

    /// Checks that what begins there has its signature, and the version that it should have.
    func expect(_ signature: StaticString, version: UInt8, at place: Int) throws(NotPlain) {
        guard try has(signature, at: place) else { throw NotPlain(.damaged) }
        guard try load(place + 4, as: UInt8.self) == version else { throw NotPlain(.unknownVersion) }
    }

    /// Checks the bytes of a range against the checksum that follows them.
    func verify(_ range: Range<Int>) throws(NotPlain) {
        try check(range)
        let sum = Lookup3.hash(UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count))
        guard try load(range.upperBound, as: UInt32.self) == sum else { throw NotPlain(.damaged) }
    }

    func slice(_ range: Range<Int>) throws(NotPlain) -> UnsafeRawBufferPointer {
        try check(range)
        return UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    /// The bytes up to the next zero, within bounds.
    func text(from place: Int, before end: Int) throws(NotPlain) -> UnsafeRawBufferPointer {
        guard place < end else { throw NotPlain(.damaged) }
        try check(place..<end)
        guard let zero = memchr(start + place, 0, end - place) else { throw NotPlain(.damaged) }
        return UnsafeRawBufferPointer(start: start + place, count: (start + place).distance(to: UnsafeRawPointer(zero)))
    }
}

/// The numbers of bytes that the format derives from other numbers.
enum StoredSize {
    /// Up to the next multiple of 8.
    static func padded(_ count: Int) -> Int { (count + 7) & ~7 }

    /// Bytes that can tell every number up to a limit.
    static func width(upTo limit: Int) -> Int {
        limit <= 0 ? 1 : (Int.bitWidth - 1 - limit.leadingZeroBitCount) / 8 + 1
    }
}

/// The checksum of HDF5's newer structures, and the hash of names in its newer groups: lookup3 by Bob Jenkins, in the public domain
/// (HDF5 File Format Specification 3.0, "Disk Format Level 0").
enum Lookup3 {
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var state = State(bytes.count)
        guard var place = bytes.baseAddress else { return state.c }
        var left = bytes.count
        while left > 12 {
            state.add(place)
            state.mix()
            place += 12
            left -= 12
        }
        guard left > 0 else { return state.c }
        withUnsafeTemporaryAllocation(byteCount: 12, alignment: 4) { last in
            guard let base = last.baseAddress else { return }
            memset(base, 0, 12)
            memcpy(base, place, left)
            state.add(UnsafeRawPointer(base))
        }
        state.finish()
        return state.c
    }

    private struct State {
        var a, b, c: UInt32

        init(_ count: Int) {
            a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: count)
            (b, c) = (a, a)
        }

        mutating func add(_ place: UnsafeRawPointer) {
            a &+= UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
            b &+= UInt32(littleEndian: place.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            c &+= UInt32(littleEndian: place.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        }

        mutating func mix() {
            a = (a &- c) ^ Self.turned(c, 4)
            c &+= b
            b = (b &- a) ^ Self.turned(a, 6)
            a &+= c
            c = (c &- b) ^ Self.turned(b, 8)
            b &+= a
            a = (a &- c) ^ Self.turned(c, 16)
            c &+= b
            b = (b &- a) ^ Self.turned(a, 19)
            a &+= c
            c = (c &- b) ^ Self.turned(b, 4)
            b &+= a
        }

        mutating func finish() {
            c = (c ^ b) &- Self.turned(b, 14)
            a = (a ^ c) &- Self.turned(c, 11)
            b = (b ^ a) &- Self.turned(a, 25)
            c = (c ^ b) &- Self.turned(b, 16)
            a = (a ^ c) &- Self.turned(c, 4)
            b = (b ^ a) &- Self.turned(a, 14)
            c = (c ^ b) &- Self.turned(b, 24)
        }

        private static func turned(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
    }
}
