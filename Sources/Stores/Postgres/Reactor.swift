import CPostgres
import Foundation
import Synchronization

/// One thread that watches sockets, so that a query that computes for minutes costs no thread of its own.
final class Reactor: Sendable {
    private let epoll: Int32
    /// Written to when the reactor shall end.
    private let bell: Int32
    private let waiting: Waiting

    private final class Waiting: Sendable {
        let continuations = Mutex<[Int32: CheckedContinuation<Void, Never>]>([:])

        func wake(_ socket: Int32) {
            continuations.withLock { $0.removeValue(forKey: socket) }?.resume()
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
        let thread = Thread { Self.watch(epoll: epoll, bell: bell, waiting: waiting) }
        thread.name = "postgres-reactor"
        thread.start()
    }

    deinit {
        eventfd_write(bell, 1)
    }

    /// Suspends until the socket can be read, has failed, is woken, or the task is cancelled; the caller looks which.
    ///
    /// - Parameter isOver: whether there is nothing to wait for any more; ``wake(_:)`` comes after it has become true.
    func readable(_ socket: Int32, unless isOver: () -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.continuations.withLock { $0[socket] = continuation }
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
                    close(epoll)
                    return
                }
                waiting.wake(event.data.fd)
            }
        }
    }
}
