/// Looks ahead into a source: a window of bytes that have been read and not been used.
package final class ByteCursor: ByteSource {
    private let source: any ByteSource
    private var storage: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// The source has no more.
    package private(set) var isAtEnd = false
    /// Bytes that were used so far.
    package private(set) var position = 0

    package init(_ source: any ByteSource, capacity: Int = 64 * 1024) {
        self.source = source
        storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        storage.deallocate()
    }

    /// What was read ahead; valid until the next call that changes the cursor.
    package var window: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[start..<end]) }

    /// Reads until the window holds `count` bytes.
    ///
    /// - Returns: false when the source ends before.
    package func fill(_ count: Int) throws -> Bool {
        while end - start < count {
            if isAtEnd { return false }
            try readMore(room: count)
        }
        return true
    }

    /// Reads once more behind the window; false at the source's end.
    package func extend() throws -> Bool {
        guard !isAtEnd else { return false }
        try readMore(room: end - start + 1)
        return !isAtEnd
    }

    package func skip(_ count: Int) {
        start += count
        position += count
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard try fill(1) else { return 0 }
        let count = min(buffer.count, end - start)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[start..<start + count]))
        skip(count)
        return count
    }

    private func readMore(room: Int) throws {
        if start > 0, end == storage.count || room > storage.count - start {
            storage.copyMemory(from: window)
            end -= start
            start = 0
        }
        if end == storage.count || room > storage.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * storage.count, room), alignment: 16)
            larger.copyMemory(from: window)
            storage.deallocate()
            storage = larger
            end -= start
            start = 0
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: storage[end...]))
        if count == 0 { isAtEnd = true }
        end += count
    }
}
