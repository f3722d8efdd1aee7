import Glibc

/// The links of a group, in whichever of the format's three ways they are kept.
enum StoredLinks {
    /// In an index of the older kind (HDF5 File Format Specification 3.0 §III.A.1, B, C, D).
    case symbols(SymbolTable)
    /// In the header itself.
    case messages([Range<Int>])
    /// In a heap with an index of the newer kind.
    case dense(FractalHeap, NameTree)

    /// Nil for an object that is no group.
    init?(_ header: ObjectHeader, in bytes: StoredBytes) throws(NotPlain) {
        if let table = header.first(ObjectHeader.Kind.symbolTable) {
            self = .symbols(try SymbolTable(message: table.body.lowerBound, in: bytes))
        } else if let info = header.first(ObjectHeader.Kind.linkInfo) {
            let places = try DenseInfo(info.body, orderBytes: 8, in: bytes)
            if let heap = try bytes.address(places.heap) {
                self = .dense(
                    try FractalHeap(at: heap, in: bytes), try NameTree(at: try bytes.target(places.heap + 8), of: NameTree.links, in: bytes)
                )
            } else {
                self = .messages(header.messages.filter { $0.kind == ObjectHeader.Kind.link }.map(\.body))
            }
        } else {
            return nil
        }
    }

    /// The address of the object of that name; nil when there is none.
    func find(_ name: UnsafeRawBufferPointer, in bytes: StoredBytes) throws(NotPlain) -> Int? {
        switch self {
        case .symbols(let table): return try table.find(name)
        case .messages(let places):
            for place in places {
                let link = try StoredLink(place, in: bytes)
                if try link.isNamed(name, in: bytes) { return try link.target(in: bytes) }
            }
            return nil
        case .dense(let heap, let tree):
            guard let record = try tree.record(hash: Lookup3.hash(name)) else { return nil }
            let link = try StoredLink(try heap.object(idAt: record + 4), in: bytes)
            // Another name of the same hash: rare enough to leave it.
            guard try link.isNamed(name, in: bytes) else { throw NotPlain(.damaged) }
            return try link.target(in: bytes)
        }
    }
}

/// Where a newer group says how its links are kept (§IV.A.2.c), or a newer object how its attributes are (§IV.A.2.v).
struct DenseInfo {
    /// The address of the heap stands here, that of the index 8 bytes on, and perhaps one more.
    let heap: Int
    let count: Int

    /// - Parameter orderBytes: of the highest place in order of creation: 8 for links, 2 for attributes.
    init(_ body: Range<Int>, orderBytes: Int, in bytes: StoredBytes) throws(NotPlain) {
        let flags: UInt8 = try bytes.load(body.lowerBound + 1)
        guard try bytes.load(body.lowerBound, as: UInt8.self) == 0 else { throw NotPlain(.unknownVersion) }
        heap = body.lowerBound + 2 + (flags & 1 == 0 ? 0 : orderBytes)
        count = flags & 2 == 0 ? 2 : 3
        guard heap + 8 * count <= body.upperBound else { throw NotPlain(.damaged) }
    }
}

/// A link as a newer group keeps it (§IV.A.2.g).
struct StoredLink {
    let name: Range<Int>
    let isHard: Bool
    /// 1 for a soft link, which is a path.
    private let kind: UInt8

    var isSoft: Bool { kind == 1 }

    init(_ body: Range<Int>, in bytes: StoredBytes) throws(NotPlain) {
        guard try bytes.load(body.lowerBound, as: UInt8.self) == 1 else { throw NotPlain(.unknownVersion) }
        let flags: UInt8 = try bytes.load(body.lowerBound + 1)
        var place = body.lowerBound + 2
        var kind: UInt8 = 0
        if flags & 0x08 != 0 {
            kind = try bytes.load(place)
            place += 1
        }
        if flags & 0x04 != 0 { place += 8 }
        if flags & 0x10 != 0 { place += 1 }
        let width = 1 << Int(flags & 3)
        let start = place + width
        name = start..<start + (try bytes.load(place, width: width))
        (self.kind, isHard) = (kind, kind == 0)
        guard name.upperBound + (isHard ? 8 : 0) <= body.upperBound else { throw NotPlain(.damaged) }
    }

    func isNamed(_ other: UnsafeRawBufferPointer, in bytes: StoredBytes) throws(NotPlain) -> Bool {
        guard name.count == other.count, let base = other.baseAddress else { return false }
        try bytes.check(name)
        return memcmp(bytes.start + name.lowerBound, base, other.count) == 0
    }

