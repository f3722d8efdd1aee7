/// Where newer groups keep many links and newer objects many attributes (HDF5 File Format Specification 3.0 §III.G).
struct FractalHeap {
    private let bytes: StoredBytes
    private let idBytes: Int
    private let offsetBytes: Int
    private let lengthBytes: Int
    private let tableWidth: Int
    private let firstBlock: Int
    private let largestDirect: Int
    private let root: Int
    /// 0 where the root is a direct block.
    private let rootRows: Int

    init(at address: Int, in bytes: StoredBytes) throws(NotPlain) {
        try bytes.expect("FRHP", version: 0, at: address)
        guard try bytes.load(address + 7, as: UInt16.self) == 0 else { throw NotPlain(.filteredHeap) }
        try bytes.verify(address..<address + 142)
        self.bytes = bytes
        idBytes = Int(try bytes.load(address + 5, as: UInt16.self))
        let largest = Int(try bytes.load(address + 10, as: UInt32.self))
        tableWidth = Int(try bytes.load(address + 110, as: UInt16.self))
        firstBlock = try bytes.length(address + 112)
        largestDirect = try bytes.length(address + 120)
        offsetBytes = (Int(try bytes.load(address + 128, as: UInt16.self)) + 7) / 8
        lengthBytes = StoredSize.width(upTo: min(largestDirect, largest))
        root = try bytes.target(address + 132)
        rootRows = Int(try bytes.load(address + 140, as: UInt16.self))
        // All of it has to be addressable.
        let bits = (Int.bitWidth - firstBlock.leadingZeroBitCount) + (Int.bitWidth - tableWidth.leadingZeroBitCount) + rootRows
        guard tableWidth > 0, firstBlock > 0, firstBlock <= largestDirect, bits < 62, offsetBytes <= 8,
            1 + offsetBytes + lengthBytes <= idBytes
        else { throw NotPlain(.damaged) }
    }

    /// Where the object of the identifier at that place is. One that has no place in a block of its own kind is not plain.
    func object(idAt place: Int) throws(NotPlain) -> Range<Int> {
        guard try bytes.load(place, as: UInt8.self) & 0xF0 == 0 else { throw NotPlain(.hugeAttribute) }
        let offset = try bytes.load(place + 1, width: offsetBytes)
        let length = try bytes.load(place + 1 + offsetBytes, width: lengthBytes)
        let start = rootRows == 0 ? root + offset : try self.place(offset, below: root, rows: rootRows, from: 0)
        try bytes.check(start..<start + length)
        return start..<start + length
    }

    /// Where a byte of the heap is, below an indirect block that begins at another.
    private func place(_ offset: Int, below block: Int, rows: Int, from first: Int) throws(NotPlain) -> Int {
        try bytes.expect("FHIB", version: 0, at: block)
        var row = 0
        var size = firstBlock
        var start = first
        while row < rows {
            let next = start + size * tableWidth
            if offset < next { break }
            start = next
            row += 1
            // The first two rows have blocks of the same size.
            if row > 1 { size *= 2 }
        }
        guard row < rows, offset >= first else { throw NotPlain(.damaged) }
        let column = (offset - start) / size
        start += column * size
        let child = try bytes.target(block + 13 + offsetBytes + 8 * (row * tableWidth + column))
        if size <= largestDirect {
            guard try bytes.has("FHDB", at: child) else { throw NotPlain(.damaged) }
            return child + offset - start
        }
        // An indirect block holds as many rows as make up its size.
        var inner = 1
        var (sum, blocks) = (firstBlock * tableWidth, firstBlock)
        while sum < size, inner < 64 {
            if inner > 1 { blocks *= 2 }
            sum += blocks * tableWidth
            inner += 1
        }
        return try place(offset, below: child, rows: inner, from: start)
    }
}
