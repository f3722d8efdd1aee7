import Foundation
import Glibc
import Ingest
import Postgres
import Testing

@Suite("Reading data files in processes of their own")
struct IsolationTests {
    private static let first = "AstroElementary_134755_0006.h5"
    private static let second = "AstroElementary_134756_0006.h5"
    private static let third = "AstroElementary_134757_0006.h5"

    @Test("brings in the same as reading them here")
    func same() throws {
        let (here, there) = (try TestArchive(), try TestArchive())
        let inside = try here.ingest([here.sample(Self.first), here.sample("CompleteSource_130097_0003.h5")])
        let outside = try Self.ingest(there, [Self.first, "CompleteSource_130097_0003.h5"])
        #expect(outside.rows == inside.rows && outside.ingested == 2 && outside.isComplete)
        let sums = "SELECT sum(source_id), sum(g_flux::float8), max(transit_time)::text, count(*) FROM gaia.astroelementary"
        let (one, other) = (try here.session.query(sums), try there.session.query(sums))
        #expect((0..<4).map { one.string(0, $0) } == (0..<4).map { other.string(0, $0) })
        #expect(try Self.ingest(there, [Self.first]).unchanged == 1)
        #expect(try Self.ingest(there, ["nowhere.h5"]).message() == "no file \"nowhere.h5\"")
    }

    @Test("fails a file that ends each process which reads it, and goes on with the others")
    func deadly() throws {
        let archive = try TestArchive()
        var killed: Set<pid_t> = []
        var before: Int?
        let summary = try Self.ingest(archive, [Self.first, Self.second, Self.third]) { progress in
            guard progress.current == Self.second else { return }
            // Amid its rows, each time.
            if progress.rows > before ?? progress.rows { killed.formUnion(Self.killReaders()) }
            before = before ?? progress.rows
        }
        #expect(killed.count == 2)
        #expect(summary.ingested == 2 && summary.failed == 1)
        #expect(
            summary.message(1) == "file \"\(Self.second)\" can't be read: it is damaged, so much so that it ends whoever reads it")
        #expect(try archive.count("almagest.files") == 2)
        #expect(try archive.count("gaia.astroelementary") == summary.rows)
        #expect(try Self.ingest(archive, [Self.second]).ingested == 1)
    }

    @Test("reads a file again when the process that read it was killed once")
    func unlucky() throws {
        let archive = try TestArchive()
        var killed: Set<pid_t> = []
        var before: Int?
        let summary = try Self.ingest(archive, [Self.first, Self.second]) { progress in
            guard progress.current == Self.second else { return }
            if killed.isEmpty, progress.rows > before ?? progress.rows { killed = Self.killReaders() }
            before = before ?? progress.rows
        }
        #expect(killed.count == 1)
        #expect(summary.ingested == 2)
        #expect(try archive.count("gaia.astroelementary") == summary.rows)
    }

    @Test("blames no file when the program can't run", arguments: ["/nowhere/almagest", "/bin/false"])
    func unfit(executable: String) throws {
        let archive = try TestArchive()
        let error = #expect(throws: IngestError.self) { try Self.ingest(archive, [Self.first], executable: executable) }
        #expect(error?.code == .noWorker)
    }

    // MARK: - Processes

    private static func ingest(
        _ archive: TestArchive, _ names: [String], executable: String? = nil, progress: (IngestProgress) -> Void = { _ in }
    ) throws -> IngestSummary {
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "almagest").path()
        try #require(FileManager.default.isExecutableFile(atPath: program), "build all targets: no program at \(program)")
        let workers = IngestWorkers(
            settings: .init(executable: executable ?? program, arguments: ["ingest-worker"], databaseURI: archive.uri))
        return try Ingestion(TestArchive.gaia(), into: archive.session, workers: workers)
            .run(files: names.map(archive.sample), progress: progress)
    }

    /// Kills the processes that read for this one, and tells which they were.
    private static func killReaders() -> Set<pid_t> {
        var killed: Set<pid_t> = []
        for task in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? [] {
            let children = (try? String(contentsOfFile: "/proc/self/task/\(task)/children", encoding: .utf8)) ?? ""
            for child in children.split(separator: " ").compactMap({ pid_t($0) }) {
                let name = (try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8)) ?? ""
                guard name.hasPrefix("almagest-inges") else { continue }
                kill(child, SIGKILL)
                killed.insert(child)
            }
        }
        return killed
    }
}
