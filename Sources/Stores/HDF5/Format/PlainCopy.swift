/// Copies an object with all that is below it by its bytes: headers as they are, but for the addresses in them.
///
/// What libhdf5's H5Ocopy does by decoding and encoding every message costs ten times as much. What this does not know, it leaves to
/// libhdf5: it throws ``NotPlain`` then.
struct PlainCopy {
    private typealias Kind = ObjectHeader.Kind

    private let source: StoredBytes
    /// Bytes that one object may have, so that damaged addresses lead nowhere for long.
    private let most: Int
    private let start: Int

    private static let deepest = 32
    /// Links that a copied group, and attributes that a copied object may get into its header.
    private static let mostMessages = 8192
    /// Bytes that a message may have.
    private static let longest = 65_528
    private static let undefined = UInt64.max

    /// Copies the object at an address of the file and gives its address in the image. When it throws, the image is as before.
    static func copy(_ address: Int, from source: StoredBytes, to image: PlainImage) throws(NotPlain) -> Int {
        let start = image.end
        do throws(NotPlain) {
            return try PlainCopy(source: source, most: 2 * source.count, start: start).copy(address, to: image, depth: 0)
        } catch {
            image.shorten(to: start)
            throw error
        }
    }

    private func copy(_ address: Int, to image: PlainImage, depth: Int) throws(NotPlain) -> Int {
        guard depth < Self.deepest else { throw NotPlain(.tooDeep) }
        let header = try ObjectHeader(at: address, in: source)
        let type: ElementType? =
            if let message = header.first(Kind.datatype), !message.isShared { try ElementType(message.body, in: source) } else { nil }
        var draft = HeaderDraft(like: header)
        for message in header.messages {
            guard !message.isShared else { throw NotPlain(.sharedMessage) }
            switch message.kind {
            case Kind.dataspace, Kind.datatype, Kind.groupInfo, Kind.filters, Kind.comment, Kind.oldTime, Kind.time:
                _ = draft.append(message, try source.slice(message.body))
            case Kind.fillValue, Kind.oldFillValue:
                if let type, !type.lists.isEmpty, try isFilled(message) { throw NotPlain(.listsToFill) }
                _ = draft.append(message, try source.slice(message.body))
            case Kind.layout: try copyLayout(message, type, to: &draft, image)
            case Kind.attribute:
                try copyAttribute(message.body, flags: message.flags, order: message.order, to: &draft, image)
            case Kind.attributeInfo: try copyAttributes(message, to: &draft, image)
            case Kind.link: try copyLink(message.body, flags: message.flags, to: &draft, image, depth)
            case Kind.linkInfo: try copyLinks(message, to: &draft, image, depth)
            case Kind.symbolTable: try copySymbols(message, to: &draft, image, depth)
            case Kind.externalFiles: throw NotPlain(.externalData)
            default: throw NotPlain(.unknownMessage)
            }
        }
        guard image.end - start <= most else { throw NotPlain(.tooLarge) }
        return try image.append(draft.finished(settings: try source.slice(header.settings)))
    }

    // MARK: - Data

    /// Whether a fill value of any length is told (§IV.A.2.e, f).
    private func isFilled(_ message: ObjectHeader.Message) throws(NotPlain) -> Bool {
        let body = message.body.lowerBound
        if message.kind == Kind.oldFillValue { return try source.load(body, as: UInt32.self) > 0 }
        if try source.load(body, as: UInt8.self) == 3 { return try source.load(body + 1, as: UInt8.self) & 0x20 != 0 }
        guard try source.load(body + 3, as: UInt8.self) != 0 else { return false }
        return try source.load(body + 4, as: Int32.self) > 0
    }

