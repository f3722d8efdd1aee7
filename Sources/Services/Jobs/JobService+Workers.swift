import Logging
import Postgres
import Synchronization

/// The workers of this process.
extension JobService {
    /// Takes jobs from the queue and executes them until the task is cancelled; then what runs is stopped and goes back into the queue.
    ///
    /// Beside that it takes over the jobs of processes that have died, and clears away jobs past their destruction time and result files
    /// that nobody needs.
    package func run() async {
        notices.start(uri: settings.databaseURI, logger: logger) { [weak self] in self?.hear($0) }
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in await keepHouse() }
            let workers = Workers(settings.workers)
            while !Task.isCancelled {
                if workers.take() {
                    if let (claim, job) = await claim() {
                        group.addTask { [self] in
                            await execute(claim, job)
                            workers.give()
                            workBell.ring()
                        }
                        continue
                    }
                    workers.give()
                }
                // Notices come at once; the time is for those that were lost.
                await workBell.wait(upTo: .seconds(2))
            }
        }
        notices.stop()
    }

    private func claim() async -> (JobStore.Claim, Job)? {
        guard let server = notices.server else { return nil }
        do {
            return try await onDatabase { [store, settings] session in
                try store.claim(server: server, mostPerClient: settings.mostPerClient, on: session)
            }
        } catch {
            note(error, "no job can be taken from the queue")
            return nil
        }
    }

    private func hear(_ notice: JobNotices.Notice?) {
        guard let notice else {
            workBell.ring()
            houseBell.ring()
            return
        }
        switch notice.phase {
        case .queued: workBell.ring()
        case .aborted, nil: running.stop(job: notice.job, .gone)
        default: break
        }
    }

    // MARK: - One execution

    /// How often a running job looks whether it still counts, and tells how far it is.
    private var pulse: Duration { .milliseconds(400) }

    private func execute(_ claim: JobStore.Claim, _ job: Job) async {
        let draft: ResultDraft
        do {
            draft = try await files.draft(job: claim.id, attempt: claim.attempt)
        } catch {
            note(error, "no result can be written")
            await settle(claim) { $0.fail(attempt: claim.attempt, .disk) }
            return
        }
        let task = Task { [self] in
            try await work.perform(job.parameters, try payload(of: job.payload), into: JobOutput(draft))
        }
        running.add(claim) { task.cancel() }
        defer { running.remove(claim) }
        let watching = Task { [self] in await watch(claim, draft) }
        let outcome = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            running.stop(claim, .shutdown)
        }
        watching.cancel()
        let reason = running.reason(of: claim)
        switch outcome {
        case .success(let summary) where reason != .gone: await complete(claim, summary, draft)
        case .success: await draft.discard()
        case .failure(let error):
            await draft.discard()
            await tell(of: error, reason, claim, losses: job.lifecycle.losses)
        }
    }

    private func complete(_ claim: JobStore.Claim, _ summary: JobSummary, _ draft: ResultDraft) async {
        let file: (size: Int, checksum: String)
        do {
            file = try await draft.finish()
        } catch {
            await draft.discard()
            await settle(claim) { $0.fail(attempt: claim.attempt, error) }
            return
        }
        let result = Job.Result(summary: summary, size: file.size, checksum: file.checksum)
        let isCompleted = await settle(claim, result: result, progress: draft.progress) {
            $0.complete(attempt: claim.attempt)
        }
        // While that is unknown the file stays: a sweep looks again.
        if isCompleted == false { await draft.discard() }
    }

    /// Writes down why an execution came to no result.
    private func tell(of error: any Error, _ reason: RunningJobs.Reason?, _ claim: JobStore.Claim, losses: Int) async {
        let attempt = claim.attempt
        switch reason {
        case .gone: return
        case .tookTooLong(let seconds): await settle(claim) { $0.stop(attempt: attempt, .tookTooLong(seconds: seconds)) }
        case .shutdown: await settle(claim) { $0.release(attempt: attempt) }
        case nil:
            switch error {
            case let fault as JobFault: await settle(claim) { $0.fail(attempt: attempt, fault) }
            case let loss as JobLoss:
                logger.info("a job is to run again", metadata: ["job": "\(claim.id)", "reason": "\(loss.reason)"])
                // What was away needs a moment.
                try? await Task.sleep(for: .milliseconds(500 * (losses + 1)))
                await settle(claim) { [limit = settings.lossLimit] in $0.lose(attempt: attempt, reason: loss.reason, limit: limit) }
            default:
                logger.error("a job failed", metadata: ["job": "\(claim.id)", "error": "\(error)"])
                await settle(claim) { $0.fail(attempt: attempt, .internalFault) }
            }
        }
    }

    /// Changes the job as its execution ends. A database that is away is waited for: the job's result depends on it.
    ///
    /// - Parameter change: false when the execution does not count any more.
    /// - Returns: whether the job is COMPLETED by this execution, also when an earlier try was heard and only its answer was lost; nil when
    ///   the process ends before the database answers.
    @discardableResult
    private func settle(
        _ claim: JobStore.Claim, result: Job.Result? = nil, progress: JobProgress? = nil,
        _ change: @escaping @Sendable (inout JobLifecycle) -> Bool
    ) async -> Bool? {
        while true {
            do {
                let job = try await onDatabase { [store] session in
                    try store.change(claim.id, on: session) { job in
                        guard change(&job.lifecycle) else { return nil }
                        if let result { job.result = result }
                        if let progress { job.progress = progress }
                        return .nothing
                    }
                }
                return job.map { $0.phase == .completed && $0.lifecycle.attempt == claim.attempt } ?? false
            } catch {
                note(error, "the end of a job can't be written down yet")
                do { try await Task.sleep(for: .milliseconds(300)) } catch { return nil }
            }
        }
    }

    /// Tells how far an execution is, and stops it when it does not count any more or its time is over.
    private func watch(_ claim: JobStore.Claim, _ draft: ResultDraft) async {
        let start = ContinuousClock.now
        var pause = pulse
        while true {
            do { try await Task.sleep(for: pause) } catch { return }
            let progress = draft.progress
            do {
                let pulse = try await onDatabase { [store] in try store.beat(claim, progress, on: $0) }
                guard let pulse else { return running.stop(claim, .gone) }
                let limit = Duration.seconds(pulse.executionDuration)
                let rest = limit - (ContinuousClock.now - start)
                if limit > .zero, rest <= .zero { return running.stop(claim, .tookTooLong(seconds: pulse.executionDuration)) }
                pause = limit > .zero ? min(self.pulse, rest) : self.pulse
            } catch {
                // The work itself notices when the database is away.
                pause = pulse
            }
        }
    }

    // MARK: - Housekeeping

    private func keepHouse() async {
        var lastSweep: ContinuousClock.Instant?
        var absentSince: [Int: ContinuousClock.Instant] = [:]
        while !Task.isCancelled {
            if let server = notices.server {
                do {
                    // Before the look at the database, so that what begins meanwhile is not taken for forgotten.
                    let here = running.ids
                    try await onDatabase { [store] in try store.takeBack(server: server, but: here, on: $0) }
                    if notices.maySeeWhoLives {
                        let absent = try await onDatabase { [store] in try store.absentees(but: server, on: $0) }
                        absentSince = absentSince.filter { absent.contains($0.key) }
                        for process in absent where absentSince[process] == nil { absentSince[process] = .now }
                        // One whose connection was cut is back within a second.
                        let dead = Set(absentSince.filter { ContinuousClock.now - $0.value > .seconds(3) }.keys)
                        let found = try await onDatabase { [store, limit = settings.lossLimit] in
                            try store.takeOver(of: dead, lossLimit: limit, on: $0)
                        }
                        if !found.isEmpty {
                            // What it had begun to write is nobody's now.
                            lastSweep = nil
                            logger.notice("took over jobs of a process that has ended", metadata: ["jobs": "\(found.count)"])
                        }
                    }
                    await clear(try await onDatabase { [store] in try store.removeExpired(on: $0) })
                    if lastSweep.map({ ContinuousClock.now - $0 > .seconds(600) }) ?? true {
                        try await sweep()
                        lastSweep = .now
                    }
                } catch {
                    note(error, "jobs can't be looked after")
                }
            }
            await houseBell.wait(upTo: .seconds(2))
        }
    }

    /// Removes the result files that no job needs.
    private func sweep() async throws {
        let archive = try await onDatabase { [store] in try store.archive(on: $0) }
        guard await files.belong(to: archive) else {
            return logger.error(
                "the folder of results is another archive's; nothing is cleared away in it", metadata: ["folder": "\(settings.folder)"])
        }
        var rest = await files.names()[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            await files.remove(try await onDatabase { [store] in try store.orphans(among: some, on: $0) })
        }
    }

    /// A database that is away is told once by ``JobNotices``.
    private func note(_ error: any Error, _ what: String) {
        if (error as? PostgresError)?.isConnectionFailure == true { return }
        logger.warning("\(what)", metadata: ["error": "\((error as? PostgresError)?.message ?? "\(error)")"])
    }
}

/// How many workers are free.
private final class Workers: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func give() {
        free.withLock { $0 += 1 }
    }
}
