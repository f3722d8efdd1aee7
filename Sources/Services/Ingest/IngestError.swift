import HDF5
import Postgres
import TAPSchema

/// Why a file could not be ingested. Other files are not touched by it.
package struct IngestError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, Codable {
        case missingFile, unreadableFile, foreignFile, changedFile, unsteadyFile, wrongAttribute, noObjects, unfitName
        case missingKey, duplicateKey, knownKey, wrongType, database
        /// The process that reads files can't be started.
        case noWorker
    }

    package var code: Code
    /// A fact in lower case; files by name, never by path.
    package var message: String
    /// What would work.
    package var hint: String?
    /// For the log only.
    package var internals: String?

    package var description: String { hint.map { "\(message); \($0)" } ?? message }

    private init(_ code: Code, _ message: String, hint: String? = nil, internals: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.internals = internals
    }
}

// MARK: - The file itself

extension IngestError {
    static func missingFile(_ name: String) -> Self {
        Self(.missingFile, "no file \"\(name)\"")
    }

    static func unreadableFile(_ name: String, reason: String) -> Self {
        Self(.unreadableFile, "file \"\(name)\" can't be read: \(reason)")
    }

    static func foreignFile(_ name: String, collection: String, patterns: [String]) -> Self {
        Self(
            .foreignFile, "the name \"\(name)\" fits no table of collection \(collection)",
            hint: "names are like \(patterns.joined(separator: ", "))")
    }

    static func changedFile(_ name: String, known: String, found: String) -> Self {
        Self(
            .changedFile,
            "\"\(name)\" is in the archive with another content (SHA-256 \(known.prefix(12))… there, \(found.prefix(12))… here); nothing was changed",
            hint: "files are immutable: give the new one a new name or version")
    }

    static func changedMeanwhile(_ name: String) -> Self {
        Self(.unsteadyFile, "file \"\(name)\" changed while it was read", hint: "ingest it again when it is complete")
    }

    static func wrongAttribute(_ attribute: String, in name: String, found: String?, expected: String) -> Self {
        Self(
            .wrongAttribute,
            "file \"\(name)\" has \(found.map { "root attribute \(attribute) = \($0)" } ?? "no root attribute \(attribute)"), expected is \(expected)"
        )
    }

    static func noObjects(in name: String, pattern: String?) -> Self {
        Self(.noObjects, "file \"\(name)\" holds no object\(pattern.map { " with a name like \($0)" } ?? "")")
    }

    static func unfitName(_ fact: String, of name: String, missing: [String]) -> Self {
        Self(.unfitName, "\(fact) can't be made for file \"\(name)\": there is no \(missing.joined(separator: ", "))")
    }

    static func noWorker(_ reason: String) -> Self {
        Self(.noWorker, "files can't be read: no process for it could be started", internals: reason)
    }

    /// Reading it ended the process that read it.
    static func crashing(_ name: String) -> Self {
        Self(
            .unreadableFile, "file \"\(name)\" can't be read: it is damaged, so much so that it ends whoever reads it",
            hint: "compare its checksum with the original's")
    }

    static func tookTooLong(_ name: String, limit: Duration) -> Self {
        Self(.unreadableFile, "file \"\(name)\" could not be read within \(limit.components.seconds) s", hint: "it may be damaged")
    }

    static func hdf5(_ error: HDF5Error) -> Self {
        Self(error.code == .missingFile ? .missingFile : .unreadableFile, error.message, hint: error.hint, internals: error.detail)
    }
}

// MARK: - Its objects

extension IngestError {
    static func missingKey(_ key: String, object: String) -> Self {
        Self(.missingKey, "object \(object) has no field \(key), which is the key of its row")
    }

    static func duplicateKey(_ key: String, _ value: Int64, objects: [String]) -> Self {
        Self(.duplicateKey, "\(objects.joined(separator: " and ")) have the same \(key) \(value)")
    }

    static func knownKey(_ key: String, _ value: String, file: String?) -> Self {
        Self(
            .knownKey, "\(key) \(value) is in the archive already\(file.map { ", from file \"\($0)\"" } ?? "")",
            hint: "the same object can't come from two files")
    }

    static func wrongType(_ field: String, object: String, found: String, expected: String) -> Self {
        Self(.wrongType, "field \(field) of object \(object) holds \(found) where \(expected) is expected")
    }

    static func refusedRows(of name: String, _ error: PostgresError) -> Self {
        Self(
            .database, "the database refused the rows of file \"\(name)\" (\(error.sqlstate))",
            internals: error.detail.map { "\(error.message) (\($0))" } ?? error.message)
    }
}
