import Synchronization

/// A bounded number of places, and a line of those who wait for one.
///
/// Who finds the line too long, or waits in it for too long, is told (``PostgresError`` with SQLSTATE 53300).
final class Turnstile: Sendable {
    private let places: Int
    private let queue: Int
    private let patience: Duration
    private let state = Mutex(State())

    // Nobody waits while a place is free: who leaves hands the place to the next in line.
    private struct State {
        var taken = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextTicket: UInt64 = 0
    }

    /// - Parameters:
    ///   - queue: how many may wait.
    ///   - patience: how long each of them waits.
    init(places: Int, queue: Int, patience: Duration) {
        self.places = places
        self.queue = queue
        self.patience = patience
    }

    /// Takes a place where one is free.
    func enterAtOnce() -> Bool {
        state.withLock { state in
            guard state.taken < places else { return false }
            state.taken += 1
            return true
        }
    }

    /// Takes a place, in turn.
    ///
    /// - Throws: ``PostgresError`` when it takes too long, `CancellationError` when the task was cancelled meanwhile.
    func enter() async throws {
        let ticket: UInt64? = try state.withLock { state throws(PostgresError) in
            if state.taken < places {
                state.taken += 1
                return nil
            }
            guard state.waiting.count < queue else { throw .budgetExhausted(connections: places) }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return }
        let timer = Task { [self] in
            try await Task.sleep(for: patience)
            giveUp(ticket)
        }
        defer { timer.cancel() }
        let isGranted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = state.withLock { state in
                    // A place may have come free since the ticket was drawn.
                    if state.taken < places {
                        state.taken += 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return false
                }
                if isTaken { continuation.resume(returning: true) } else if Task.isCancelled { giveUp(ticket) }
            }
        } onCancel: {
            giveUp(ticket)
        }
        if isGranted { return }
        if Task.isCancelled { throw CancellationError() }
        throw PostgresError.budgetExhausted(connections: places)
    }

    /// Passes a place on to the next in line.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.taken -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    private func giveUp(_ ticket: UInt64) {
        let continuation = state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(returning: false)
    }
}