    /// Copies the elements too (§IV.A.2.i).
    private func copyLayout(
        _ message: ObjectHeader.Message, _ type: ElementType?, to draft: inout HeaderDraft, _ image: PlainImage
    ) throws(NotPlain) {
        let body = message.body.lowerBound
        guard let type else { throw NotPlain(.damaged) }
        let version: UInt8 = try source.load(body)
        guard (3...4).contains(version) else { throw NotPlain(.unknownVersion) }
        switch try source.load(body + 1, as: UInt8.self) {
        case 0:
            let place = draft.append(message, try source.slice(message.body))
            let size = Int(try source.load(body + 2, as: UInt16.self))
            guard 4 + size <= message.body.count else { throw NotPlain(.damaged) }
            for start in type.starts(in: size) {
                for list in type.lists {
                    try copyList(start + list.offset + 4, list.bytesPerElement, of: body, at: place, in: &draft, image)
                }
            }
        case 1:
            guard message.body.count >= 18 else { throw NotPlain(.damaged) }
            let place = draft.append(message, try source.slice(message.body))
            // Elements that nobody has written yet have no place.
            guard let address = try source.address(body + 2) else { return }
            let size = try source.length(body + 10)
            guard image.end - start + size <= most else { throw NotPlain(.tooLarge) }
            let copied = try image.append(try source.slice(address..<address + size))
            for start in type.starts(in: size) {
                for list in type.lists { try copyList(at: copied + start + list.offset, list.bytesPerElement, in: image) }
            }
            draft.store(UInt64(copied), at: place + 2)
        case 2 where version == 3 && type.lists.isEmpty:
            let axes = Int(try source.load(body + 2, as: UInt8.self))
            guard message.body.count >= 11 + 4 * axes else { throw NotPlain(.damaged) }
            let place = draft.append(message, try source.slice(message.body))
            guard let address = try source.address(body + 3) else { return }
            let index = try ChunkIndex(at: address, axes: axes, in: source)
            let left = most - (image.end - start)
            draft.store(try index.copy(from: source, to: image, most: left).map(UInt64.init) ?? Self.undefined, at: place + 3)
        case 3: throw NotPlain(.virtual)
        default: throw NotPlain(.chunked)
        }
    }

    /// Copies the list of an element that is in the image already.
    private func copyList(at address: Int, _ bytesPerElement: Int, in image: PlainImage) throws(NotPlain) {
        guard let element = image.bytes(at: address) else { throw NotPlain(.noMemory) }
        let bytes = StoredBytes(start: UnsafeRawPointer(element), count: ElementType.listBytes)
        guard let list = try list(bytes, 0, bytesPerElement) else { return }
        guard image.end - start <= most else { throw NotPlain(.tooLarge) }
        let new = try image.append(list: list)
        image.store(UInt64(new.collection), at: address + 4)
        image.store(new.index, at: address + 12)
    }

    /// Copies the list of an element that is in the header to be.
    private func copyList(
        _ offset: Int, _ bytesPerElement: Int, of body: Int, at place: Int, in draft: inout HeaderDraft, _ image: PlainImage
    ) throws(NotPlain) {
        guard let list = try list(source, body + offset, bytesPerElement) else { return }
        guard image.end - start + draft.bytes <= most else { throw NotPlain(.tooLarge) }
        let new = try image.append(list: list)
        draft.store(UInt64(new.collection), at: place + offset + 4)
        draft.store(new.index, at: place + offset + 12)
    }

    /// The elements of a list in the global heap (§III.E); nil for an empty one.
    private func list(_ bytes: StoredBytes, _ place: Int, _ bytesPerElement: Int) throws(NotPlain) -> UnsafeRawBufferPointer? {
        let count = Int(try bytes.load(place, as: UInt32.self))
        guard let collection = try bytes.address(place + 4), collection != 0 else { return nil }
        let index = Int(try bytes.load(place + 12, as: UInt32.self))
        try source.expect("GCOL", version: 1, at: collection)
        let end = collection + (try source.length(collection + 8))
        var object = collection + 16
        while object + 16 <= end {
            let number = Int(try source.load(object, as: UInt16.self))
            let size = try source.length(object + 8)
            if number == index {
                guard number > 0, bytesPerElement > 0, count <= size / bytesPerElement, object + 16 + size <= end else {
                    throw NotPlain(.damaged)
                }
                return try source.slice(object + 16..<object + 16 + size)
            }
            guard number > 0 else { break }
            object += 16 + StoredSize.padded(size)
        }
        throw NotPlain(.damaged)
    }

    // MARK: - Attributes

