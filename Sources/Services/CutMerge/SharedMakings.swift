import Synchronization

/// What is being made, once for all who ask for it at the same time.
///
/// It goes on as long as anybody waits for it, and is cancelled when the last one has gone.
final class SharedMakings<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    typealias Report = @Sendable (CutProgress) -> Void

    private struct Waiter {
        var continuation: CheckedContinuation<Value, any Error>
        var report: Report
    }

    private struct Making {
        var number: Int
        var waiters: [Int: Waiter] = [:]
        var task: Task<Void, Never>?
        var progress: CutProgress?
        let isCancelled = Flag()
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    private struct State {
        var next = 0
        var makings: [Key: Making] = [:]

        mutating func number() -> Int {
            next += 1
            return next
        }
    }

    private let state = Mutex(State())

    /// Waits for the value of a key, which `make` makes unless that is under way.
    ///
    /// - Throws: what `make` throws; CancellationError as soon as the caller is cancelled.
    func value(
        for key: Key, report: @escaping Report, make: @escaping @Sendable (CutControl) async throws -> Value
    ) async throws -> Value {
        let number = state.withLock { $0.number() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                join(key, number, Waiter(continuation: continuation, report: report), make)
                if Task.isCancelled { leave(key, number) }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    private func join(_ key: Key, _ number: Int, _ waiter: Waiter, _ make: @escaping @Sendable (CutControl) async throws -> Value) {
        let (begun, progress) = state.withLock { state -> (Making?, CutProgress?) in
            if state.makings[key] != nil {
                state.makings[key]?.waiters[number] = waiter
                return (nil, state.makings[key]?.progress)
            }
            let making = Making(number: state.number(), waiters: [number: waiter])
            state.makings[key] = making
            return (making, nil)
        }
        if let progress { waiter.report(progress) }
        guard let begun else { return }
        let flag = begun.isCancelled
        let control = CutControl(
            report: { [weak self] in self?.report($0, key, begun.number) }, isCancelled: { flag.value.load(ordering: .relaxed) })
        let task = Task.detached { [self] in
            do { end(key, begun.number, .success(try await make(control))) } catch { end(key, begun.number, .failure(error)) }
        }
        let isKept = state.withLock { state in
            guard state.makings[key]?.number == begun.number else { return false }
            state.makings[key]?.task = task
            return true
        }
        // Over already, or nobody waits any more.
        if !isKept { task.cancel() }
    }

    private func leave(_ key: Key, _ number: Int) {
        let (waiter, abandoned) = state.withLock { state -> (Waiter?, Making?) in
            let waiter = state.makings[key]?.waiters.removeValue(forKey: number)
            guard waiter != nil, let making = state.makings[key], making.waiters.isEmpty else { return (waiter, nil) }
            state.makings[key] = nil
            return (waiter, making)
        }
        abandoned?.isCancelled.value.store(true, ordering: .relaxed)
        abandoned?.task?.cancel()
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func report(_ progress: CutProgress, _ key: Key, _ number: Int) {
        let reports = state.withLock { state -> [Report] in
            guard state.makings[key]?.number == number else { return [] }
            state.makings[key]?.progress = progress
            return state.makings[key]?.waiters.values.map(\.report) ?? []
        }
        for report in reports { report(progress) }
    }

    private func end(_ key: Key, _ number: Int, _ result: Result<Value, any Error>) {
        let making = state.withLock { state -> Making? in
            guard state.makings[key]?.number == number else { return nil }
            return state.makings.removeValue(forKey: key)
        }
        for waiter in (making?.waiters ?? [:]).values { waiter.continuation.resume(with: result) }
    }
}
