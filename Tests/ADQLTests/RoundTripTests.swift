import ADQL
import Foundation
import QueryGeneration
import Testing

@Suite struct RoundTripTests {
    /// More at will: ALMAGEST_TEST_ROUNDS multiplies the number of cases.
    static let rounds = ProcessInfo.processInfo.environment["ALMAGEST_TEST_ROUNDS"].flatMap { Int($0) } ?? 1

    @Test(arguments: 0..<10)
    func `generated trees come back from their writing, and have every kind of node`(_ part: Int) throws {
        var kinds = NodeKinds()
        for round in 0..<(10_000 * Self.rounds) {
            var generator = TreeGenerator(seed: UInt64(part) << 32 | UInt64(round))
            let tree = generator.wholeQuery()
            if round % 4 == 0 { kinds.add(tree) }
            let written = tree.adql
            do {
                let read = try Query.parse(written)
                guard read == tree else {
                    Issue.record("seed \(part), \(round):\n\(written)\n\(read.adql)")
                    return
                }
            } catch {
                Issue.record("seed \(part), \(round):\n\(written)\n\(error.rendering)")
                return
            }
        }
        let rare = NodeKinds.all.filter { kinds.counts[$0] == nil }
        #expect(rare.isEmpty)
        #expect(Set(kinds.counts.keys).isSubset(of: NodeKinds.all))
    }

    @Test(arguments: 0..<2)
    func `blanks, comments and letter case change nothing`(_ part: Int) throws {
        for round in 0..<(1000 * Self.rounds) {
            let seed = UInt64(part) << 32 | UInt64(round)
            var generator = TreeGenerator(seed: seed)
            let tree = generator.wholeQuery()
            let ruffled = Self.ruffled(tree.adql, seed: seed)
            let read = try? Query.parse(ruffled)
            guard read == tree else {
                Issue.record("seed \(part), \(round):\n\(ruffled)")
                return
            }
        }
    }

    /// The text with other blanks, and keywords in other letters; quoted parts as they are.
    private static func ruffled(_ text: String, seed: UInt64) -> String {
        let keywords: Set<String> = [
            "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "AS", "JOIN", "ON", "UNION", "ORDER", "BY", "NULL", "CASE", "END", "COUNT",
            "CAST", "TOP", "DOUBLE", "PRECISION", "LIMIT", "OFFSET", "EXISTS", "IS", "LIKE", "BETWEEN",
        ]
        var random = SeededGenerator(seed: seed)
        var result = ""
        var word = ""
        var quote: Character?
        func flush(_ random: inout SeededGenerator) {
            // LIMIT is a name too, and names keep their letters.
            result += keywords.contains(word) && word != "LIMIT" && random.chance(50) ? word.lowercased() : word
            word = ""
        }
        for character in text {
            if let open = quote {
                result.append(character)
                if character == open { quote = nil }
            } else if character.isASCII, character.isLetter || character.isNumber || character == "_" || character == "." {
                word.append(character)
            } else {
                flush(&random)
                if character == "'" || character == "\"" { quote = character }
                if character == " " {
                    result += random.pick([" ", "  ", "\n", "\t", "\r\n", "\u{A0}", " -- it's a \"comment\n", "\n--\n"])
                } else {
                    result.append(character)
                }
            }
        }
        flush(&random)
        return result
    }
}
