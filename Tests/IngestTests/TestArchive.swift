import Foundation
import Ingest
import Postgres
import TAPSchema

/// Where the sample files are.
let sampleFolder = ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATA"] ?? ""

/// A database and a folder of a test's own, gone when the test is over.
final class TestArchive {
    let uri: String
    let session: PostgresSession
    let folder: URL
    private let name: String
    private static let maintenance = ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATABASE_URL"] ?? ""

    init() throws {
        let id = UUID().uuidString.prefix(13).lowercased().replacingOccurrences(of: "-", with: "_")
        name = "almagest_ingest_\(id)"
        let maintenance = try PostgresSession(uri: Self.maintenance, applicationName: "almagest-tests")
        // Two CREATE DATABASE from one template can't run at once.
        try maintenance.execute("SELECT pg_advisory_lock(7331)")
        try maintenance.execute("CREATE DATABASE \(name)")
        let separator = Self.maintenance.contains("://") ? (Self.maintenance.contains("?") ? "&" : "?") : " "
        uri = "\(Self.maintenance)\(separator)dbname=\(name)"
        session = try PostgresSession(uri: uri, applicationName: "almagest-tests")
        folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
        let maintenance = try? PostgresSession(uri: Self.maintenance, applicationName: "almagest-tests")
        try? maintenance?.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    /// The collection's descriptor, with changes to its text.
    static func gaia(_ changes: (String, String)...) throws -> Descriptor {
        var text = try Descriptor.find("gaia").text
        for (part, other) in changes {
            guard text.contains(part) else { throw Absent(part: part) }
            text = text.replacingOccurrences(of: part, with: other)
        }
        return try Descriptor(yaml: text, source: "gaia.yaml")
    }

    struct Absent: Error {
        let part: String
    }

    @discardableResult
    func ingest(_ paths: [String], _ descriptor: Descriptor? = nil, progress: (IngestProgress) -> Void = { _ in }) throws -> IngestSummary {
        try Ingestion(descriptor ?? Self.gaia(), into: session).run(files: paths, progress: progress)
    }

    /// A copy of a sample file that a test may change.
    func copy(_ name: String, as other: String? = nil) throws -> String {
        let target = folder.appending(path: other ?? name).path
        try FileManager.default.copyItem(atPath: sample(name), toPath: target)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: target)
        return target
    }

    func sample(_ name: String) -> String {
        "\(sampleFolder)/\(name)"
    }

    func count(_ table: String) throws -> Int {
        Int(try session.query("SELECT count(*) FROM \(table)").int(0, 0) ?? -1)
    }
}

extension IngestSummary {
    /// The message of a file that failed or was refused.
    func message(_ index: Int = 0) -> String {
        switch files[index].fate {
        case .failed(let error), .refused(let error): error.message
        default: "\(files[index].fate)"
        }
    }
}
