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

    private let entries = Mutex<[String: Entry]>([:])

    func add(_ id: String, cancel: @escaping @Sendable () -> Void) {
        entries.withLock { $0[id] = Entry(cancel: cancel) }
    }

    /// Stops an execution, where this process has it. The first reason counts.
    func stop(_ id: String, _ reason: Reason) {
        let cancel = entries.withLock { entries -> (@Sendable () -> Void)? in
            guard let entry = entries[id], entry.reason == nil else { return nil }
            entries[id]?.reason = reason
            return entry.cancel
        }
        cancel?()
    }

    /// - Returns: why it was stopped, if it was.
    func remove(_ id: String) -> Reason? {
        entries.withLock { $0.removeValue(forKey: id)?.reason }
    }
}
