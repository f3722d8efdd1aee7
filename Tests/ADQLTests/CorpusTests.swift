import ADQL
import Testing

@Suite struct CorpusTests {
    @Test func `the corpus is there, and every case names a clause or an extension`() {
        #expect(Corpus.accepted.count >= 250)
        #expect(Corpus.rejected.count >= 300)
        for title in Corpus.accepted.map(\.title) + Corpus.rejected.map(\.title) {
            #expect(title.hasPrefix("§") || title.hasPrefix("extension: "), "\(title)")
        }
    }

    @Test func `no case stands in the corpus twice`() {
        let queries = Corpus.accepted.map(\.query) + Corpus.rejected.map(\.query)
        let repeated = Dictionary(grouping: queries) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(repeated.isEmpty, "\(repeated.sorted())")
    }

    @Test(arguments: Corpus.accepted)
    func `an accepted query comes back from its own writing`(_ sample: Corpus.Accepted) throws {
        let tree = try Query.parse(sample.query)
        let written = tree.adql
        if let canonical = sample.canonical { #expect(written == canonical) }
        #expect(try Query.parse(written) == tree)
        #expect(try Query.parse(written).adql == written)
    }

    @Test(arguments: Corpus.rejected)
    func `a rejected query says what is wrong and where`(_ sample: Corpus.Rejected) throws {
        let error = try #require(throws: ADQLError.self) { try Query.parse(sample.query) }
        #expect(error.code.rawValue == sample.code, "\(error.rendering)")
        #expect(error.position == TextPosition(line: sample.line, column: sample.column), "\(error.rendering)")
        #expect(error.excerpt.contains("^"))
    }

    @Test func `every error code has a case in the corpus, but for those of limits`() {
        let unseen = Set(ADQLError.Code.allCases.map(\.rawValue)).subtracting(Corpus.rejected.map(\.code))
        #expect(unseen == ["text-too-long", "nested-too-deeply"])
    }
}
