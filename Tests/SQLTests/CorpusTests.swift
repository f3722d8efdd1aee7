import Foundation
import Testing

/// One entry of `adql/corpus/translated`: a title, ADQL, the SQL that it becomes, and the rows that this gives.
struct TranslatedPair: CustomTestStringConvertible {
    var title: String
    var adql: String
    var sql: String
    var rows: [String]

    var testDescription: String { title }

    /// Entries begin with `# title`; then come the ADQL, a line `=>`, the SQL, a line `=>`, and a line for each row.
    static func all() throws -> [TranslatedPair] {
        let folder = URL(filePath: #filePath).appending(path: "../../../adql/corpus/translated").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "txt" }.sorted { $0.path() < $1.path() }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n# ").dropFirst().map { entry in
                let parts = entry.components(separatedBy: "\n=>\n")
                try #require(parts.count == 3, "\(file.lastPathComponent): \(entry)")
                let first = parts[0].split(separator: "\n", maxSplits: 1)
                return TranslatedPair(
                    title: String(first[0]), adql: String(first[1]), sql: parts[1].replacing("\n", with: " "),
                    rows: parts[2].split(separator: "\n").map(String.init))
            }
        }
    }
}

extension SQLTests {
    @Suite struct Corpus {
        @Test("each ADQL query of the corpus becomes the SQL beside it, which gives the rows below", arguments: try TranslatedPair.all())
        func translated(pair: TranslatedPair) throws {
            #expect(try Translate.sql(pair.adql) == pair.sql)
            #expect(try Translate.rows(pair.adql) == pair.rows)
        }
    }
}
