import HTTPTypes
import Hummingbird
import NIOCore

/// A connection's event loop as the place where its requests are answered.
///
/// A request that is answered where its bytes arrive costs no change of threads, which was half of what a small query cost. So nothing
/// that takes long may run here: what does, goes ``aside()``, or onto threads of its own.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Answers requests beside their connection's event loop, on the threads that all tasks share: for whatever may take more than a moment.
struct Aside: RouterMiddleware {
    typealias Context = ArchiveContext

    func handle(_ request: Request, context: ArchiveContext, next: (Request, ArchiveContext) async throws -> Response) async throws
        -> Response
    {
        try await aside { try await next(request, context) }
    }
}

/// Does work on the threads that all tasks share.
func aside<Value>(_ work: () async throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
}
