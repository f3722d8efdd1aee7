/// The beginning of a new HDF5 file: objects that were copied byte by byte, then the groups that name them.
///
/// The groups are of the older kind, which any version of libhdf5 reads and can add to (HDF5 File Format Specification 3.0 §III.A.1).
final class PlainImage {
    private let image: FileImage
    /// Where the next byte goes.
    private(set) var end = Superblock.bytes
    private var lists = OpenCollection()
    private var names = Folder()

    /// Collections of the global heap are not smaller (§III.E).
    private static let collectionBytes = 4096
    /// Numbers that the superblock tells for the file's older groups: entries of a leaf and children of a node, halved.
    private static let leafHalf = 4
    private static let nodeHalf = 16

    private struct OpenCollection {
        var address = 0
        var size = 0
        var used = 0
        var count: UInt16 = 0
    }

    /// What has a name in a group.
    private enum Member {
        case object(Int)
        case folder(Folder)
    }

    private final class Folder {
        var members: [[UInt8]: Member] = [:]
    }

    init(_ image: FileImage) throws(NotPlain) {
        self.image = image
        guard image.reserve(end) else { throw NotPlain(.noMemory) }
    }

    /// Makes room for so many bytes, all of them zero, and gives their address.
    func reserve(_ count: Int) throws(NotPlain) -> Int {
        guard image.reserve(end + count) else { throw NotPlain(.noMemory) }
        defer { end += count }
        return end
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(NotPlain) -> Int {
        let address = try reserve(bytes.count)
        put(bytes, at: address)
        return address
    }

    /// Takes back what was appended since.
    func shorten(to end: Int) {
        image.clear(end..<self.end)
        self.end = end
        if lists.address + lists.size > end { lists = OpenCollection() }
    }

    func store<Integer: FixedWidthInteger>(_ value: Integer, at address: Int) {
        image.bytes?.storeBytes(of: value.littleEndian, toByteOffset: address, as: Integer.self)
    }

    func bytes(at address: Int) -> UnsafeMutableRawPointer? { image.bytes?.advanced(by: address) }

    // MARK: - Lists

    /// Appends the elements of a list of varying length to the global heap.
    func append(list: UnsafeRawBufferPointer) throws(NotPlain) -> (collection: Int, index: UInt32) {
        let needed = 16 + StoredSize.padded(list.count)
        if lists.used + needed > lists.size || lists.count == .max {
            let size = max(Self.collectionBytes, 16 + needed)
            lists = OpenCollection(address: try reserve(size), size: size, used: 16)
            store("GCOL", at: lists.address)
            store(UInt8(1), at: lists.address + 4)
            store(UInt64(size), at: lists.address + 8)
        }
        lists.count += 1
        let place = lists.address + lists.used
        store(lists.count, at: place)
        store(UInt16(1), at: place + 2)
        store(UInt64(list.count), at: place + 8)
        put(list, at: place + 16)
        lists.used += needed
        let left = lists.size - lists.used
        if left >= 16 {
            // The rest is one free object of number 0.
            store(UInt64(0), at: place + needed)
            store(UInt64(left), at: place + needed + 8)
        }
        return (lists.address, UInt32(lists.count))
    }

    private func store(_ signature: StaticString, at address: Int) {
        put(UnsafeRawBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount), at: address)
    }

    // MARK: - Names

    /// Gives an object its absolute path. The groups above it are made as needed. False when the path is taken, and nothing happens.
    func name(_ address: Int, _ path: String) -> Bool {
        var folder = names
        let steps = path.utf8.split(separator: UInt8(ascii: "/")).map { [UInt8]($0) }
        guard let last = steps.last else { return false }
        for step in steps.dropLast() {
            switch folder.members[step] {
            case .folder(let known): folder = known
            case .object: return false
            case nil:
                let new = Folder()
                folder.members[step] = .folder(new)
                folder = new
            }
        }
        guard folder.members[last] == nil else { return false }
        folder.members[last] = .object(address)
        return true
    }

    var hasObjects: Bool { !names.members.isEmpty }

