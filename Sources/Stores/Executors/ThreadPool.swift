import Foundation

/// A fixed number of threads that take work in the order of its coming: the place for C calls that block.
///
/// The cooperative pool must never wait on C, so each room that does owns such a pool. As a `TaskExecutor`
/// it also runs whole tasks: `withTaskExecutorPreference(pool) { … }`.
package final class ThreadPool: TaskExecutor, Sendable {
    private let queue: WorkQueue

    package init(threads: Int, name: String) {
        let queue = WorkQueue()
        self.queue = queue
        for number in 0..<threads {
            let thread = Thread { queue.work() }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    deinit {
        queue.close()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        queue.add { job.runSynchronously(on: executor) }
    }

    /// Runs `work` on one of the threads and suspends until it is done.
    package func run<Result: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Swift.Result<Result, Failure>, Never>) in
            queue.add { continuation.resume(returning: Swift.Result(catching: work)) }
        }
        return try outcome.get()
    }
}

/// One thread as an actor's executor: the actor's code may block without holding up anybody else.
package final class ThreadExecutor: SerialExecutor, Sendable {
    private let queue: WorkQueue

    package init(name: String) {
        let queue = WorkQueue()
        self.queue = queue
        let thread = Thread { queue.work() }
        thread.name = name
        thread.start()
    }

    deinit {
        queue.close()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.add { job.runSynchronously(on: executor) }
    }
}
