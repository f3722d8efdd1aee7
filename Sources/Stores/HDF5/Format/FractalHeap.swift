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
    private let hasChecksums: Bool
    private let verified = VerifiedBlocks()

    /// Blocks whose checksum was found right; each is looked at once.
    private final class VerifiedBlocks {
        var addresses: Set<Int> = []
    }

    init(at address: Int, in bytes: StoredBytes) throws(NotPlain) {
        try bytes.expect("FRHP", version: 0, at: address)
        guard try bytes.load(address + 7, as: UInt16.self) == 0 else { throw NotPlain(.filteredHeap) }
        try bytes.verify(address..<address + 142)
        self.bytes = bytes
        hasChecksums = try bytes.load(address + 9, as: UInt8.self) & 2 != 0
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
        if rootRows == 0 { return try object(offset, length, in: root, size: firstBlock) }
        return try object(offset, length, below: root, rows: rootRows, from: 0)
    }

    /// An object of a direct block, where it is that many bytes behind the block's beginning.
    private func object(_ offset: Int, _ length: Int, in block: Int, size: Int) throws(NotPlain) -> Range<Int> {
        let head = 13 + offsetBytes + (hasChecksums ? 4 : 0)
        guard offset >= head, length <= size, offset <= size - length else { throw NotPlain(.damaged) }
        try verify(block, size)
        return block + offset..<block + offset + length
    }

    private func verify(_ block: Int, _ size: Int) throws(NotPlain) {
        guard !verified.addresses.contains(block) else { return }
        try bytes.expect("FHDB", version: 0, at: block)
        if hasChecksums {
            // Its own place counts as zero.
            var content = [UInt8](try bytes.slice(block..<block + size))
            let place = 13 + offsetBytes
            content.store(UInt32(0), at: place)
            guard try bytes.load(block + place, as: UInt32.self) == content.withUnsafeBytes({ Lookup3.hash($0) }) else {
                throw NotPlain(.damaged)
            }
        }
        verified.addresses.insert(block)
    }

    /// An object below an indirect block, which begins at that byte of the heap.
    private func object(
        _ offset: Int, _ length: Int, below block: Int, rows: Int, from first: Int
    ) throws(NotPlain) -> Range<Int> {
        try bytes.expect("FHIB", version: 0, at: block)
        if !verified.addresses.contains(block) {
            try bytes.verify(block..<block + 13 + offsetBytes + 8 * rows * tableWidth)
            verified.addresses.insert(block)
        }
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
            return try object(offset - start, length, in: child, size: size)
        }
        // An indirect block holds as many rows as make up its size.
        var inner = 1
        var (sum, blocks) = (firstBlock * tableWidth, firstBlock)
        while sum < size, inner < 64 {
            if inner > 1 { blocks *= 2 }
            sum += blocks * tableWidth
            inner += 1
        }
        return try object(offset, length, below: child, rows: inner, from: start)
    }
}
