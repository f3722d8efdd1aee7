/// A job's phases and what leads from one to the next: pure, so that it is tested without a database.
///
/// Whoever changes a job reads this under the row's lock, calls one of the functions, and writes it back. Each execution has a number; a
/// process that was taken for dead and reports later names an old one, and is not heard.
package struct JobLifecycle: Hashable, Sendable {
    package private(set) var phase: JobPhase
    /// The number of the present or the last execution; 0 before the first.
    package private(set) var attempt: Int
    /// Executions that ended before their time by no fault of the job's own.
    package private(set) var losses: Int
    /// Why it did not complete.
    package private(set) var fault: JobFault?

    package init(phase: JobPhase = .pending, attempt: Int = 0, losses: Int = 0, fault: JobFault? = nil) {
        self.phase = phase
        self.attempt = attempt
        self.losses = losses
        self.fault = fault
    }

    /// What is left to do once the new phase is written.
    package enum Action: Hashable, Sendable {
        case nothing
        /// Give it a place in the queue.
        case enqueue
    }

    // MARK: - What clients ask for

    /// PHASE=RUN. Asked for again while the job waits or runs, it changes nothing.
    ///
    /// - Throws: ``JobsError`` when the job has ended.
    package mutating func run() throws(JobsError) -> Action {
        switch phase {
        case .pending, .held:
            phase = .queued
            return .enqueue
        case .queued, .executing, .suspended: return .nothing
        case .completed, .error, .aborted, .archived: throw .wrongPhase("RUN", phase)
        }
    }

    /// PHASE=ABORT.
    ///
    /// - Throws: ``JobsError`` when the job has come to another end.
    package mutating func abort() throws(JobsError) {
        switch phase {
        case .pending, .queued, .executing, .held, .suspended:
            phase = .aborted
            fault = .abortedByClient
        case .aborted: break
        case .completed, .error, .archived: throw .wrongPhase("ABORT", phase)
        }
    }

    // MARK: - What a worker does

    /// A worker takes it; false when it is not there to be taken.
    package mutating func start() -> Bool {
        guard phase == .queued else { return false }
        phase = .executing
        attempt += 1
        fault = nil
        return true
    }

    /// The result is on disk, whole; false when the execution no longer counts, and its result must go.
    package mutating func complete(attempt: Int) -> Bool {
        guard isPresent(attempt) else { return false }
        phase = .completed
        return true
    }

    /// The work failed, and would fail again.
    package mutating func fail(attempt: Int, _ fault: JobFault) -> Bool {
        guard isPresent(attempt) else { return false }
        phase = .error
        self.fault = fault
        return true
    }

    /// One of the job's own limits ends it (UWS 1.1 §2.2.1: as if it was aborted).
    package mutating func stop(attempt: Int, _ fault: JobFault) -> Bool {
        guard isPresent(attempt) else { return false }
        phase = .aborted
        self.fault = fault
        return true
    }

    /// The execution ended by no fault of the job's own: it is run again, but not for ever.
    ///
    /// - Parameter limit: losses after which the job ends in ERROR with the reason of the last one.
    package mutating func lose(attempt: Int, reason: String, limit: Int) -> Bool {
        guard isPresent(attempt) else { return false }
        losses += 1
        if losses >= limit {
            phase = .error
            fault = .lost(times: losses, reason: reason)
        } else {
            phase = .queued
        }
        return true
    }

    /// The process ends in good order and leaves the job to the next one.
    package mutating func release(attempt: Int) -> Bool {
        guard isPresent(attempt) else { return false }
        phase = .queued
        return true
    }

    private func isPresent(_ attempt: Int) -> Bool {
        phase == .executing && attempt == self.attempt
    }
}

/// Why a job did not complete, in words for its client.
package struct JobFault: Error, Hashable, Sendable {
    package var message: String
    /// Whether the same job may complete later (UWS 1.1 §2.1.9: transient or fatal).
    package var isTransient: Bool

    package init(_ message: String, isTransient: Bool = false) {
        self.message = message
        self.isTransient = isTransient
    }

    static let abortedByClient = JobFault("the job was aborted at the client's request")

    static func lost(times: Int, reason: String) -> JobFault {
        JobFault("the job was begun \(times) times and could not be finished; the last time because \(reason)", isTransient: true)
    }

    static func tookTooLong(seconds: Int) -> JobFault {
        JobFault(
            "the job was stopped after \(seconds) seconds, its execution duration; set a longer one before it runs, or narrow it down")
    }

    static let disk = JobFault("the result could not be written to the service's disk; try again later", isTransient: true)

    static let internalFault = JobFault("the service failed at this job; that is a fault of the service, and it has been noted")
}
