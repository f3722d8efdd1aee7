/// What became of the files of one ingest.
package struct IngestSummary: Sendable {
    package var files: [File] = []
    /// Files of a folder whose names fit no table, and which nobody asked for by name.
    package var ignored = 0
    /// Fields of objects that no column takes, with the number of objects that have them: `gaia.completesource`, then `ruwe`.
    package var unknownFields: [String: [String: Int]] = [:]
    /// Objects with other names than the descriptor's, which were passed over.
    package var passedOver = 0
    package var duration: Duration = .zero

    package struct File: Sendable, Codable {
        package var path: String
        package var name: String
        /// The table whose rows stand for its objects; nil when the file was not recognised.
        package var table: String?
        package var fate: Fate
    }

    package enum Fate: Sendable, Codable {
        case ingested(rows: Int)
        /// The same content is in the archive, at this place.
        case unchanged
        /// The same content is in the archive; the place where it was is empty, so this is its place now.
        case relocated
        /// Another content stands under this name. Nothing was changed.
        case refused(IngestError)
        case failed(IngestError)
    }

    package var rows: Int {
        files.reduce(0) { sum, file in if case .ingested(let rows) = file.fate { sum + rows } else { sum } }
    }

    package var ingested: Int { count { if case .ingested = $0 { true } else { false } } }
    package var unchanged: Int { count { if case .unchanged = $0 { true } else { false } } }
    package var relocated: Int { count { if case .relocated = $0 { true } else { false } } }
    package var refused: Int { count { if case .refused = $0 { true } else { false } } }
    package var failed: Int { count { if case .failed = $0 { true } else { false } } }

    /// Whether every file that was asked for is in the archive now.
    package var isComplete: Bool { refused == 0 && failed == 0 }

    private func count(_ isMeant: (Fate) -> Bool) -> Int {
        files.count { isMeant($0.fate) }
    }
}

extension IngestSummary: CustomStringConvertible {
    /// One line: `24 files: 24 ingested; 13176 rows in 3.2 s (4118 rows/s)`.
    package var description: String {
        let fates: [(Int, String)] = [
            (ingested, "ingested"), (unchanged, "unchanged"), (relocated, "found in a new place"), (refused, "refused"), (failed, "failed"),
        ]
        let told = fates.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let tenths = Int((duration / .milliseconds(100)).rounded())
        let rate = tenths > 0 && rows > 0 ? " (\(rows * 10 / tenths) rows/s)" : ""
        return "\(files.count) files: \(told.isEmpty ? "nothing to do" : told); \(rows) rows in \(tenths / 10).\(tenths % 10) s\(rate)"
    }
}

/// How far an ingest is.
package struct IngestProgress: Sendable {
    /// Files that are through, whatever became of them.
    package var filesDone: Int
    package var files: Int
    /// Rows written so far, those of the current file included.
    package var rows: Int
    package var elapsed: Duration
    /// The file in hand; nil when all are through.
    package var current: String?
    /// What became of the last file, in the report that follows it.
    package var finished: IngestSummary.File?

    package var rowsPerSecond: Double {
        let seconds = elapsed / .seconds(1)
        return seconds > 0 ? Double(rows) / seconds : 0
    }
}
