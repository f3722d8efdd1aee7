import Foundation
import Jobs
import Logging
import NIOCore
import Postgres
import SchemaFiles
import Synchronization
import TestDatabase

/// A database and a folder for jobs of a test's own, gone when the test is over.
final class TestJobs: Sendable {
    let folder: String
    let work = TestWork()
    private let database: TestDatabase

    /// - Parameter folder: that of another archive, to share it.
    init(folder: String? = nil) throws {
        database = try TestDatabase(for: "jobs")
        self.folder = folder ?? FileManager.default.temporaryDirectory.appending(path: database.name).path
        let session = try session()
        try session.execute("CREATE SCHEMA almagest")
        for file in SchemaFiles.ddl where file.name == "jobs.sql" { for _ in 0..<2 { try session.execute(file.text) } }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    var uri: String { database.uri }

    func session() throws -> PostgresSession {
        try database.session()
    }

    /// What one server process has.
    func service(workers: Int = 2, executionDuration: Int = 600, longestWait: Int = 60) throws -> JobService<TestWork> {
        var settings = JobSettings(
            folder: folder, databaseURI: uri, workers: workers, executionDuration: executionDuration, longestExecutionDuration: 1200,
            retention: 3600, longestRetention: 7200)
        settings.longestWait = longestWait
        var logger = Logger(label: "almagest.jobs")
        logger.logLevel = .error
        return try JobService(
            kind: "test", settings: settings, work: work,
            database: PostgresPool(uri: uri, connections: 4, applicationName: "almagest-tests"), logger: logger)
    }

    /// Serves while `body` runs, and ends in good order.
    func serving<Result: Sendable>(_ services: JobService<TestWork>..., body: () async throws -> Result) async throws -> Result {
        let tasks = services.map { service in Task { await service.run() } }
        do {
            let result = try await body()
            for task in tasks { task.cancel() }
            for task in tasks { await task.value }
            return result
        } catch {
            for task in tasks { task.cancel() }
            for task in tasks { await task.value }
            throw error
        }
    }

    var resultFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}

/// Does what a job's parameters say.
final class TestWork: JobWork {
    struct Payload: Codable, Hashable {
        var text: String
    }

    struct Refused: Error {}

    /// Values of NAME, in the order in which executions began.
    let begun = Mutex<[String]>([])
    let cancelled = Mutex<[String]>([])
    let discarded = Mutex<[Payload]>([])

    func prepare(_ parameters: [JobParameter], kept: Payload?, brought: Payload?) async throws -> Payload? {
        if parameters.contains(JobParameter("REFUSE", "1")) { throw Refused() }
        guard let brought else { return kept }
        return Payload(text: (kept?.text ?? "") + brought.text)
    }

    func perform(_ parameters: [JobParameter], _ payload: Payload?, into output: JobOutput) async throws -> JobSummary {
        func value(_ name: String) -> String? { parameters.last { $0.name.uppercased() == name }?.value }
        let name = value("NAME") ?? ""
        begun.withLock { $0.append(name) }
        try await output.write(ByteBuffer(string: "result of \(name) \(payload?.text ?? "")"))
        output.report(rows: 1, limit: 10)
        if value("WAITS") != nil {
            do { try await Task.sleep(for: .seconds(120)) } catch {
                cancelled.withLock { $0.append(name) }
                throw error
            }
        }
        if let message = value("FAIL") { throw JobFault(message) }
        if let reason = value("LOSE") { throw JobLoss(reason: reason) }
        return JobSummary(mediaType: "text/plain", fileName: "result.txt")
    }

    func discard(_ payload: Payload) async {
        discarded.withLock { $0.append(payload) }
    }
}

let alice = JobClient.anonymous(address: "192.0.2.1")
let bob = JobClient.anonymous(address: "192.0.2.2")

extension JobService<TestWork> {
    func add(_ name: String, _ more: (String, String)..., brought: TestWork.Payload? = nil, by client: JobClient = alice, run: Bool = true)
        async throws -> Job
    {
        let parameters = [JobParameter("NAME", name)] + more.map { JobParameter($0.0, $0.1) } + (run ? [JobParameter("PHASE", "RUN")] : [])
        return try await create(parameters, brought: brought, by: client)
    }

    /// Waits until the job has one of these phases.
    @discardableResult
    func reach(_ phases: Set<JobPhase>, _ id: String, by client: JobClient = alice) async throws -> Job {
        var job = try await job(id, for: client)
        while !phases.contains(job.phase) {
            if job.phase.isFinal { throw Unreached(phase: job.phase, message: job.lifecycle.fault?.message) }
            job = try await wait(for: id, seconds: 20, phase: job.phase, by: client)
        }
        return job
    }

    struct Unreached: Error {
        var phase: JobPhase
        var message: String?
    }
}

/// Looks until it holds.
func eventually(_ what: String, _ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !holds() {
        if ContinuousClock.now > end { throw InVain(what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

struct InVain: Error {
    var what: String
}
