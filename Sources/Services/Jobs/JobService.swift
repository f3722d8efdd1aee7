import Foundation
package import Logging
package import NIOCore
package import Postgres

/// The jobs of one kind: what clients may do with them (UWS 1.1 §2.2). ``run()`` is what the server does with them.
///
/// Everything about a job stands in PostgreSQL, and results lie on disk, so any number of server processes serve the same jobs.
package final class JobService<Work: JobWork>: Sendable {
    package let settings: JobSettings
    let work: Work
    let store: JobStore
    let files: ResultFiles
    let notices: JobNotices
    let database: PostgresPool
    let logger: Logger
    let running = RunningJobs()
    /// Rings when a job may wait, or a worker has become free.
    let workBell = Doorbell()
    /// Rings when there may be something to clear away.
    let houseBell = Doorbell()

    /// - Parameters:
    ///   - kind: told from other kinds of jobs in the same database by this name.
    ///   - database: connections for the jobs' own small statements.
    ///   - uri: where the connection goes that listens.
    package init(
        kind: String, settings: JobSettings, work: Work, database: PostgresPool, logger: Logger = Logger(label: "almagest.jobs")
    ) throws {
        self.settings = settings
        self.work = work
        self.database = database
        self.logger = logger
        store = JobStore(kind: kind)
        files = try ResultFiles(folder: settings.folder)
        notices = JobNotices(kind: kind)
    }

    // MARK: - Making jobs

    /// Creates a job; with PHASE=RUN among its parameters it is QUEUED at once, else PENDING.
    ///
    /// PHASE, EXECUTIONDURATION and DESTRUCTION are the job's own and no parameters of its work.
    /// - Parameter brought: what came with the request besides its parameters.
    /// - Throws: ``JobsError``, and what the work says to the request.
    package func create(_ parameters: [JobParameter], brought: Work.Payload? = nil, by client: JobClient) async throws -> Job {
        let asked = try JobRequest(parameters)
        var lifecycle = JobLifecycle()
        var isQueued = false
        if let wish = asked.phase {
            guard wish == .run else { throw JobsError.unfit("PHASE", "ABORT", "a new job can have PHASE=RUN") }
            isQueued = try lifecycle.run() == .enqueue
        }
        let payload = try await work.prepare(asked.parameters, kept: nil, brought: brought)
        let draft = JobStore.Draft(
            id: Self.newID(), client: client, runID: asked.runID, parameters: asked.parameters,
            payload: try payload.map { try JobStore.json($0) }, lifecycle: lifecycle, isQueued: isQueued,
            executionDuration: settings.clipped(duration: asked.executionDuration), destruction: asked.destruction,
            retention: settings.retention, longestRetention: settings.longestRetention)
        let made = try await onDatabase { [store] session in
            try session.transaction {
                try store.create(draft, on: session)
                return try store.find(draft.id, on: session)
            }
        }
        guard let made else { throw JobsError.unknown(draft.id) }
        return made
    }

    /// Lower-case letters and digits that are not mistaken for each other.
    private static func newID() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let day = Date().formatted(.iso8601.year().month().day().dateSeparator(.omitted))
        var random = SystemRandomNumberGenerator()
        let letters = (0..<16).map { _ in alphabet[Int(random.next(upperBound: UInt32(alphabet.count)))] }
        return day + "-" + String(decoding: letters, as: UTF8.self)
    }

    // MARK: - Reading jobs

    /// - Throws: ``JobsError`` when there is none, or it is another user's.
    package func job(_ id: String, for client: JobClient) async throws -> Job {
        let job = try await onDatabase { [store] in try store.find(id, on: $0) }
        return try Self.allowed(job, id, client)
    }

    /// The client's jobs, the newest first.
    package func list(_ filter: JobFilter, of client: JobClient) async throws -> [JobReference] {
        try await onDatabase { [store] in try store.list(of: client, filter, on: $0) }
    }

    /// The file of a COMPLETED job's result.
    package func resultPath(of job: Job) throws(JobsError) -> String {
        guard job.result != nil else { throw .noResult(job.phase) }
        return files.path(ResultFiles.Name(job: job.id, attempt: job.lifecycle.attempt))
    }

    /// Reads a COMPLETED job's result from front to back, until `sink` says false.
    package func readResult(of job: Job, to sink: (ByteBuffer) async throws -> Bool) async throws {
        try await ResultFiles.read(try resultPath(of: job), on: files.threads, sink)
    }

    /// Why a job has no result (UWS 1.1 §2.2.1, error).
    package func fault(of job: Job) throws(JobsError) -> JobFault {
        guard job.phase == .error || job.phase == .aborted, let fault = job.lifecycle.fault else { throw .noError(job.phase) }
        return fault
    }

    /// Waits until the job has another phase, at once when its phase is final (UWS 1.1 §2.2.1.1).
    ///
    /// - Parameters:
    ///   - seconds: clipped to ``JobSettings/longestWait``; negative for as long as that.
    ///   - phase: only wait while it is this one.
    /// - Throws: ``JobsError`` when the job is, or gets, unknown; `CancellationError`.
    package func wait(for id: String, seconds: Int, phase: JobPhase?, by client: JobClient) async throws -> Job {
        let longest = Duration.seconds(settings.longestWait)
        let end = ContinuousClock.now + (seconds < 0 ? longest : min(longest, .seconds(seconds)))
        // Before the first look, so that no notice falls between the two.
        let bell = notices.bell(for: id)
        defer { notices.remove(bell, of: id) }
        let first = try await job(id, for: client)
        var present = first
        while present.phase == first.phase, first.phase.isActive, phase == nil || phase == first.phase, ContinuousClock.now < end {
            // A notice may have been lost with its connection.
            await bell.wait(upTo: min(end - ContinuousClock.now, .seconds(5)))
            try Task.checkCancellation()
            if notices.isStopped { break }
            present = try await job(id, for: client)
        }
        return present
    }

    // MARK: - Changing jobs

    /// New parameters for a job that is PENDING: of a name that is given again the new value holds, but for UPLOAD, which adds up (TAP 1.1 §2.7.6).
    package func change(_ id: String, _ parameters: [JobParameter], brought: Work.Payload? = nil, by client: JobClient) async throws -> Job
    {
        let before = try await job(id, for: client)
        guard before.phase == .pending else { throw JobsError.notPending(before.phase) }
        let asked = try JobRequest(parameters)
        let merged = asked.merged(into: before.parameters)
        let payload = try await work.prepare(merged, kept: try payload(of: before.payload), brought: brought).map { try JobStore.json($0) }
        // First, since a time that is none is refused by the database: then nothing else has changed.
        if let destruction = asked.destruction { try await set(destruction: destruction, of: id) }
        let changed = try await onDatabase { [store, settings] session in
            try store.change(id, on: session) { job in
                guard job.phase == .pending else { throw JobsError.notPending(job.phase) }
                // The work has looked at what the job had then.
                guard job.parameters == before.parameters, job.payload == before.payload else { throw JobsError.changedMeanwhile }
                job.parameters = merged
                job.payload = payload
                if let runID = asked.runID { job.runID = runID }
                if let duration = asked.executionDuration { job.executionDuration = settings.clipped(duration: duration) }
                return asked.phase == .run ? try job.lifecycle.run() : .nothing
            }
        }
        if asked.phase == .abort { return try await setPhase(id, .abort, by: client) }
        return try Self.allowed(changed, id, client)
    }

    /// PHASE=RUN or PHASE=ABORT (UWS 1.1 §2.2.2.3).
    @discardableResult
    package func setPhase(_ id: String, _ wish: JobRequest.Wish, by client: JobClient) async throws -> Job {
        let changed = try await onDatabase { [store] session in
            try store.change(id, on: session) { job in
                _ = try Self.allowed(job, id, client)
                let former = job.lifecycle
                let action: JobLifecycle.Action
                switch wish {
                case .run: action = try job.lifecycle.run()
                case .abort:
                    try job.lifecycle.abort()
                    action = .nothing
                }
                return job.lifecycle == former ? nil : action
            }
        }
        if let changed, changed.phase == .aborted { running.stop(job: id, .gone) }
        return try Self.allowed(changed, id, client)
    }

    /// EXECUTIONDURATION in seconds, clipped to what the service allows; 0 for as long as that.
    package func setExecutionDuration(_ id: String, _ seconds: Int, by client: JobClient) async throws {
        let changed = try await onDatabase { [store, settings] session in
            try store.change(id, on: session) { job in
                _ = try Self.allowed(job, id, client)
                guard !job.phase.isFinal else { throw JobsError.ended("execution duration", job.phase) }
                job.executionDuration = settings.clipped(duration: seconds)
                return .nothing
            }
        }
        _ = try Self.allowed(changed, id, client)
    }

    /// DESTRUCTION, clipped to the longest time that jobs are kept.
    ///
    /// - Parameter text: as the client gave it.
    package func setDestruction(_ id: String, _ text: String, by client: JobClient) async throws {
        let moment = try Moment.utc(text, parameter: "DESTRUCTION")
        _ = try await job(id, for: client)
        try await set(destruction: moment, of: id)
    }

    private func set(destruction moment: String, of id: String) async throws {
        try await onDatabase { [store, settings] in try store.setDestruction(id, moment, longest: settings.longestRetention, on: $0) }
    }

    /// Ends the job and everything of it.
    package func delete(_ id: String, by client: JobClient) async throws {
        _ = try await job(id, for: client)
        let remains = try await onDatabase { [store] in try store.delete(id, on: $0) }
        running.stop(job: id, .gone)
        await clear(remains)
    }

    /// What a request brought for a job that did not come to be, or has no use for it.
    package func forget(_ brought: Work.Payload?) async {
        if let brought { await work.discard(brought) }
    }

    /// What is kept with a job besides its parameters.
    package func kept(with job: Job) throws -> Work.Payload? { try payload(of: job.payload) }

    // MARK: - What they share

    /// Removes what jobs that are gone have left.
    func clear(_ remains: [JobStore.Remains]) async {
        for job in remains {
            await files.remove(job: job.id, attempts: job.attempts)
            if let payload = try? payload(of: job.payload) { await work.discard(payload) }
        }
    }

    func payload(of json: String?) throws -> Work.Payload? {
        try json.map { try JSONDecoder().decode(Work.Payload.self, from: Data($0.utf8)) }
    }

    private static func allowed(_ job: Job?, _ id: String, _ client: JobClient) throws(JobsError) -> Job {
        guard let job else { throw .unknown(id) }
        guard job.client.owner == nil || job.client.owner == client.owner else { throw .forbidden }
        return job
    }

    func onDatabase<Result: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> Result) async throws -> Result {
        do {
            return try await database.withSession(body)
        } catch let error as PostgresError where error.sqlstate.hasPrefix("22007") || error.sqlstate.hasPrefix("22008") {
            throw JobsError(code: .usage, message: "there is no such moment; a time is written as in 2026-01-31T12:00:00Z")
        }
    }
}
