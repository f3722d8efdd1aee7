/// The cards of a FITS header (FITS 4.0 §4): lines of 80 ASCII characters, in blocks of 2880 bytes.
struct FITSHeader {
    static let block = 2880

    private(set) var bytes: [UInt8] = []

    mutating func logical(_ keyword: String, _ value: Bool) {
        card(Self.key(keyword) + Self.right(value ? "T" : "F"))
    }

    mutating func integer(_ keyword: String, _ value: Int64) {
        card(Self.key(keyword) + Self.right(String(value)))
    }

    /// A text of any length: what one card can't hold goes on in CONTINUE cards (§4.2.1.2). Other than ASCII can't be written.
    mutating func string(_ keyword: String, _ value: String) {
        // Quotes are doubled, and a pair stays on one card.
        let characters = Self.ascii(value).map { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
        var start = Self.key(keyword)
        var content: [UInt8] = []
        for (index, character) in characters.enumerated() {
            let isLast = index == characters.count - 1
            if content.count + character.count > (isLast ? 68 : 67) {
                card(start + [UInt8(ascii: "'")] + content + Array("&'".utf8))
                start = Array("CONTINUE  ".utf8)
                content = []
            }
            content += character
        }
        while content.count < 8 { content.append(UInt8(ascii: " ")) }
        card(start + [UInt8(ascii: "'")] + content + [UInt8(ascii: "'")])
    }

    /// HISTORY or COMMENT, over as many cards as it takes.
    mutating func commentary(_ keyword: String, _ text: String) {
        var rest = Self.ascii(text)[...]
        repeat {
            card(Array(keyword.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 8 - keyword.utf8.count) + rest.prefix(72))
            rest = rest.dropFirst(72)
        } while !rest.isEmpty
    }

    /// The END card, and blanks up to the next block.
    mutating func end() {
        card(Array("END".utf8))
        while bytes.count % Self.block != 0 { bytes.append(UInt8(ascii: " ")) }
    }

    private mutating func card(_ content: [UInt8]) {
        bytes += content.prefix(80)
        for _ in content.count..<max(80, content.count) { bytes.append(UInt8(ascii: " ")) }
    }

    private static func key(_ keyword: String) -> [UInt8] {
        var key = Array(keyword.utf8.prefix(8))
        while key.count < 8 { key.append(UInt8(ascii: " ")) }
        return key + Array("= ".utf8)
    }

    private static func right(_ value: String) -> [UInt8] {
        [UInt8](repeating: UInt8(ascii: " "), count: max(0, 20 - value.utf8.count)) + Array(value.utf8)
    }

    /// Printable ASCII: white space is a blank, any other character a question mark.
    static func ascii(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { scalar in
            if scalar.properties.isWhitespace { return UInt8(ascii: " ") }
            return (0x20..<0x7F).contains(scalar.value) ? UInt8(scalar.value) : UInt8(ascii: "?")
        }
    }

    /// How many bytes fill up the block after `count`.
    static func padding(after count: Int) -> Int { (block - count % block) % block }
}
