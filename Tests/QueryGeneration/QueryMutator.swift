/// Changes queries at random, byte by byte and word by word, so that most of them are nearly right.
///
/// The same seeds and the same number give the same text, on every machine.
package struct QueryMutator: Sendable {
    private let texts: [[UInt8]]
    private let words: [[[UInt8]]]

    package init(seeds: [[UInt8]]) {
        texts = seeds
        words = seeds.map(Self.words)
    }

    /// Text number `number` of those that `seed` gives.
    package func text(number: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        // The first numbers of neighbours are alike.
        _ = random.next()
        return random.chance(50) ? mutateBytes(&random) : mutateWords(&random)
    }

    // MARK: Bytes

    private func mutateBytes(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = random.pick(texts)
        for _ in 0..<(random.chance(60) ? 1 : 1 + random.below(4)) {
            let place = random.below(bytes.count + 1)
            switch random.below(7) {
            case 0 where !bytes.isEmpty: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            case 1 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
            case 2 where place < bytes.count:
                bytes.insert(contentsOf: Array(bytes[place..<min(bytes.count, place + random.below(30))]), at: place)
            case 3:
                let other = random.pick(texts)
                bytes.replaceSubrange(place..., with: other.suffix(random.below(other.count + 1)))
            case 4: bytes.removeLast(bytes.count - place)
            default: bytes.insert(contentsOf: random.pick(Self.pieces), at: place)
            }
        }
        return bytes
    }

    // MARK: Words

    private func mutateWords(_ random: inout SeededGenerator) -> [UInt8] {
        var result = random.pick(words)
        for _ in 0..<(random.chance(60) ? 1 : 1 + random.below(5)) {
            let place = random.below(result.count + 1)
            let end = min(result.count, place + 1 + random.below(6))
            switch random.below(9) {
            case 0 where place < result.count: result.remove(at: place)
            case 1 where place < result.count: result[place] = random.pick(Self.pieces)
            case 2 where place < result.count: result.swapAt(place, random.below(result.count))
            case 3 where place < result.count: result[place] = random.pick(random.pick(words))
            case 4:
                let other = random.pick(words)
                let from = random.below(other.count)
                result.insert(contentsOf: other[from..<min(other.count, from + random.below(12))], at: place)
            case 5 where place < end:
                result.insert([UInt8(ascii: ")")], at: end)
                result.insert([UInt8(ascii: "(")], at: place)
            case 6 where place < end && random.chance(20):
                // Deep, or long, in one step.
                let part = Array(result[place..<end])
                for _ in 0..<random.below(150) { result.insert(contentsOf: part, at: place) }
            case 7 where place < end: result.removeSubrange(place..<end)
            default: result.insert(random.pick(Self.pieces), at: place)
            }
            // An emptied text has nothing to pick from.
            if result.isEmpty { result = [Self.pieces[0]] }
        }
        return Array(result.joined())
    }

    /// Runs of letters and digits, quoted parts, and single other bytes.
    private static func words(of text: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var index = 0
        while index < text.count {
            let start = index
            if text[index] == UInt8(ascii: "'") || text[index] == UInt8(ascii: "\"") {
                index += 1
                while index < text.count, text[index] != text[start] { index += 1 }
                index = min(index + 1, text.count)
            } else if isWord(text[index]) {
                while index < text.count, isWord(text[index]) { index += 1 }
            } else {
                index += 1
            }
            words.append(Array(text[start..<index]))
        }
        return words.isEmpty ? [[UInt8(ascii: " ")]] : words
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static let pieces: [[UInt8]] = {
        let texts: [String] = [
            "(", ")", "'", "\"", ",", ".", ";", "-", "--", "*", "/", "/*", "*/", "||", "=", "==", "<", ">", "!", "\0", "\n", "\r", " ",
            "\u{A0}", "é", "’", "“", "≤", "\u{FEFF}", "1", "1.", ".5", "1e", "1e5", "0x", "9999999999999999999999", "::", "%", " % 2",
            "&", "[", "`", "?", "#", " SELECT ", " FROM ", " FORM ", " WHERE ", " NOT ", " IN (", " AND ", " OR ", " BETWEEN ", " JOIN ",
            " LEFT ", " NATURAL ", " CROSS ", " USING (", " ON ", " UNION ", " EXCEPT ALL ", " INTERSECT ", "((SELECT ", " CASE WHEN ",
            " THEN ", " ELSE ", " END ", " TOP 5 ", " LIMIT 5 ", " OFFSET 5 ", " GROUP BY ", " HAVING ", " ORDER BY ", " DESC ", " AS ",
            " WITH a AS (", " EXISTS (", " CAST(", " NULL ", " IS ", " LIKE ", " ILIKE ", " DISTINCT ", " ALL ", " size ", " COUNT(",
            " POINT(", " COALESCE(", " IN_UNIT(", " t.* ", " \"a\"\"b\" ", " 'it''s' ",
        ]
        return texts.map { Array($0.utf8) }
    }()
}
