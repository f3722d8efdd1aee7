import Synchronization

/// Whether the client of a connection has hung up, for whoever works for it.
final class HangUp: Sendable {
    /// That of the connection whose request is being answered.
    @TaskLocal static var current: HangUp?

    /// Where the connection's requests are answered.
    let executor: LoopExecutor
    private let state = Mutex(State())

    init(on executor: LoopExecutor) {
        self.executor = executor
    }

    private struct State {
        var hasHappened = false
        var next = 0
        var watchers: [Int: @Sendable () -> Void] = [:]
    }

    /// Ends when it is let go.
    final class Watch: Sendable {
        private let hangUp: HangUp
        private let number: Int

        fileprivate init(_ hangUp: HangUp, _ number: Int) {
            self.hangUp = hangUp
            self.number = number
        }

        deinit {
            hangUp.state.withLock { _ = $0.watchers.removeValue(forKey: number) }
        }
    }

    /// Calls `action` once when the client hangs up; at once when it has.
    ///
    /// - Returns: what to keep for as long as it shall be called.
    func watch(_ action: @escaping @Sendable () -> Void) -> Watch {
        let number = state.withLock { state -> Int? in
            guard !state.hasHappened else { return nil }
            state.next += 1
            state.watchers[state.next] = action
            return state.next
        }
        if number == nil { action() }
        return Watch(self, number ?? 0)
    }

    func happen() {
        let watchers = state.withLock { state in
            state.hasHappened = true
            defer { state.watchers = [:] }
            return Array(state.watchers.values)
        }
        for action in watchers { action() }
    }
}

/// Does work that a client may not live to see: when it hangs up, the work is cancelled.
///
/// - Parameter executor: where it is done; nil for the threads that all tasks share.
func untilHangUp<Value: Sendable>(
    on executor: LoopExecutor? = nil, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let task = Task(executorPreference: executor, operation: work)
    let watch = HangUp.current?.watch { task.cancel() }
    defer { withExtendedLifetime(watch) {} }
    return try await withTaskCancellationHandler {
        try await task.value
    } onCancel: {
        task.cancel()
    }
}
