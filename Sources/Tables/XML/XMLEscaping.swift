package import NIOCore

/// Where in a document a text stands; it decides what must be escaped.
package enum XMLPlace: Sendable {
    /// Between tags.
    case text
    /// Between the double quotes of an attribute. Tabs and line ends become character references there, or a parser would turn them into blanks.
    case attribute
}

extension ByteBuffer {
    /// Appends text so that a parser gives back the same characters: `a<b` becomes `a&lt;b`.
    ///
    /// Characters that XML 1.0 (§2.2) forbids even as references become U+FFFD. Carriage returns become references, because parsers
    /// turn bare ones into line feeds.
    package mutating func writeXML(_ text: some StringProtocol, as place: XMLPlace = .text) {
        var text = String(text)
        text.withUTF8 { writeXML(utf8: UnsafeRawBufferPointer($0), as: place) }
    }

    /// Appends valid UTF-8 in the same way, without the step over a `String`.
    package mutating func writeXML(utf8 bytes: UnsafeRawBufferPointer, as place: XMLPlace = .text) {
        var written = 0
        while let (index, substitute) = XMLSubstitute.next(in: bytes, from: written, place: place) {
            writeBytes(UnsafeRawBufferPointer(rebasing: bytes[written..<index]))
            writeStaticString(substitute.text)
            written = index + substitute.length
        }
        writeBytes(UnsafeRawBufferPointer(rebasing: bytes[written...]))
    }
}

/// What stands for a few bytes that may not stand for themselves.
package struct XMLSubstitute: Sendable {
    package var text: StaticString
    /// Bytes that it replaces.
    package var length = 1

    /// The first place from `start` on where valid UTF-8 can't stand as it is; nil when all the rest can.
    package static func next(
        in bytes: UnsafeRawBufferPointer, from start: Int, place: XMLPlace
    ) -> (index: Int, substitute: XMLSubstitute)? {
        var index = start
        while index < bytes.count {
            if let substitute = at(index, of: bytes, in: place) { return (index, substitute) }
            index += 1
        }
        return nil
    }

    /// What must stand for the byte at `index` of valid UTF-8; nil when it can stand for itself.
    @inline(__always)
    package static func at(_ index: Int, of bytes: UnsafeRawBufferPointer, in place: XMLPlace) -> XMLSubstitute? {
        let byte = bytes[index]
        // Nearly every byte of real text leaves here.
        if byte > UInt8(ascii: ">") && byte < 0xEF { return nil }
        switch byte {
        case UInt8(ascii: "&"): return XMLSubstitute(text: "&amp;")
        case UInt8(ascii: "<"): return XMLSubstitute(text: "&lt;")
        case UInt8(ascii: ">"): return XMLSubstitute(text: "&gt;")
        case UInt8(ascii: "\""): return place == .attribute ? XMLSubstitute(text: "&quot;") : nil
        case UInt8(ascii: "\t"): return place == .attribute ? XMLSubstitute(text: "&#9;") : nil
        case UInt8(ascii: "\n"): return place == .attribute ? XMLSubstitute(text: "&#10;") : nil
        case UInt8(ascii: "\r"): return XMLSubstitute(text: "&#13;")
        case 0..<0x20: return XMLSubstitute(text: "\u{FFFD}")
        case 0xEF where index + 2 < bytes.count && bytes[index + 1] == 0xBF && bytes[index + 2] >= 0xBE:
            return XMLSubstitute(text: "\u{FFFD}", length: 3)  // U+FFFE and U+FFFF
        default: return nil
        }
    }
}
