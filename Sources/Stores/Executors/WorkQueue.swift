import Foundation

/// Work that waits for a thread.
// @unchecked: all state is guarded by `condition`.
final class WorkQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    /// Index of the next item in `waiting`: taking from the front stays constant time.
    private var next = 0
    private var closed = false

    func add(_ work: @escaping @Sendable () -> Void) {
        condition.lock()
        waiting.append(work)
        condition.signal()
        condition.unlock()
    }

    /// The threads leave once what waits is done.
    func close() {
        condition.lock()
        closed = true
        condition.broadcast()
        condition.unlock()
    }

    /// What each thread does all its life.
    func work() {
        while let item = take() { item() }
    }

    private func take() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        while next == waiting.count {
            if closed { return nil }
            condition.wait()
        }
        let item = waiting[next]
        next += 1
        if next == waiting.count {
            waiting.removeAll(keepingCapacity: waiting.capacity < 1024)
            next = 0
        } else if next > 1024, next * 2 > waiting.count {
            waiting.removeFirst(next)
            next = 0
        }
        return item
    }
}
