import Synchronization

/// Who may make a product now, and who waits.
///
/// Large products never take all places, so that a small one has not to wait for them. What is beyond the queue is refused.
final class CutQueue: Sendable {
    /// From so many objects on a product is large.
    static let large = 5000

    private let state: Mutex<CutQueueState>
    private let waiters = Mutex<[Int: CheckedContinuation<Void, any Error>]>([:])

    init(places: Int, waiting: Int) {
        state = Mutex(CutQueueState(places: places, limit: waiting))
    }

    var waiting: Int { state.withLock { $0.waitingCount } }

    /// Runs `work` when it is its turn.
    ///
    /// - Throws: ``CutMergeError`` with the code busy, CancellationError, what `work` throws.
    func run<Result: Sendable>(objects: Int, _ work: () async throws -> Result) async throws -> Result {
        let isLarge = objects >= Self.large
        switch state.withLock({ $0.enter(isLarge: isLarge) }) {
        case .run: break
        case .refuse(let waiting): throw CutMergeError.busy(waiting: waiting)
        case .wait(let number): try await wait(number)
        }
        defer { leave(isLarge: isLarge) }
        return try await work()
    }

    private func wait(_ number: Int) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiters.withLock { $0[number] = continuation }
                // It may have been called, or given up, before it stood here.
                let isCancelled = Task.isCancelled
                switch state.withLock({ $0.arrive(number, isCancelled: isCancelled) }) {
                case .called: call(number)
                case .gone: waiters.withLock { $0.removeValue(forKey: number) }?.resume(throwing: CancellationError())
                case .waiting: break
                }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private func leave(isLarge: Bool) {
        for number in state.withLock({ $0.leave(isLarge: isLarge) }) { call(number) }
    }

    private func call(_ number: Int) {
        guard let waiter = waiters.withLock({ $0.removeValue(forKey: number) }) else { return }
        state.withLock { $0.forget(number) }
        waiter.resume()
    }

    private func giveUp(_ number: Int) {
        // Who was called in the same moment goes on, and finds that it is cancelled.
        guard state.withLock({ $0.giveUp(number) }) else { return }
        waiters.withLock { $0.removeValue(forKey: number) }?.resume(throwing: CancellationError())
    }
}

/// The queue's decisions.
struct CutQueueState {
    enum Answer: Equatable {
        case run
        case wait(Int)
        /// So many wait already.
        case refuse(Int)
    }

    enum Arrival: Equatable {
        case called, waiting, gone
    }

    private let places: Int
    private let limit: Int
    private var running = 0
    private var runningLarge = 0
    private var waiting: [(number: Int, isLarge: Bool)] = []
    /// Called from the queue before they stood there to hear it.
    private var called: Set<Int> = []
    private var next = 0

    init(places: Int, limit: Int) {
        self.places = places
        self.limit = limit
    }

    var waitingCount: Int { waiting.count }

    mutating func enter(isLarge: Bool) -> Answer {
        if waiting.isEmpty || !isLarge, mayRun(isLarge) {
            begin(isLarge)
            return .run
        }
        guard waiting.count < limit else { return .refuse(waiting.count) }
        next += 1
        waiting.append((next, isLarge))
        return .wait(next)
    }

    /// - Returns: whose turn it is now.
    mutating func leave(isLarge: Bool) -> [Int] {
        running -= 1
        if isLarge { runningLarge -= 1 }
        var turns: [Int] = []
        while let index = waiting.firstIndex(where: { mayRun($0.isLarge) }) {
            let turn = waiting.remove(at: index)
            begin(turn.isLarge)
            called.insert(turn.number)
            turns.append(turn.number)
        }
        return turns
    }

    /// False when it does not wait any more.
    mutating func giveUp(_ number: Int) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.number == number }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// What has become of a number while its owner took his stand.
    mutating func arrive(_ number: Int, isCancelled: Bool) -> Arrival {
        if called.contains(number) { return .called }
        guard waiting.contains(where: { $0.number == number }) else { return .gone }
        return isCancelled && giveUp(number) ? .gone : .waiting
    }

    /// It has heard its call.
    mutating func forget(_ number: Int) {
        called.remove(number)
    }

    private func mayRun(_ isLarge: Bool) -> Bool {
        running < places && (!isLarge || runningLarge < max(1, places - 1))
    }

    private mutating func begin(_ isLarge: Bool) {
        running += 1
        if isLarge { runningLarge += 1 }
    }
}
