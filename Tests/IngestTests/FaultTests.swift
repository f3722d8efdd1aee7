import Foundation
import Ingest
import Postgres
import TAPSchema
import Testing

@Suite("A file that can't be ingested")
struct FaultTests {
    private static let sources = "CompleteSource_130097_0003.h5"
    private static let other = "CompleteSource_130098_0003.h5"
    private static let transits = "AstroElementary_134755_0006.h5"

    @Test("fails alone when it is cut short, anywhere", arguments: [0, 100, 5_000, 300_000, 1_000_000])
    func truncated(_ length: Int) throws {
        let archive = try TestArchive()
        let path = try archive.copy(Self.sources)
        try FileHandle(forUpdating: URL(filePath: path)).truncate(atOffset: UInt64(length))
        let summary = try archive.ingest([path, archive.sample(Self.other)])
        #expect(summary.failed == 1 && summary.ingested == 1)
        #expect(summary.message().contains(Self.sources) && !summary.message().contains("/"))
        #expect(try archive.count("gaia.completesource") == 200)
        #expect(try archive.count("almagest.files") == 1)
        // The whole file is welcome afterwards.
        #expect(try archive.ingest([archive.sample(Self.sources)]).ingested == 1)
    }

    @Test("fails alone when it is missing, a folder without files, or of another name")
    func missing() throws {
        let archive = try TestArchive()
        let stranger = try archive.copy(Self.sources, as: "Sources.h5")
        let summary = try archive.ingest([archive.folder.appending(path: "nowhere.h5").path, stranger, archive.sample(Self.transits)])
        #expect(summary.message(0) == "no file \"nowhere.h5\"")
        #expect(summary.message(1) == "the name \"Sources.h5\" fits no table of collection gaia")
        #expect(summary.failed == 2 && summary.ingested == 1)
        // In a folder, files of other names are none of our business.
        let second = try archive.ingest([archive.folder.path])
        #expect(second.files.isEmpty && second.ignored == 1 && second.isComplete)
    }

