import Foundation
import QueryGeneration
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
        try files().flatMap { try pairs(in: $0) }
    }

    static func files() throws -> [URL] {
        let files = try FileManager.default.contentsOfDirectory(at: Corpus.folder("translated"), includingPropertiesForKeys: nil)
        return files.filter { $0.pathExtension == "txt" }.sorted { $0.path() < $1.path() }
    }

    private static func pairs(in file: URL) throws -> [TranslatedPair] {
        let text = try String(contentsOf: file, encoding: .utf8)
        return try text.components(separatedBy: "\n# ").dropFirst().map { entry in
            let parts = entry.components(separatedBy: "\n=>\n")
            let isWritten = parts.count == 1 && isRecording
            try #require(parts.count == 3 || isWritten, "\(file.lastPathComponent): \(entry)")
            let first = parts[0].split(separator: "\n", maxSplits: 1)
            return TranslatedPair(
                title: String(first[0]), adql: first[1].trimmingCharacters(in: .newlines),
                sql: isWritten ? "" : parts[1].replacing("\n", with: " "),
                rows: isWritten ? [] : parts[2].split(separator: "\n").map(String.init))
        }
    }

    /// With ALMAGEST_TEST_RECORD=1 the SQL and the rows of entries that have none are written, to be read before they are believed.
    static let isRecording = ProcessInfo.processInfo.environment["ALMAGEST_TEST_RECORD"] == "1"

    static func record() throws {
        for file in try files() {
            let text = try String(contentsOf: file, encoding: .utf8)
            let head = text.components(separatedBy: "\n# ")[0]
            let pairs = try pairs(in: file)
            guard pairs.contains(where: \.sql.isEmpty) else { continue }
            let entries = try pairs.map { pair in
                let isWritten = pair.sql.isEmpty
                let sql = isWritten ? try Translate.sql(pair.adql) : pair.sql
                let rows = isWritten ? try Translate.rows(pair.adql) : pair.rows
                return "\n# \(pair.title)\n\(pair.adql)\n=>\n\(sql)\n=>\n\(rows.map { $0 + "\n" }.joined())"
            }
            try (head.trimmingCharacters(in: .newlines) + "\n" + entries.joined()).write(to: file, atomically: true, encoding: .utf8)
        }
    }
}

extension SQLTests {
    @Suite struct TranslatedCorpus {
        @Test("the corpus has the pairs that it should have")
        func size() throws {
            if TranslatedPair.isRecording { try TranslatedPair.record() }
            let pairs = try TranslatedPair.all()
            #expect(pairs.count >= 150)
            #expect(Set(pairs.map(\.adql)).count == pairs.count)
        }

        @Test("each ADQL query of the corpus becomes the SQL beside it, which gives the rows below", arguments: try TranslatedPair.all())
        func translated(pair: TranslatedPair) throws {
            if TranslatedPair.isRecording { return }
            #expect(try Translate.sql(pair.adql) == pair.sql)
            #expect(try Translate.rows(pair.adql) == pair.rows)
        }
    }
}
