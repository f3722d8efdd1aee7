import Synchronization

/// The executions of this process, and why any of them is to stop.
final class RunningJobs: Sendable {
    enum Reason: Hashable, Sendable {
        /// The job is aborted, destroyed, or another process's now: nothing is left to tell.
        case gone
        /// Its execution duration of so many seconds is over.
        case tookTooLong(seconds: Int)
        /// The process is to end.
        case shutdown
    }

    private struct Entry {
        var cancel: @Sendable () -> Void
        var reason: Reason?
    }

    /// A job that was lost and came back may have two for a moment.
    private let entries = Mutex<[JobStore.Claim: Entry]>([:])

    func add(_ claim: JobStore.Claim, cancel: @escaping @Sendable () -> Void) {
        entries.withLock { $0[claim] = Entry(cancel: cancel) }
    }

    /// Stops an execution. The first reason counts.
    func stop(_ claim: JobStore.Claim, _ reason: Reason) {
        let cancel = entries.withLock { entries -> (@Sendable () -> Void)? in
            guard let entry = entries[claim], entry.reason == nil else { return nil }
            entries[claim]?.reason = reason
            return entry.cancel
        }
        cancel?()
    }

    /// Stops whatever executes the job here.
    func stop(job id: String, _ reason: Reason) {
        for claim in entries.withLock({ $0.keys.filter { $0.id == id } }) { stop(claim, reason) }
    }

    /// Why an execution was stopped, if it was.
    func reason(of claim: JobStore.Claim) -> Reason? {
        entries.withLock { $0[claim]?.reason }
    }

    /// Once nothing is left to tell of it.
    func remove(_ claim: JobStore.Claim) {
        entries.withLock { _ = $0.removeValue(forKey: claim) }
    }

    /// The jobs that are executed here.
    var ids: Set<String> { entries.withLock { Set($0.keys.map(\.id)) } }
}
