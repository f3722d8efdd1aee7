/// What a file says of one object, as a list of messages (HDF5 File Format Specification 3.0 §IV.A.1).
struct ObjectHeader {
    struct Message {
        /// One of ``Kind``, or a newer one.
        let kind: UInt16
        let flags: UInt8
        /// When it was made among its like, where the header keeps that.
        let order: UInt16
        /// Where its bytes are in the file.
        let body: Range<Int>

        /// The bytes are an address of what several objects share.
        var isShared: Bool { flags & 2 != 0 }
    }

    /// Kinds of messages (§IV.A.2).
    enum Kind {
        static let none: UInt16 = 0x00
        static let dataspace: UInt16 = 0x01
        static let linkInfo: UInt16 = 0x02
        static let datatype: UInt16 = 0x03
        static let oldFillValue: UInt16 = 0x04
        static let fillValue: UInt16 = 0x05
        static let link: UInt16 = 0x06
        static let externalFiles: UInt16 = 0x07
        static let layout: UInt16 = 0x08
        static let groupInfo: UInt16 = 0x0A
        static let filters: UInt16 = 0x0B
        static let attribute: UInt16 = 0x0C
        static let comment: UInt16 = 0x0D
        static let oldTime: UInt16 = 0x0E
        static let continuation: UInt16 = 0x10
        static let symbolTable: UInt16 = 0x11
        static let time: UInt16 = 0x12
        static let attributeInfo: UInt16 = 0x15
    }

    /// 1 or 2.
    let version: UInt8
    /// Of version 2.
    let flags: UInt8
    /// Of version 2: the times and the bounds that stand before the messages.
    let settings: Range<Int>
    let messages: [Message]

    /// Flags of version 2.
    static let keepsOrder: UInt8 = 0x04

    private static let mostChunks = 512

    init(at address: Int, in bytes: StoredBytes) throws(NotPlain) {
        if try bytes.load(address, as: UInt8.self) == 1 {
            try self.init(old: address, bytes)
        } else {
            try self.init(new: address, bytes)
        }
    }

    private init(old address: Int, _ bytes: StoredBytes) throws(NotPlain) {
        let count = Int(try bytes.load(address + 2, as: UInt16.self))
        guard try bytes.load(address + 4, as: UInt32.self) == 1 else { throw NotPlain(.severalNames) }
        let size = Int(try bytes.load(address + 8, as: UInt32.self))
        var chunks = [address + 16..<address + 16 + size]
        var messages: [Message] = []
        messages.reserveCapacity(count)
        var seen = 0
        var next = 0
        while next < chunks.count {
            let chunk = chunks[next]
            next += 1
            try bytes.check(chunk)
            var place = chunk.lowerBound
            while place + 8 <= chunk.upperBound {
                let body = place + 8..<place + 8 + Int(try bytes.load(place + 2, as: UInt16.self))
                guard body.upperBound <= chunk.upperBound, body.count % 8 == 0, seen < count else { throw NotPlain(.damaged) }
                let message = Message(
                    kind: try bytes.load(place), flags: try bytes.load(place + 4), order: 0, body: body)
                seen += 1
                try Self.note(message, &messages, &chunks, bytes)
                place = body.upperBound
            }
        }
        guard seen == count else { throw NotPlain(.damaged) }
        (version, flags, settings, self.messages) = (1, 0, address..<address, messages)
    }

    private init(new address: Int, _ bytes: StoredBytes) throws(NotPlain) {
        try bytes.expect("OHDR", version: 2, at: address)
        let flags: UInt8 = try bytes.load(address + 5)
        let settings = address + 6..<address + 6 + (flags & 0x20 == 0 ? 0 : 16) + (flags & 0x10 == 0 ? 0 : 4)
        let width = 1 << Int(flags & 3)
        let start = settings.upperBound + width
        let size = try bytes.load(settings.upperBound, width: width)
        try bytes.verify(address..<start + size)
        let head = flags & Self.keepsOrder == 0 ? 4 : 6
        var chunks = [start..<start + size]
        var messages: [Message] = []
        messages.reserveCapacity(size / 16)
        var next = 0
        while next < chunks.count {
            var chunk = chunks[next]
            if next > 0 {
                // Its signature and its checksum belong to it.
                guard chunk.count >= 8, try bytes.has("OCHK", at: chunk.lowerBound) else { throw NotPlain(.damaged) }
                try bytes.verify(chunk.lowerBound..<chunk.upperBound - 4)
                chunk = chunk.lowerBound + 4..<chunk.upperBound - 4
            }
            next += 1
            var place = chunk.lowerBound
            while place + head <= chunk.upperBound {
                let body = place + head..<place + head + Int(try bytes.load(place + 1, as: UInt16.self))
                guard body.upperBound <= chunk.upperBound else { throw NotPlain(.damaged) }
                let message = Message(
                    kind: UInt16(try bytes.load(place, as: UInt8.self)), flags: try bytes.load(place + 3),
                    order: head == 4 ? 0 : try bytes.load(place + 4), body: body)
                try Self.note(message, &messages, &chunks, bytes)
                place = body.upperBound
            }
        }
        (version, self.flags, self.settings, self.messages) = (2, flags, settings, messages)
    }

    private static func note(
        _ message: Message, _ messages: inout [Message], _ chunks: inout [Range<Int>], _ bytes: StoredBytes
    ) throws(NotPlain) {
        switch message.kind {
        case Kind.none: break
        case Kind.continuation:
            let start = try bytes.target(message.body.lowerBound)
            let size = try bytes.length(message.body.lowerBound + 8)
            guard chunks.count < mostChunks, chunks.reduce(size, { $0 + $1.count }) <= bytes.count else { throw NotPlain(.damaged) }
            chunks.append(start..<start + size)
        default: messages.append(message)
        }
    }

    func first(_ kind: UInt16) -> Message? { messages.first { $0.kind == kind } }
}