    /// Copies an attribute, whose bytes are the same in a header and in a heap (§IV.A.2.m).
    private func copyAttribute(
        _ body: Range<Int>, flags: UInt8, order: UInt16, to draft: inout HeaderDraft, _ image: PlainImage
    ) throws(NotPlain) {
        guard body.count <= Self.longest, image.end - start + draft.bytes <= most else { throw NotPlain(.tooLarge) }
        let version: UInt8 = try source.load(body.lowerBound)
        guard (1...3).contains(version) else { throw NotPlain(.unknownVersion) }
        // Its type or its shape may be another object's.
        if version > 1, try source.load(body.lowerBound + 1, as: UInt8.self) & 3 != 0 { throw NotPlain(.sharedMessage) }
        func size(_ place: Int) throws(NotPlain) -> Int {
            let size = Int(try source.load(body.lowerBound + place, as: UInt16.self))
            return version == 1 ? StoredSize.padded(size) : size
        }
        let name = body.lowerBound + (version == 3 ? 9 : 8)
        let types = name + (try size(2))
        let spaces = types + (try size(4))
        let data = spaces + (try size(6))
        guard data <= body.upperBound else { throw NotPlain(.damaged) }
        let type = try ElementType(types..<spaces, in: source)
        let place = draft.append(Kind.attribute, flags: flags, order: order, try source.slice(body))
        guard !type.lists.isEmpty else { return }
        let count = try elements(spaces)
        guard count <= (body.upperBound - data) / type.bytes else { throw NotPlain(.damaged) }
        let start = body.lowerBound
        for element in 0..<count {
            for list in type.lists {
                let offset = data - start + element * type.bytes + list.offset
                try copyList(offset, list.bytesPerElement, of: start, at: place, in: &draft, image)
            }
        }
    }

    /// The number of elements that a dataspace message tells (§IV.A.2.b).
    private func elements(_ body: Int) throws(NotPlain) -> Int {
        let version: UInt8 = try source.load(body)
        let rank = Int(try source.load(body + 1, as: UInt8.self))
        if version == 2, try source.load(body + 3, as: UInt8.self) == 2 { return 0 }
        var count = 1
        for axis in 0..<rank {
            let (product, isOver) = count.multipliedReportingOverflow(by: try source.length(body + (version == 1 ? 8 : 4) + 8 * axis))
            guard !isOver, product <= source.count else { throw NotPlain(.damaged) }
            count = product
        }
        return count
    }

    /// Attributes from a heap come into the header, which may hold any number.
    private func copyAttributes(
        _ message: ObjectHeader.Message, to draft: inout HeaderDraft, _ image: PlainImage
    ) throws(NotPlain) {
        let info = try DenseInfo(message.body, orderBytes: 2, in: source)
        let place = draft.append(message, try source.slice(message.body))
        guard let address = try source.address(info.heap) else { return }
        let heap = try FractalHeap(at: address, in: source)
        let names = try NameTree(at: try source.target(info.heap + 8), of: NameTree.attributes, in: source)
        for index in 0..<info.count { draft.store(Self.undefined, at: place + info.heap - message.body.lowerBound + 8 * index) }
        var count = 0
        try names.each { (record: Int) throws(NotPlain) in
            count += 1
            guard count <= Self.mostMessages else { throw NotPlain(.tooLarge) }
            let flags: UInt8 = try source.load(record + 8)
            guard flags & 2 == 0 else { throw NotPlain(.sharedMessage) }
            let order = UInt16(truncatingIfNeeded: try source.load(record + 9, as: UInt32.self))
            try copyAttribute(try heap.object(idAt: record), flags: flags, order: order, to: &draft, image)
        }
    }

    // MARK: - Links

    private func copyLink(
        _ body: Range<Int>, flags: UInt8, to draft: inout HeaderDraft, _ image: PlainImage, _ depth: Int
    ) throws(NotPlain) {
        guard body.count <= Self.longest, image.end - start + draft.bytes <= most else { throw NotPlain(.tooLarge) }
        let link = try StoredLink(body, in: source)
        let place = draft.append(Kind.link, flags: flags, order: 0, try source.slice(body))
        guard link.isHard else { return }
        let copied = try copy(try link.target(in: source), to: image, depth: depth + 1)
        draft.store(UInt64(copied), at: place + link.name.upperBound - body.lowerBound)
    }

    /// Links from a heap come into the header, which may hold any number.
    private func copyLinks(
        _ message: ObjectHeader.Message, to draft: inout HeaderDraft, _ image: PlainImage, _ depth: Int
    ) throws(NotPlain) {
        let info = try DenseInfo(message.body, orderBytes: 8, in: source)
        let place = draft.append(message, try source.slice(message.body))
        guard let address = try source.address(info.heap) else { return }
        let heap = try FractalHeap(at: address, in: source)
        let names = try NameTree(at: try source.target(info.heap + 8), of: NameTree.links, in: source)
        for index in 0..<info.count { draft.store(Self.undefined, at: place + info.heap - message.body.lowerBound + 8 * index) }
        var links: [Range<Int>] = []
        try names.each { (record: Int) throws(NotPlain) in
            guard links.count < Self.mostMessages else { throw NotPlain(.tooLarge) }
            links.append(try heap.object(idAt: record + 4))
        }
        for link in links { try copyLink(link, flags: 0, to: &draft, image, depth) }
    }