    @Test("fails when its root attributes say that it holds something else")
    func attribute() throws {
        let archive = try TestArchive()
        let path = try archive.copy(Self.transits, as: Self.sources)
        #expect(
            try archive.ingest([path]).message()
                == "file \"\(Self.sources)\" has root attribute data_model = gaia.AstroElementary, expected is gaia.CompleteSource")
    }

    @Test("fails when none of its objects has a name that the descriptor knows")
    func objectNames() throws {
        let archive = try TestArchive()
        let descriptor = try TestArchive.gaia(("CompleteSourceImpl_{number}", "Star_{number}"))
        #expect(
            try archive.ingest([archive.sample(Self.sources)], descriptor).message()
                == "file \"\(Self.sources)\" holds no object with a name like Star_{number}")
    }

    @Test("fails when an object has no key")
    func missingKey() throws {
        let archive = try TestArchive()
        let descriptor = try TestArchive.gaia(
            ("- name: transit_id\n        type: long", "- name: transit_id\n        type: long\n        field: number"))
        #expect(
            try archive.ingest([archive.sample(Self.transits)], descriptor).message()
                == "object AstroElementaryImpl_0 has no field number, which is the key of its row")
        #expect(try archive.count("almagest.files") == 0)
    }

    @Test("fails when two of its objects have one key, and names both")
    func duplicateKey() throws {
        let archive = try TestArchive()
        let descriptor = try TestArchive.gaia(
            ("- name: transit_id\n        type: long", "- name: transit_id\n        type: long\n        field: source_id"))
        let message = try archive.ingest([archive.sample(Self.transits)], descriptor).message()
        #expect(message.hasPrefix("AstroElementaryImpl_0 and AstroElementaryImpl_1 have the same transit_id "))
        #expect(try archive.count("gaia.astroelementary") == 0)
    }

    @Test("fails when an object of it came in from another file, and names that one")
    func knownKey() throws {
        let archive = try TestArchive()
        let copy = try archive.copy(Self.sources, as: "CompleteSource_130097_0004.h5")
        let summary = try archive.ingest([archive.sample(Self.sources), copy, archive.sample(Self.other)])
        #expect(summary.ingested == 2 && summary.failed == 1)
        #expect(summary.message(1).hasSuffix("is in the archive already, from file \"\(Self.sources)\""))
        #expect(try archive.count("gaia.completesource") == 400)
        #expect(try archive.count("almagest.files") == 2)
    }

    @Test("fails when a field holds what its column can't, and names object and field")
    func wrongType() throws {
        let archive = try TestArchive()
        let integer = try TestArchive.gaia(("- name: varpi\n        type: double", "- name: varpi\n        type: long"))
        let message = try archive.ingest([archive.sample(Self.sources)], integer).message()
        #expect(message.hasPrefix("field varpi of object CompleteSourceImpl_5369 holds the floating-point number "))
        #expect(message.hasSuffix(" where long is expected"))
        let short = try TestArchive.gaia(("arraysize: 10", "arraysize: 9"))
        #expect(
            try archive.ingest([archive.sample(Self.transits)], short).message()
                == "field ac_win_coord of object AstroElementaryImpl_0 holds 10 integers where 9 short is expected")
        let narrow = try TestArchive.gaia(("- name: obs_time\n        type: long", "- name: obs_time\n        type: int"))
        #expect(try archive.ingest([archive.sample(Self.transits)], narrow).failed == 1)
        #expect(try archive.count("almagest.files") == 0)
    }

    @Test("is not one that has fields without a column: these are counted and told")
    func unknownFields() throws {
        let archive = try TestArchive()
        let descriptor = try TestArchive.gaia(("- name: flags\n", "- name: marks\n"))
        let summary = try archive.ingest([archive.sample(Self.transits)], descriptor)
        #expect(summary.isComplete)
        #expect(summary.unknownFields == ["gaia.astroelementary": ["flags": summary.rows]])
        #expect(try archive.count("gaia.astroelementary WHERE marks IS NULL") == summary.rows)
    }

    @Test("and was in hand when the connection broke leaves nothing behind, and the run goes on the next time")
    func killed() throws {
        let archive = try TestArchive()
        let pid = try #require(try archive.session.query("SELECT pg_backend_pid()").int(0, 0))
        let killer = try PostgresSession(uri: archive.uri, applicationName: "almagest-tests")
        let paths = [archive.sample(Self.sources), archive.sample(Self.transits), archive.sample(Self.other)]
        let error = #expect(throws: PostgresError.self) {
            try archive.ingest(paths) { progress in
                // Amid the rows of the second file.
                if progress.filesDone == 1, progress.finished == nil, progress.rows > 200 {
                    _ = try? killer.query("SELECT pg_terminate_backend($1::int)", [.int(pid)])
                }
            }
        }
        #expect(error?.isConnectionFailure == true)
        let session = try PostgresSession(uri: archive.uri, applicationName: "almagest-tests")
        #expect(try session.query("SELECT count(*) FROM almagest.files").int(0, 0) == 1)
        #expect(try session.query("SELECT count(*) FROM gaia.astroelementary").int(0, 0) == 0)
        #expect(try session.query("SELECT count(*) FROM gaia.completesource").int(0, 0) == 200)
        let summary = try Ingestion(TestArchive.gaia(), into: session).run(files: paths)
        #expect(summary.unchanged == 1 && summary.ingested == 2)
    }

    @Test("is decided once when two processes bring it at the same time")
    func together() async throws {
        let archive = try TestArchive()
        let uri = archive.uri
        let path = archive.sample(Self.transits)
        let pool = PostgresPool(uri: uri, connections: 4, applicationName: "almagest-tests")
        let summaries = try await withThrowingTaskGroup(of: IngestSummary.self) { group in
            for _ in 0..<4 {
                group.addTask { try await pool.withSession { try Ingestion(TestArchive.gaia(), into: $0).run(files: [path]) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(summaries.map(\.ingested).reduce(0, +) == 1)
        #expect(summaries.map(\.unchanged).reduce(0, +) == 3)
        let rows = summaries.map(\.rows).reduce(0, +)
        #expect(try archive.count("gaia.astroelementary") == rows)
    }
}
