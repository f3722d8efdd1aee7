/// A few rows in memory, each with its length before it.
struct RowQueue: ~Copyable {
    private var stage = ByteStage(capacity: 4096)

    /// Bytes of all.
    var count: Int { stage.count }

    mutating func append(_ row: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: row.count) { stage.append($0) }
        stage.append(row)
    }

    /// Hands out the rows in their order.
    func handOut(to body: (UnsafeRawBufferPointer) -> Void) {
        let bytes = stage.bytes
        var position = 0
        while position < bytes.count {
            let start = position + MemoryLayout<Int>.size
            position = start + bytes.loadUnaligned(fromByteOffset: position, as: Int.self)
            body(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        }
    }
}
