package import Foundation

/// The query corpus in `adql/corpus`; its README says how the files are written.
package enum Corpus {
    package struct Accepted: Sendable {
        package var title: String
        package var query: String
        /// How it is written back, where the case says so.
        package var canonical: String?
    }

    package struct Rejected: Sendable {
        package var title: String
        package var query: String
        package var code: String
        package var line: Int
        package var column: Int
    }

    package static let accepted: [Accepted] = cases(in: "accepted").map { title, lines in
        let canonical = lines.last.flatMap { $0.hasPrefix("=> ") ? String($0.dropFirst(3)) : nil }
        return Accepted(
            title: title, query: lines.dropLast(canonical == nil ? 0 : 1).joined(separator: "\n"), canonical: canonical)
    }

    package static let rejected: [Rejected] = cases(in: "rejected").map { title, lines in
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

    /// Inputs of the fuzzer that once did harm; each file is one.
    package static let found: [(name: String, bytes: [UInt8])] = {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder("found"), includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "input" }.sorted { $0.path() < $1.path() }.map { file in
            (file.lastPathComponent, (try? Data(contentsOf: file)).map { Array($0) } ?? [])
        }
    }()

    /// Every query of the corpus, as its bytes: what mutations start from.
    package static let seeds: [[UInt8]] = (accepted.map(\.query) + rejected.map(\.query)).map { Array($0.utf8) }

    package static func folder(_ name: String) -> URL {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.appending(path: "adql/corpus/\(name)")
    }

    /// Title and lines of each case in the folder's files; nothing if the folder can't be read, which a test notices.
    private static func cases(in name: String) -> [(title: String, lines: [String])] {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder(name), includingPropertiesForKeys: nil)) ?? []
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