    /// Writes the groups and the superblock: the image is a whole file then, of as many bytes as are returned.
    func finish() throws(NotPlain) -> Int {
        image.copied = end
        let root = try write(names)
        // Version 0, with offsets and lengths of 8 bytes (§II.A).
        store(Superblock.signature, at: 0)
        store(UInt16(0x0808), at: 13)
        store(UInt16(Self.leafHalf), at: 16)
        store(UInt16(Self.nodeHalf), at: 18)
        store(UInt64.max, at: 32)
        store(UInt64(end), at: 40)
        store(UInt64.max, at: 48)
        store(UInt64(root), at: 64)
        return end
    }

    private func write(_ folder: Folder) throws(NotPlain) -> Int {
        var entries: [GroupEntry] = []
        entries.reserveCapacity(folder.members.count)
        // In a fixed order, so that the same objects make the same bytes.
        for (name, member) in folder.members.sorted(by: { SymbolTable.precedes($0.key, $1.key) }) {
            let address =
                switch member {
                case .object(let address): address
                case .folder(let inner): try write(inner)
                }
            entries.append(GroupEntry(name: name, target: .object(address)))
        }
        let (tree, heap) = try appendGroup(entries)
        // A header of version 2 may later get attributes of any size.
        var header: [UInt8] = Array("OHDR".utf8) + [2, 0, 20, UInt8(ObjectHeader.Kind.symbolTable), 16, 0, 0]
        header.append(integer: UInt64(tree))
        header.append(integer: UInt64(heap))
        header.append(integer: header.withUnsafeBytes { Lookup3.hash($0) })
        return try append(header)
    }

    /// Copies the object of an absolute path.
    func copy(_ key: String, from file: StoredFile, to path: String) -> Outcome {
        do throws(NotPlain) {
            guard let address = try file.find(key) else { return .missing }
            let start = end
            let copied = try PlainCopy.copy(address, from: file.bytes, to: self)
            if name(copied, path) { return .copied }
            shorten(to: start)
            return .notPlain(NotPlain(.severalNames))
        } catch {
            return .notPlain(error)
        }
    }

    enum Outcome {
        case copied
        case missing
        case notPlain(NotPlain)
    }

    func append(_ bytes: [UInt8]) throws(NotPlain) -> Int {
        let address = try reserve(bytes.count)
        put(bytes, at: address)
        return address
    }

    struct GroupEntry {
        enum Target {
            case object(Int)
            /// A soft link.
            case path([UInt8])
        }

        let name: [UInt8]
        let target: Target
    }

    /// Appends the index of a group of the older kind, and gives the addresses for its symbol table message.
    ///
    /// - Parameter entries: in the order of their names' bytes.
    func appendGroup(_ entries: [GroupEntry]) throws(NotPlain) -> (tree: Int, heap: Int) {
        let (heap, names, paths) = try appendNames(of: entries)
        let capacity = 2 * Self.leafHalf
        let starts = Array(stride(from: 0, to: entries.count, by: capacity))
        let first = try reserve(starts.count * (8 + 40 * capacity))
        var nodes: [(address: Int, greatest: Int)] = []
        for (number, start) in starts.enumerated() {
            let leaf = first + number * (8 + 40 * capacity)
            let end = min(entries.count, start + capacity)
            store("SNOD", at: leaf)
            store(UInt8(1), at: leaf + 4)
            store(UInt16(end - start), at: leaf + 6)
            for index in start..<end {
                let place = leaf + 8 + 40 * (index - start)
                store(UInt64(names[index]), at: place)
                switch entries[index].target {
                case .object(let address): store(UInt64(address), at: place + 8)
                case .path:
                    store(UInt64.max, at: place + 8)
                    store(UInt32(2), at: place + 16)
                    store(UInt32(paths[index]), at: place + 24)
                }
            }
            nodes.append((leaf, names[end - 1]))
        }
        var level: UInt8 = 0
        repeat {
            nodes = try appendNodes(over: nodes, level)
            level += 1
        } while nodes.count > 1
        return (nodes[0].address, heap)
    }

