/// The index by name of a newer group's links or a newer object's attributes (HDF5 File Format Specification 3.0 §III.A.2).
struct NameTree {
    private let bytes: StoredBytes
    private let nodeBytes: Int
    private let recordBytes: Int
    private let depth: Int
    private let root: Int?
    private let rootCount: Int
    /// For each depth above the leaves: bytes of a pointer to a child's number of records and of all below it.
    private let countBytes: Int
    private let sumBytes: [Int]
    /// Where a record has the hash of its name.
    private let hashPlace: Int

    /// Kinds of records.
    static let links: UInt8 = 5
    static let attributes: UInt8 = 8

    init(at address: Int, of kind: UInt8, in bytes: StoredBytes) throws(NotPlain) {
        try bytes.expect("BTHD", version: 0, at: address)
        guard try bytes.load(address + 5, as: UInt8.self) == kind else { throw NotPlain(.damaged) }
        try bytes.verify(address..<address + 34)
        self.bytes = bytes
        nodeBytes = Int(try bytes.load(address + 6, as: UInt32.self))
        recordBytes = Int(try bytes.load(address + 10, as: UInt16.self))
        depth = Int(try bytes.load(address + 12, as: UInt16.self))
        root = try bytes.address(address + 16)
        rootCount = Int(try bytes.load(address + 24, as: UInt16.self))
        hashPlace = kind == Self.links ? 0 : 13
        guard recordBytes >= 11, nodeBytes >= 64, depth <= 16 else { throw NotPlain(.damaged) }
        var most = (nodeBytes - 10) / recordBytes
        countBytes = StoredSize.width(upTo: most)
        var sums = [0]
        for _ in 0..<depth {
            let pointer = 8 + countBytes + (sums.last ?? 0)
            let here = (nodeBytes - 10 - pointer) / (recordBytes + pointer)
            let (product, isOver) = (here + 1).multipliedReportingOverflow(by: most)
            guard here > 0, !isOver, product < 1 << 56 else { throw NotPlain(.damaged) }
            most = product + here
            sums.append(StoredSize.width(upTo: most))
        }
        sumBytes = sums
    }

    /// The place of the one record with that hash; nil when there is none. Two of the same hash are not plain.
    func record(hash: UInt32) throws(NotPlain) -> Int? {
        guard var node = root else { return nil }
        var count = rootCount
        var level = depth
        while true {
            let records = try open(node, level, count)
            // The first record that is not below.
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if try self.hash(records + middle * recordBytes) < hash { low = middle + 1 } else { high = middle }
            }
            if low < count {
                let place = records + low * recordBytes
                if try self.hash(place) == hash { return place }
            }
            guard level > 0 else { return nil }
            (node, count) = try child(low, of: records, count, level)
            level -= 1
        }
    }

    /// All records, in the order of their hashes.
    func each(_ body: (_ place: Int) throws(NotPlain) -> Void) throws(NotPlain) {
        guard let root else { return }
        try each(root, rootCount, depth, body)
    }

    private func each(_ node: Int, _ count: Int, _ level: Int, _ body: (_ place: Int) throws(NotPlain) -> Void) throws(NotPlain) {
        let records = try open(node, level, count)
        for index in 0...count {
            if level > 0 {
                let (below, inner) = try child(index, of: records, count, level)
                try each(below, inner, level - 1, body)
            }
            if index < count { try body(records + index * recordBytes) }
        }
    }

    /// Where the records of a node begin.
    private func open(_ node: Int, _ level: Int, _ count: Int) throws(NotPlain) -> Int {
        try bytes.expect(level == 0 ? "BTLF" : "BTIN", version: 0, at: node)
        let records = node + 6
        let pointers = level == 0 ? 0 : (count + 1) * (8 + countBytes + sumBytes[level - 1])
        guard 10 + count * recordBytes + pointers <= nodeBytes else { throw NotPlain(.damaged) }
        try bytes.verify(node..<records + count * recordBytes + pointers)
        return records
    }

    private func child(_ index: Int, of records: Int, _ count: Int, _ level: Int) throws(NotPlain) -> (node: Int, count: Int) {
        let place = records + count * recordBytes + index * (8 + countBytes + sumBytes[level - 1])
        return (try bytes.target(place), try bytes.load(place + 8, width: countBytes))
    }

    private func hash(_ record: Int) throws(NotPlain) -> UInt32 { try bytes.load(record + hashPlace) }
}
