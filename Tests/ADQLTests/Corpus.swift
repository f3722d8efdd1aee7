import Foundation
import Testing

/// The query corpus in `adql/corpus`; its README says how the files are written.
enum Corpus {
    struct Accepted: Sendable, CustomTestStringConvertible {
        var title: String
        var query: String
        /// How it is written back, where the case says so.
        var canonical: String?

        var testDescription: String { title }
    }

    struct Rejected: Sendable, CustomTestStringConvertible {
        var title: String
        var query: String
        var code: String
        var line: Int
        var column: Int

        var testDescription: String { title }
    }

    static let accepted: [Accepted] = cases(in: "accepted").map { title, lines in
        let canonical = lines.last.flatMap { $0.hasPrefix("=> ") ? String($0.dropFirst(3)) : nil }
        return Accepted(
            title: title, query: lines.dropLast(canonical == nil ? 0 : 1).joined(separator: "\n"), canonical: canonical)
    }

    static let rejected: [Rejected] = cases(in: "rejected").map { title, lines in
        var query: [String] = []
        var rejected = Rejected(title: title, query: "", code: "", line: 0, column: 0)
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            if rejected.line == 0, line.dropFirst(indent).hasPrefix("^ ") {
                rejected.code = String(line.dropFirst(indent + 2))
                rejected.line = query.count
                rejected.column = indent + 1
            } else {
                query.append(line)
            }
        }
        rejected.query = query.joined(separator: "\n")
        return rejected
    }

    /// Title and lines of each case in the folder's files; nothing if the folder can't be read, which a test notices.
    private static func cases(in folder: String) -> [(title: String, lines: [String])] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let directory = root.appending(path: "adql/corpus/\(folder)")
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        var cases: [(title: String, lines: [String])] = []
        for file in files.sorted(by: { $0.path() < $1.path() }) where file.pathExtension == "adql" {
            guard let data = try? Data(contentsOf: file) else { continue }
            var text = String(decoding: data, as: UTF8.self)
            if text.hasSuffix("\n") { text.removeLast() }
            for line in text.components(separatedBy: "\n") {
                if line.hasPrefix("== ") {
                    cases.append((String(line.dropFirst(3)), []))
                } else if !cases.isEmpty {
                    cases[cases.count - 1].lines.append(line)
                }
            }
        }
        return cases
    }
}
