import CPostgres
import Foundation
import Synchronization

/// One thread that watches sockets, so that a query that computes for minutes costs no thread of its own.
final class Reactor: Sendable {
    private let epoll: Int32
    /// Written to when the reactor shall end.
    private let bell: Int32
    private let waiting: Waiting

    /// Who waits for which socket, and until when at most.
    private final class Waiting: Sendable {
        let timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
        private let clock = ContinuousClock()
        private let state = Mutex(State())

        private struct State {
            var waits: [Int32: Wait] = [:]
            var alarm: ContinuousClock.Instant?
        }

        private struct Wait {
            var continuation: CheckedContinuation<Void, Never>
            var end: ContinuousClock.Instant?
        }

        func add(_ socket: Int32, until end: ContinuousClock.Instant?, _ continuation: CheckedContinuation<Void, Never>) {
            state.withLock { state in
                state.waits[socket] = Wait(continuation: continuation, end: end)
                if let end, state.alarm.map({ end < $0 }) ?? true { setAlarm(end, &state) }
            }
        }

        func wake(_ socket: Int32) {
            state.withLock { $0.waits.removeValue(forKey: socket) }?.continuation.resume()
        }

        /// Wakes those whose time is over.
        func ring() {
            var rings: UInt64 = 0
            _ = read(timer, &rings, MemoryLayout<UInt64>.size)
            let late = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                let now = clock.now
                let late = state.waits.filter { $0.value.end.map { $0 <= now } ?? false }
                for socket in late.keys { state.waits[socket] = nil }
                state.alarm = nil
                if let next = state.waits.values.compactMap(\.end).min() { setAlarm(next, &state) }
                return late.values.map(\.continuation)
            }
            for continuation in late { continuation.resume() }
        }

        private func setAlarm(_ end: ContinuousClock.Instant, _ state: inout State) {
            state.alarm = end
            let (seconds, attoseconds) = max(.microseconds(1), end - clock.now).components
            var time = itimerspec()
            time.it_value = timespec(tv_sec: Int(seconds), tv_nsec: min(999_999_999, Int(attoseconds / 1_000_000_000) + 1))
            timerfd_settime(timer, 0, &time, nil)
        }
    }

    init() {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        let bell = eventfd(0, Int32(EFD_CLOEXEC))
        let waiting = Waiting()
        self.epoll = epoll
        self.bell = bell
        self.waiting = waiting
        _ = epoll_arm(epoll, EPOLL_CTL_ADD, bell)
        _ = epoll_arm(epoll, EPOLL_CTL_ADD, waiting.timer)
        let thread = Thread { Self.watch(epoll: epoll, bell: bell, waiting: waiting) }
        thread.name = "postgres-reactor"
        thread.start()
    }

    deinit {
        eventfd_write(bell, 1)
    }

    /// Suspends until the socket can be read, has failed, is woken, the time is over, or the task is cancelled; the caller looks which.
    ///
    /// - Parameters:
    ///   - end: nil to wait for any time.
    ///   - isOver: whether there is nothing to wait for any more; ``wake(_:)`` comes after it has become true.
    func readable(_ socket: Int32, until end: ContinuousClock.Instant? = nil, unless isOver: () -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.add(socket, until: end, continuation)
                if epoll_arm(epoll, EPOLL_CTL_MOD, socket) != 0, epoll_arm(epoll, EPOLL_CTL_ADD, socket) != 0 {
                    waiting.wake(socket)
                }
                // What came before the continuation was in its place found nobody to wake.
                if Task.isCancelled || isOver() { waiting.wake(socket) }
            }
        } onCancel: {
            waiting.wake(socket)
        }
    }

    /// Ends the wait for a socket, where there is one.
    func wake(_ socket: Int32) {
        waiting.wake(socket)
    }

    private static func watch(epoll: Int32, bell: Int32, waiting: Waiting) {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll, &events, Int32(events.count), -1)
            guard count >= 0 || errno == EINTR else { break }
            for event in events.prefix(max(0, Int(count))) {
                if event.data.fd == bell {
                    close(bell)
                    close(waiting.timer)
                    close(epoll)
                    return
                }
                if event.data.fd == waiting.timer {
                    waiting.ring()
                    _ = epoll_arm(epoll, EPOLL_CTL_MOD, waiting.timer)
                    continue
                }
                waiting.wake(event.data.fd)
            }
        }
    }
}
