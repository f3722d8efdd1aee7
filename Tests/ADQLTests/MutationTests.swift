import ADQL
import QueryGeneration
import Testing

@Suite struct MutationTests {
    /// What `make fuzz` does by the million.
    @Test(arguments: 0..<10)
    func `changed texts are read or refused, never more`(_ part: Int) {
        let mutator = QueryMutator(seeds: Corpus.seeds)
        var accepted = 0
        for number in 0..<(5000 * RoundTripTests.rounds) {
            let bytes = mutator.text(number: number, seed: UInt64(part))
            switch ParserCheck.outcome(of: bytes) {
            case .accepted: accepted += 1
            case .rejected: break
            case .wrong(let reason):
                Issue.record("seed \(part), number \(number): \(reason)\n\(String(decoding: bytes, as: UTF8.self))")
                return
            }
        }
        #expect(accepted > 100)
    }

    @Test func `what the fuzzer found does no harm any more`() {
        for (name, bytes) in Corpus.found {
            if case .wrong(let reason) = ParserCheck.outcome(of: bytes) { Issue.record("\(name): \(reason)") }
        }
    }
}