    /// One level of the index above the leaves.
    private func appendNodes(
        over children: [(address: Int, greatest: Int)], _ level: UInt8
    ) throws(NotPlain) -> [(address: Int, greatest: Int)] {
        let capacity = 2 * Self.nodeHalf
        let size = 24 + 16 * capacity + 8
        let count = max(1, (children.count + capacity - 1) / capacity)
        let first = try reserve(count * size)
        var nodes: [(address: Int, greatest: Int)] = []
        for number in 0..<count {
            let node = first + number * size
            let part = children[number * capacity..<min(children.count, (number + 1) * capacity)]
            store("TREE", at: node)
            store(level, at: node + 5)
            store(UInt16(part.count), at: node + 6)
            store(number == 0 ? UInt64.max : UInt64(node - size), at: node + 8)
            store(number == count - 1 ? UInt64.max : UInt64(node + size), at: node + 16)
            // The key before a child is the greatest name before it; the empty one stands before all.
            store(UInt64(number == 0 ? 0 : children[part.startIndex - 1].greatest), at: node + 24)
            for (index, child) in part.enumerated() {
                store(UInt64(child.address), at: node + 32 + 16 * index)
                store(UInt64(child.greatest), at: node + 40 + 16 * index)
            }
            nodes.append((node, part.last?.greatest ?? 0))
        }
        return nodes
    }

    /// Children that a node of a chunk index has, halved, where the superblock does not say.
    private static let chunkHalf = 32

    /// Appends the index of a dataset's chunks (§III.A.1), and gives its address.
    ///
    /// - Parameters:
    ///   - chunks: the key and the address of each.
    ///   - last: the key behind all of them.
    func appendChunkIndex(_ chunks: [(key: UnsafeRawBufferPointer, address: Int)], last: UnsafeRawBufferPointer) throws(NotPlain) -> Int {
        let capacity = 2 * Self.chunkHalf
        let keyBytes = last.count
        let size = 24 + capacity * (keyBytes + 8) + keyBytes
        var children = chunks
        var level: UInt8 = 0
        repeat {
            let count = (children.count + capacity - 1) / capacity
            let first = try reserve(count * size)
            var nodes: [(key: UnsafeRawBufferPointer, address: Int)] = []
            for number in 0..<count {
                let node = first + number * size
                let part = number * capacity..<min(children.count, (number + 1) * capacity)
                store("TREE", at: node)
                store(UInt8(1), at: node + 4)
                store(level, at: node + 5)
                store(UInt16(part.count), at: node + 6)
                store(number == 0 ? UInt64.max : UInt64(node - size), at: node + 8)
                store(number == count - 1 ? UInt64.max : UInt64(node + size), at: node + 16)
                for (index, child) in part.enumerated() {
                    let place = node + 24 + index * (keyBytes + 8)
                    put(children[child].key, at: place)
                    store(UInt64(children[child].address), at: place + keyBytes)
                }
                put(part.upperBound < children.count ? children[part.upperBound].key : last, at: node + 24 + part.count * (keyBytes + 8))
                nodes.append((children[part.lowerBound].key, node))
            }
            children = nodes
            level += 1
        } while children.count > 1
        return children[0].address
    }

    /// Appends the names and the paths of soft links as a local heap (§III.D), and gives their offsets in it.
    private func appendNames(of entries: [GroupEntry]) throws(NotPlain) -> (heap: Int, names: [Int], paths: [Int]) {
        var names: [Int] = []
        var paths: [Int] = []
        // The empty name stands first.
        var size = 8
        for entry in entries {
            names.append(size)
            size += StoredSize.padded(entry.name.count + 1)
            paths.append(size)
            if case .path(let path) = entry.target { size += StoredSize.padded(path.count + 1) }
        }
        let heap = try reserve(32 + size)
        store("HEAP", at: heap)
        store(UInt64(size), at: heap + 8)
        // No free space.
        store(UInt64(1), at: heap + 16)
        store(UInt64(heap + 32), at: heap + 24)
        for (index, entry) in entries.enumerated() {
            put(entry.name, at: heap + 32 + names[index])
            if case .path(let path) = entry.target { put(path, at: heap + 32 + paths[index]) }
        }
        return (heap, names, paths)
    }

    private func put(_ text: [UInt8], at address: Int) { text.withUnsafeBytes { put($0, at: address) } }

    private func put(_ bytes: UnsafeRawBufferPointer, at address: Int) {
        if let base = bytes.baseAddress { self.bytes(at: address)?.copyMemory(from: base, byteCount: bytes.count) }
    }
}

extension [UInt8] {
    mutating func append<Integer: FixedWidthInteger>(integer value: Integer) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func store<Integer: FixedWidthInteger>(_ value: Integer, at place: Int) {
        Swift.withUnsafeBytes(of: value.littleEndian) { replaceSubrange(place..<place + $0.count, with: $0) }
    }
}