    private func copySymbols(
        _ message: ObjectHeader.Message, to draft: inout HeaderDraft, _ image: PlainImage, _ depth: Int
    ) throws(NotPlain) {
        guard message.body.count >= 16 else { throw NotPlain(.damaged) }
        let place = draft.append(message, try source.slice(message.body))
        var entries: [PlainImage.GroupEntry] = []
        var last: UnsafeRawBufferPointer?
        for entry in try SymbolTable(message: message.body.lowerBound, in: source).entries() {
            if let last, SymbolTable.order(last, entry.name) >= 0 { throw NotPlain(.damaged) }
            last = entry.name
            let target: PlainImage.GroupEntry.Target =
                if let target = entry.target { .object(try copy(target, to: image, depth: depth + 1)) } else {
                    .path([UInt8](entry.path ?? .init(start: nil, count: 0)))
                }
            entries.append(PlainImage.GroupEntry(name: [UInt8](entry.name), target: target))
        }
        let (tree, heap) = try image.appendGroup(entries)
        draft.store(UInt64(tree), at: place)
        draft.store(UInt64(heap), at: place + 8)
    }
}

extension ElementType {
    /// Where elements with lists begin among so many bytes; none where a type has no lists.
    fileprivate func starts(in size: Int) -> StrideTo<Int> {
        stride(from: 0, to: lists.isEmpty ? 0 : size / bytes * bytes, by: bytes)
    }
}

/// An object header that is written anew, all of it in one chunk.
private struct HeaderDraft {
    private let version: UInt8
    private let flags: UInt8
    private var messages: [UInt8] = []
    private var count = 0

    var bytes: Int { messages.count }

    init(like header: ObjectHeader) {
        (version, flags) = (header.version, header.flags)
        messages.reserveCapacity(header.messages.reduce(0) { $0 + $1.body.count + 14 })
    }

    mutating func append(_ message: ObjectHeader.Message, _ body: UnsafeRawBufferPointer) -> Int {
        append(message.kind, flags: message.flags, order: message.order, body)
    }

    /// Returns where the body stands, for ``store(_:at:)``.
    mutating func append(_ kind: UInt16, flags: UInt8, order: UInt16, _ body: UnsafeRawBufferPointer) -> Int {
        count += 1
        if version == 1 {
            messages.append(integer: kind)
            messages.append(integer: UInt16(truncatingIfNeeded: StoredSize.padded(body.count)))
            messages.append(integer: UInt32(flags))
        } else {
            messages.append(UInt8(truncatingIfNeeded: kind))
            messages.append(integer: UInt16(truncatingIfNeeded: body.count))
            messages.append(flags)
            if self.flags & ObjectHeader.keepsOrder != 0 { messages.append(integer: order) }
        }
        let place = messages.count
        messages.append(contentsOf: body)
        if version == 1 { messages.append(contentsOf: repeatElement(0, count: StoredSize.padded(body.count) - body.count)) }
        return place
    }

    mutating func store<Integer: FixedWidthInteger>(_ value: Integer, at place: Int) { messages.store(value, at: place) }

    /// - Parameter settings: of the header that this one is like.
    func finished(settings: UnsafeRawBufferPointer) -> [UInt8] {
        var header: [UInt8] = []
        header.reserveCapacity(messages.count + settings.count + 20)
        if version == 1 {
            header += [1, 0]
            header.append(integer: UInt16(truncatingIfNeeded: count))
            header.append(integer: UInt32(1))
            header.append(integer: UInt32(messages.count))
            header.append(integer: UInt32(0))
            return header + messages
        }
        let width = StoredSize.width(upTo: messages.count)
        let exponent = width == 1 ? 0 : width == 2 ? 1 : 2
        header += "OHDR".utf8
        header += [2, flags & ~3 | UInt8(exponent)]
        header.append(contentsOf: settings)
        for byte in 0..<1 << exponent { header.append(UInt8(truncatingIfNeeded: messages.count >> (8 * byte))) }
        header += messages
        header.append(integer: header.withUnsafeBytes { Lookup3.hash($0) })
        return header
    }
}
