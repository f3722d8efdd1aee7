import Hummingbird

extension Request {
    /// Waits for work that a client may not live to see: when it hangs up, the work is cancelled.
    ///
    /// Watching a connection costs it its next request, so work that is done in a moment goes unwatched.
    func awaiting<Value: Sendable>(
        unwatchedFor patience: Duration = .milliseconds(100), _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (moments, signal) = AsyncStream<Bool>.makeStream()
        let task = Task {
            defer { signal.yield(true) }
            return try await work()
        }
        let timer = Task {
            try await Task.sleep(for: patience)
            signal.yield(false)
        }
        return try await withTaskCancellationHandler {
            let isDone = await moments.first { _ in true } ?? true
            timer.cancel()
            if isDone { return try await task.value }
            return try await body.consumeWithInboundCloseHandler { _ in
                try await task.value
            } onInboundClosed: {
                task.cancel()
            }
        } onCancel: {
            task.cancel()
        }
    }
}
