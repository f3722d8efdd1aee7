/// What copying has to know of a dataset's or an attribute's type: how long an element is, and where in it lists of varying length begin
/// (HDF5 File Format Specification 3.0 §IV.A.2.d).
struct ElementType {
    let bytes: Int
    /// Where the lists' 16 bytes stand in an element: count, address and index of their elements in the global heap.
    private(set) var lists: [(offset: Int, bytesPerElement: Int)] = []

    static let listBytes = 16
    private static let mostLists = 4096
    private static let deepest = 32

    init(_ body: Range<Int>, in bytes: StoredBytes) throws(NotPlain) {
        var place = body.lowerBound
        self = try Self(&place, before: body.upperBound, in: bytes, depth: 0)
    }

    /// Reads a type and goes to the place behind it.
    private init(_ place: inout Int, before end: Int, in source: StoredBytes, depth: Int) throws(NotPlain) {
        guard depth < Self.deepest, place + 8 <= end else { throw NotPlain(.damaged) }
        let head: UInt8 = try source.load(place)
        let (kind, version) = (head & 15, Int(head >> 4))
        let bits = try source.load(place + 1, width: 3)
        bytes = Int(try source.load(place + 4, as: UInt32.self))
        guard (1...3).contains(version), bytes > 0 else { throw NotPlain(.unknownVersion) }
        place += 8
        switch kind {
        case 0, 4: place += 4
        case 1: place += 12
        case 2: place += 2
        case 3: break
        case 5: place += bits & 0xFF
        case 6: try readMembers(bits & 0xFFFF, version, &place, end, source, depth)
        case 8: try readNames(bits & 0xFFFF, version, &place, end, source, depth)
        case 9:
            let element = try Self(&place, before: end, in: source, depth: depth + 1)
            guard element.lists.isEmpty else { throw NotPlain(.listsInLists) }
            guard bytes == Self.listBytes else { throw NotPlain(.damaged) }
            lists = [(0, element.bytes)]
        case 10:
            let rank = Int(try source.load(place, as: UInt8.self))
            place += version == 2 ? 4 + 8 * rank : 1 + 4 * rank
            try repeatLists(of: try Self(&place, before: end, in: source, depth: depth + 1))
        case 7: throw NotPlain(.reference)
        default: throw NotPlain(.unknownVersion)
        }
        guard place <= end else { throw NotPlain(.damaged) }
    }

    private mutating func readMembers(
        _ count: Int, _ version: Int, _ place: inout Int, _ end: Int, _ source: StoredBytes, _ depth: Int
    ) throws(NotPlain) {
        for _ in 0..<count {
            let name = try source.text(from: place, before: end).count + 1
            place += version == 3 ? name : StoredSize.padded(name)
            let width = version == 3 ? StoredSize.width(upTo: bytes) : 4
            let offset = try source.load(place, width: width)
            place += width
            if version == 1 {
                // Arrays before there was a type for them.
                guard try source.load(place, as: UInt8.self) == 0 else { throw NotPlain(.unknownVersion) }
                place += 28
            }
            let member = try Self(&place, before: end, in: source, depth: depth + 1)
            guard offset + member.bytes <= bytes else { throw NotPlain(.damaged) }
            lists += member.lists.map { (offset + $0.offset, $0.bytesPerElement) }
            guard lists.count <= Self.mostLists else { throw NotPlain(.tooLarge) }
        }
    }

    private func readNames(
        _ count: Int, _ version: Int, _ place: inout Int, _ end: Int, _ source: StoredBytes, _ depth: Int
    ) throws(NotPlain) {
        let base = try Self(&place, before: end, in: source, depth: depth + 1)
        for _ in 0..<count {
            let name = try source.text(from: place, before: end).count + 1
            place += version == 3 ? name : StoredSize.padded(name)
        }
        place += count * base.bytes
    }

    private mutating func repeatLists(of element: Self) throws(NotPlain) {
        guard !element.lists.isEmpty else { return }
        let count = bytes / element.bytes
        guard count * element.lists.count <= Self.mostLists else { throw NotPlain(.tooLarge) }
        for index in 0..<count { lists += element.lists.map { (index * element.bytes + $0.offset, $0.bytesPerElement) } }
    }
}
