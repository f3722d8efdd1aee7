import ADQL
import Foundation
import QueryGeneration
import Testing

extension Corpus.Accepted: CustomTestStringConvertible {
    package var testDescription: String { title }
}

extension Corpus.Rejected: CustomTestStringConvertible {
    package var testDescription: String { title }
}

@Suite struct CorpusTests {
    @Test func `the corpus is there, and every case names a clause or an extension`() {
        #expect(Corpus.accepted.count >= 300)
        #expect(Corpus.rejected.count >= 300)
        for title in Corpus.accepted.map(\.title) + Corpus.rejected.map(\.title) {
            #expect(title.hasPrefix("§") || title.hasPrefix("extension: "), "\(title)")
        }
    }

    @Test func `every clause of the list in the README has a case`() throws {
        let readme = try String(contentsOf: Corpus.folder("README.md"), encoding: .utf8)
        let list = try #require(readme.components(separatedBy: "## Clauses").last)
        let clauses = list.components(separatedBy: "\n- ").dropFirst().compactMap { $0.split(separator: " ").first }
        #expect(clauses.count >= 40)
        let titles = (Corpus.accepted.map(\.title) + Corpus.rejected.map(\.title)).compactMap { $0.split(separator: " ").first }
        #expect(Set(clauses).subtracting(titles).isEmpty)
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
        #expect(unseen == ["text-too-long", "nested-too-deeply", "too-many-names"])
    }
}
