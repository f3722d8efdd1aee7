import Logging
import Postgres
import Synchronization

/// What this process hears of jobs, its own and other processes', and the number under which it lives.
///
/// One connection does both: it listens, and holds an advisory lock on the process's number. However the process ends, PostgreSQL ends
/// the session and frees the lock; that is how the others see that it has died.
final class JobNotices: Sendable {
    static let channel = "almagest_jobs"
    /// Class of the locks on numbers, as in the function almagest.server_lives.
    private static let lockClass = 1_097_624_390

    /// What was told about a job.
    struct Notice: Hashable, Sendable {
        var job: String
        /// nil when the job is gone.
        var phase: JobPhase?
    }

    private struct State {
        /// The process's number while its lock is held.
        var server: Int?
        /// The number that it had last, and takes again when it can.
        var former: Int?
        var waiting: [String: [Doorbell]] = [:]
        var isLost = false
        var isStopped = false
        /// When the connection came back after it was lost.
        var isBackSince: ContinuousClock.Instant?
    }

    private let kind: String
    private let state: Mutex<State>
    private let listener = Mutex<PostgresListener?>(nil)
    private let hear: Mutex<(@Sendable (Notice?) -> Void)?>

    init(kind: String) {
        self.kind = kind
        state = Mutex(State())
        hear = Mutex(nil)
    }

    /// This process's number; nil while nobody would see that it lives, so that it takes no work.
    var server: Int? { state.withLock { $0.server } }

    /// Connects, and stays connected until ``stop()``.
    ///
    /// - Parameter hear: called for each notice, and with nil after each connection: anything may have happened before.
    func start(uri: String, logger: Logger, hear: @escaping @Sendable (Notice?) -> Void) {
        self.hear.withLock { $0 = hear }
        let listener = PostgresListener(
            uri: uri, applicationName: "almagest-jobs", channel: Self.channel,
            opened: { [weak self] session in try self?.takeNumber(session) },
            heard: { [weak self] event in self?.handle(event, logger: logger) })
        self.listener.withLock { $0 = listener }
    }

    /// The process is to end: nobody is to wait any more.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Lets go of the connection, and so of the number, and wakes all who wait.
    func stop() {
        let bells = state.withLock { state in
            state.server = nil
            state.isStopped = true
            return state.waiting.values.flatMap(\.self)
        }
        for bell in bells { bell.ring() }
        listener.withLock { listener in
            listener?.stop()
            listener = nil
        }
    }

    /// Whether this process may judge that others have died. After a restart of PostgreSQL they need a moment to take their numbers again.
    var maySeeWhoLives: Bool {
        state.withLock { state in
            state.server != nil && (state.isBackSince.map { ContinuousClock.now - $0 > .seconds(3) } ?? true)
        }
    }

    /// A bell that rings at each notice about a job, until it is given back.
    func bell(for job: String) -> Doorbell {
        let bell = Doorbell()
        state.withLock { $0.waiting[job, default: []].append(bell) }
        return bell
    }

    func remove(_ bell: Doorbell, of job: String) {
        state.withLock { state in
            state.waiting[job]?.removeAll { $0 === bell }
            if state.waiting[job]?.isEmpty == true { state.waiting[job] = nil }
        }
    }

    // MARK: - On the listener's thread

    private func takeNumber(_ session: PostgresSession) throws {
        let former = state.withLock { $0.former }
        var number = former
        if let former, try !Self.lock(former, session) {
            // PostgreSQL has not noticed yet that the old connection is gone.
            number = nil
        }
        while number == nil {
            let next = Int(try session.query("SELECT nextval('almagest.job_servers')").int(0, 0) ?? 0)
            if try Self.lock(next, session) { number = next }
        }
        state.withLock { [number] state in
            state.server = number
            state.former = number
        }
        try session.query("SELECT set_config('application_name', $1, false)", [.text("almagest-jobs-\(number ?? 0)")])
    }

    private static func lock(_ number: Int, _ session: PostgresSession) throws -> Bool {
        try session.query("SELECT pg_try_advisory_lock($1::integer, $2::integer)", [.int(Int64(lockClass)), .int(Int64(number))])
            .bool(0, 0) ?? false
    }

    private func handle(_ event: PostgresListener.Event, logger: Logger) {
        switch event {
        case .connected:
            let wasLost = state.withLock { state in
                defer { state.isLost = false }
                if state.isLost { state.isBackSince = .now }
                return state.isLost
            }
            let number = server ?? 0
            if wasLost {
                logger.notice("jobs go on: the database is back", metadata: ["number": "\(number)"])
            } else {
                logger.info("this process takes jobs", metadata: ["number": "\(number)"])
            }
            for bell in state.withLock({ $0.waiting.values.flatMap(\.self) }) { bell.ring() }
            hear.withLock { $0 }?(nil)
        case .lost(let error):
            let isNew = state.withLock { state in
                defer {
                    state.server = nil
                    state.isLost = true
                }
                return !state.isLost
            }
            if isNew { logger.warning("jobs wait: the database can't be reached", metadata: ["cause": "\(error.message)"]) }
        case .told(let text):
            // `tap 20260131-k3v8q2n5x7m4t6wa QUEUED`
            let words = text.split(separator: " ")
            guard words.count == 3, words[0] == kind else { return }
            let job = String(words[1])
            for bell in state.withLock({ $0.waiting[job] ?? [] }) { bell.ring() }
            hear.withLock { $0 }?(Notice(job: job, phase: JobPhase(rawValue: String(words[2]))))
        }
    }
}
