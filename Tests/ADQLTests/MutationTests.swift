import ADQL
import Testing

@Suite struct MutationTests {
    private static let pieces: [[UInt8]] = [
        "(", ")", "'", "\"", ",", ".", ";", "-", "--", "*", "/", "/*", "||", "=", "<", ">", "!", "\0", "\n", " ", "\u{A0}", "é", "’", "1",
        "1e", "0x",
        " SELECT ", " FROM ", " WHERE ", " NOT ", " IN (", " AND ", " OR ", " BETWEEN ", " JOIN ", " ON ", " UNION ", "((SELECT ",
        " CASE WHEN ",
        " END ", " LIMIT 5", " OFFSET ", " ORDER BY ", " AS ", " WITH a AS (", " EXISTS (", " CAST(", " NULL ", " size ", " TOP ", "::",
        "%",
    ].map { Array($0.utf8) }

    /// A text of the corpus with some bytes changed, added, taken out, doubled, or taken from another one.
    private static func mutant(of texts: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = random.pick(texts)
        for _ in 0...random.below(4) {
            let place = random.below(bytes.count + 1)
            switch random.below(7) {
            case 0 where !bytes.isEmpty: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            case 1 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
            case 2 where place < bytes.count: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.below(30))], at: place)
            case 3:
                let other = random.pick(texts)
                bytes = Array(bytes[..<place] + other.suffix(random.below(other.count + 1)))
            case 4: bytes.removeLast(bytes.count - place)
            default: bytes.insert(contentsOf: random.pick(pieces), at: place)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<10)
    func `changed texts are read or refused, never more`(_ part: Int) {
        let texts = (Corpus.accepted.map(\.query) + Corpus.rejected.map(\.query)).map { Array($0.utf8) }
        var random = SeededGenerator(seed: UInt64(part))
        var accepted = 0
        for _ in 0..<(5000 * RoundTripTests.rounds) {
            let text = String(decoding: Self.mutant(of: texts, &random), as: UTF8.self)
            do {
                let tree = try Query.parse(text)
                accepted += 1
                guard let again = try? Query.parse(tree.adql), again == tree else {
                    Issue.record("does not come back:\n\(text)\n\(tree.adql)")
                    return
                }
            } catch {
                let inside = error.span.start <= error.span.end && error.span.end <= text.utf8.count
                guard inside, error.excerpt.contains("^"), error.position.line >= 1 else {
                    Issue.record("points nowhere:\n\(text)\n\(error.rendering)")
                    return
                }
            }
        }
        #expect(accepted > 100)
    }
}
