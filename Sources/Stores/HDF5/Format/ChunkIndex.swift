/// The index of a dataset's chunks, of the older kind (HDF5 File Format Specification 3.0 §III.A.1, node type 1).
struct ChunkIndex {
    /// A chunk's key: its stored size, the filters it was spared, and its place in the dataset, as they stand in the file.
    private(set) var keys: [Range<Int>] = []
    private(set) var chunks: [Range<Int>] = []
    private let keyBytes: Int

    /// Chunks of one dataset; more are libhdf5's.
    private static let most = 1 << 20

    /// - Parameter axes: the dataset's dimensions and one more, as its layout message counts them.
    init(at address: Int, axes: Int, in bytes: StoredBytes) throws(NotPlain) {
        keyBytes = 8 + 8 * axes
        var visits = 0
        try collect(address, above: 64, bytes, &visits)
    }

    private mutating func collect(_ node: Int, above: Int, _ bytes: StoredBytes, _ visits: inout Int) throws(NotPlain) {
        visits += 1
        guard visits <= Self.most else { throw NotPlain(.tooLarge) }
        guard try bytes.has("TREE", at: node), try bytes.load(node + 4, as: UInt8.self) == 1 else { throw NotPlain(.damaged) }
        let level = Int(try bytes.load(node + 5, as: UInt8.self))
        let count = Int(try bytes.load(node + 6, as: UInt16.self))
        guard level < above else { throw NotPlain(.damaged) }
        for index in 0..<count {
            let key = node + 24 + index * (keyBytes + 8)
            let child = try bytes.target(key + keyBytes)
            if level > 0 {
                try collect(child, above: level, bytes, &visits)
                continue
            }
            guard chunks.count < Self.most else { throw NotPlain(.tooLarge) }
            // The key behind the last child of a node is the first of the next.
            if keys.count > chunks.count { keys.removeLast() }
            keys.append(key..<key + keyBytes)
            chunks.append(child..<child + Int(try bytes.load(key, as: UInt32.self)))
            keys.append(key + keyBytes + 8..<key + 2 * keyBytes + 8)
        }
    }

    /// Copies the chunks as they are stored, and gives the address of their new index.
    func copy(from bytes: StoredBytes, to image: PlainImage, most: Int) throws(NotPlain) -> Int? {
        guard !chunks.isEmpty else { return nil }
        var size = 0
        var children: [(key: UnsafeRawBufferPointer, address: Int)] = []
        for (key, chunk) in zip(keys, chunks) {
            size += chunk.count
            guard size <= most else { throw NotPlain(.tooLarge) }
            children.append((try bytes.slice(key), try image.append(try bytes.slice(chunk))))
        }
        guard let last = keys.last else { return nil }
        return try image.appendChunkIndex(children, last: try bytes.slice(last))
    }
}