    /// The address of the object that it leads to.
    func target(in bytes: StoredBytes) throws(NotPlain) -> Int {
        guard isHard else { throw NotPlain(isSoft ? .softLinkOnTheWay : .externalLink) }
        return try bytes.target(name.upperBound)
    }
}

/// The links of an older group, sorted by name.
struct SymbolTable {
    struct Entry {
        let name: UnsafeRawBufferPointer
        /// The object's address, or nil for a soft link.
        let target: Int?
        /// Where a soft link leads.
        let path: UnsafeRawBufferPointer?
    }

    private let bytes: StoredBytes
    private let tree: Int
    private let names: Range<Int>

    private static let most = 1 << 20

    /// - Parameter message: the place of the group's symbol table message (§IV.A.2.r).
    init(message: Int, in bytes: StoredBytes) throws(NotPlain) {
        self.bytes = bytes
        tree = try bytes.target(message)
        let heap = try bytes.target(message + 8)
        try bytes.expect("HEAP", version: 0, at: heap)
        let segment = try bytes.target(heap + 24)
        names = segment..<segment + (try bytes.length(heap + 8))
        try bytes.check(names)
    }

    func find(_ name: UnsafeRawBufferPointer) throws(NotPlain) -> Int? {
        var node = tree
        var depth = 256
        while true {
            if try bytes.has("SNOD", at: node) {
                return try search(node, name)
            }
            let (level, count) = try open(node)
            guard level < depth else { throw NotPlain(.damaged) }
            guard count > 0 else { return nil }
            depth = level
            // The first child whose greatest name is not below.
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                let greatest = try text(try bytes.length(node + 24 + 16 * (middle + 1)))
                if Self.order(greatest, name) < 0 { low = middle + 1 } else { high = middle }
            }
            guard low < count else { return nil }
            node = try bytes.target(node + 32 + 16 * low)
        }
    }

    private func search(_ leaf: Int, _ name: UnsafeRawBufferPointer) throws(NotPlain) -> Int? {
        var (low, high) = (0, Int(try bytes.load(leaf + 6, as: UInt16.self)))
        while low < high {
            let middle = (low + high) / 2
            let entry = try entry(leaf + 8 + 40 * middle)
            let order = Self.order(entry.name, name)
            if order == 0 {
                guard let target = entry.target else { throw NotPlain(.softLinkOnTheWay) }
                return target
            }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// All entries in the order of their names.
    func entries() throws(NotPlain) -> [Entry] {
        var found: [Entry] = []
        var visits = 0
        try collect(tree, above: 64, &found, &visits)
        return found
    }

    private func collect(_ node: Int, above: Int, _ found: inout [Entry], _ visits: inout Int) throws(NotPlain) {
        visits += 1
        guard max(found.count, visits) <= Self.most else { throw NotPlain(.tooLarge) }
        if try bytes.has("SNOD", at: node) {
            for index in 0..<Int(try bytes.load(node + 6, as: UInt16.self)) { found.append(try entry(node + 8 + 40 * index)) }
            return
        }
        let (level, count) = try open(node)
        guard level < above else { throw NotPlain(.damaged) }
        for index in 0..<count { try collect(try bytes.target(node + 32 + 16 * index), above: level, &found, &visits) }
    }

    private func open(_ node: Int) throws(NotPlain) -> (level: Int, count: Int) {
        guard try bytes.has("TREE", at: node), try bytes.load(node + 4, as: UInt8.self) == 0 else { throw NotPlain(.damaged) }
        return (Int(try bytes.load(node + 5, as: UInt8.self)), Int(try bytes.load(node + 6, as: UInt16.self)))
    }

    private func entry(_ place: Int) throws(NotPlain) -> Entry {
        let name = try text(try bytes.length(place))
        // Its scratch space holds the place of a soft link's path.
        if try bytes.load(place + 16, as: UInt32.self) == 2 {
            return Entry(name: name, target: nil, path: try text(Int(try bytes.load(place + 24, as: UInt32.self))))
        }
        return Entry(name: name, target: try bytes.target(place + 8), path: nil)
    }

    private func text(_ offset: Int) throws(NotPlain) -> UnsafeRawBufferPointer {
        guard offset < names.count else { throw NotPlain(.damaged) }
        return try bytes.text(from: names.lowerBound + offset, before: names.upperBound)
    }

    static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        guard let one = left.baseAddress, let other = right.baseAddress else { return left.count - right.count }
        let order = Int(memcmp(one, other, min(left.count, right.count)))
        return order != 0 ? order : left.count - right.count
    }

    static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { order(left, $0) < 0 } }
    }
}
