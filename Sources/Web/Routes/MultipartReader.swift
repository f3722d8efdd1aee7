/// A `multipart/form-data` body as it arrives (RFC 7578, RFC 2046 §5.1): bytes in, parts out, without ever holding more than a line of it.
///
/// Line ends may be bare line feeds, headers may come in any order and case, and names with or without quotes: clients differ.
struct MultipartReader {
    enum Event: Equatable {
        case begin(Part)
        case content(ArraySlice<UInt8>)
        case end
    }

    /// What the headers of a part say.
    struct Part: Equatable {
        var name: String
        var filename: String?
        var contentType: String?
    }

    private enum State {
        case preamble, headers, content, epilogue
    }

    private var state = State.preamble
    private let delimiter: [UInt8]
    private var pending: [UInt8]
    private var isOpen = false

    /// The most bytes that the headers of a part may have.
    private static let headerLimit = 16 * 1024

    init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first boundary has no line before it.
        pending = [0x0D, 0x0A]
    }

    /// The last boundary has come.
    var isComplete: Bool { state == .epilogue }

    /// Takes bytes and tells what they end or bring.
    ///
    /// - Throws: ``Failure`` for a body that is no such form.
    mutating func feed(_ bytes: some Collection<UInt8>) throws(Failure) -> [Event] {
        var events: [Event] = []
        if state == .epilogue { return events }
        pending.append(contentsOf: bytes)
        var position = 0
        scan: while true {
            switch state {
            case .epilogue: break scan
            case .preamble, .content:
                guard let found = boundary(from: position) else {
                    // The start of a boundary may lie at the end.
                    let safe = max(position, pending.count - delimiter.count - 2)
                    if state == .content, safe > position { events.append(.content(pending[position..<safe])) }
                    position = safe
                    break scan
                }
                // What follows tells whether it was the last one.
                guard pending.count >= found.end + 2 else {
                    if state == .content, found.start > position { events.append(.content(pending[position..<found.start])) }
                    position = found.start
                    break scan
                }
                if state == .content {
                    if found.start > position { events.append(.content(pending[position..<found.start])) }
                    if isOpen { events.append(.end) }
                    isOpen = false
                }
                if pending[found.end] == UInt8(ascii: "-"), pending[found.end + 1] == UInt8(ascii: "-") {
                    state = .epilogue
                    position = pending.count
                } else {
                    state = .headers
                    position = found.end
                }
            case .headers:
                guard let (part, end) = try headers(from: position) else { break scan }
                if let part { events.append(.begin(part)) }
                isOpen = part != nil
                state = .content
                position = end
            }
        }
        pending.removeFirst(position)
        return events
    }

    /// All parts of a whole body as text.
    static func fields(of body: some Collection<UInt8>, boundary: String) throws(Failure) -> [(String, String)] {
        var reader = MultipartReader(boundary: boundary)
        var fields: [(String, String)] = []
        var name = ""
        var value: [UInt8] = []
        for event in try reader.feed(body) {
            switch event {
            case .begin(let part): (name, value) = (part.name, [])
            case .content(let bytes): value.append(contentsOf: bytes)
            case .end: fields.append((name, String(decoding: value, as: UTF8.self)))
            }
        }
        return fields
    }

    /// The next boundary, with the line end before it.
    private func boundary(from start: Int) -> (start: Int, end: Int)? {
        // Without its carriage return, for bodies whose lines end without.
        let core = delimiter[1...]
        var index = start
        while index + core.count <= pending.count {
            guard let feed = pending[index...].firstIndex(of: 0x0A) else { return nil }
            guard feed + core.count <= pending.count else { return nil }
            if pending[feed..<feed + core.count].elementsEqual(core) {
                let end = feed + core.count
                // A longer word is another boundary, or content.
                if end >= pending.count || [0x0D, 0x0A, 0x2D, 0x20, 0x09].contains(pending[end]) {
                    let hasReturn = feed > start && pending[feed - 1] == 0x0D
                    return (hasReturn ? feed - 1 : feed, end)
                }
            }
            index = feed + 1
        }
        return nil
    }

    /// The headers of a part: from the end of its boundary to the empty line. Nil where that has not come.
    private func headers(from start: Int) throws(Failure) -> (part: Part?, end: Int)? {
        var lines: [String] = []
        var lineStart = start
        while let feed = pending[lineStart...].firstIndex(of: 0x0A) {
            var line = pending[lineStart..<feed]
            if line.last == 0x0D { line.removeLast() }
            lineStart = feed + 1
            // The rest of the boundary's own line comes first.
            if line.isEmpty, !lines.isEmpty { return (Self.part(lines), lineStart) }
            lines.append(String(decoding: line, as: UTF8.self))
            guard lineStart - start <= Self.headerLimit else {
                throw .badForm("the headers of a part are longer than \(Self.headerLimit) bytes")
            }
        }
        guard pending.count - start <= Self.headerLimit else {
            throw .badForm("the headers of a part are longer than \(Self.headerLimit) bytes")
        }
        return nil
    }

    /// Nil for a part without a name, which no form has.
    private static func part(_ lines: [String]) -> Part? {
        var part = Part(name: "")
        for line in lines {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let value = halves[1].drop(while: \.isWhitespace)
            switch halves[0].lowercased() {
            case "content-disposition":
                guard let name = parameter("name", of: value) else { return nil }
                part.name = name
                part.filename = parameter("filename", of: value) ?? parameter("filename*", of: value)
            case "content-type": part.contentType = String(value)
            default: break
            }
        }
        return part.name.isEmpty ? nil : part
    }

    /// `form-data; name="a \"b\""; filename=c` has the parameters name, `a "b"`, and filename, `c`.
    static func parameter(_ name: String, of header: Substring) -> String? {
        var rest = header.utf8.drop { $0 != UInt8(ascii: ";") }
        while rest.first == UInt8(ascii: ";") {
            rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
            let key = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            rest = rest.dropFirst(key.count)
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst()
            var value: [UInt8] = []
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                while let byte = rest.first, byte != UInt8(ascii: "\"") {
                    rest = rest.dropFirst()
                    // Only quotes and backslashes are escaped: some clients send Windows paths as they are.
                    if byte == UInt8(ascii: "\\"), let next = rest.first, next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") {
                        value.append(next)
                        rest = rest.dropFirst()
                    } else {
                        value.append(byte)
                    }
                }
                rest = rest.drop { $0 != UInt8(ascii: ";") }
            } else {
                value = Array(rest.prefix { $0 != UInt8(ascii: ";") })
                rest = rest.dropFirst(value.count)
                while value.last == 0x20 { value.removeLast() }
            }
            let word = String(decoding: key, as: UTF8.self).filter { !$0.isWhitespace }.lowercased()
            if word == name { return String(decoding: value, as: UTF8.self) }
        }
        return nil
    }
}
