package import NIOCore

/// What a kind of job does: the room Jobs keeps and runs jobs, and knows nothing of what they are about.
package protocol JobWork: Sendable {
    /// What is kept with a job besides its parameters, such as tables received with the request.
    associatedtype Payload: Codable & Sendable

    /// Looks at a request that creates a job, or changes the parameters of one that is PENDING.
    ///
    /// - Parameters:
    ///   - parameters: all that the job will have.
    ///   - kept: what the job had so far.
    ///   - brought: what came with this request.
    /// - Returns: what the job is to have from now on.
    /// - Throws: what the client is to read; then nothing is changed. TAP wants parameters checked when the job runs (TAP 1.1 §2.3), so
    ///   that is the place for what can't wait.
    func prepare(_ parameters: [JobParameter], kept: Payload?, brought: Payload?) async throws -> Payload?

    /// Does the job, and writes its result.
    ///
    /// The task is cancelled when the job is aborted, destroyed or out of time; the work then ends soon and leaves nothing behind.
    /// - Throws: ``JobFault`` for what the client must read; ``JobLoss`` for what may go well at another time.
    func perform(_ parameters: [JobParameter], _ payload: Payload?, into output: JobOutput) async throws -> JobSummary

    /// The job is gone: what its payload stands for can go too. It may be called twice.
    func discard(_ payload: Payload) async
}

/// A parameter as the request gave it.
package struct JobParameter: Codable, Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a work says of the result that it wrote.
package struct JobSummary: Hashable, Sendable {
    package var mediaType: String
    /// The name under which a browser saves it: `result.vot`.
    package var fileName: String
    /// Whether the results of all jobs are called so, and need the job's id to be told apart.
    package var isNamedAlike: Bool { fileName.utf8.starts(with: "result.".utf8) }
    /// Which limit cut the result short, where one did.
    package var overflow: String?

    package init(mediaType: String, fileName: String, overflow: String? = nil) {
        self.mediaType = mediaType
        self.fileName = fileName
        self.overflow = overflow
    }
}

/// An execution that failed by no fault of the job's: it is run again.
package struct JobLoss: Error, Sendable {
    /// Ends a sentence with "because": `the database could not be reached`.
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// Where a work writes its result.
package struct JobOutput: Sendable {
    private let draft: ResultDraft

    init(_ draft: ResultDraft) {
        self.draft = draft
    }

    /// Appends to the result; suspends until the bytes are with the operating system.
    package func write(_ bytes: ByteBuffer) async throws {
        try await draft.append(bytes)
    }

    /// Appends a whole file, such as one that was made elsewhere.
    ///
    /// - Throws: ``JobLoss`` where it can't be read to its end.
    package func write(fileAt path: String) async throws {
        try await draft.append(fileAt: path)
    }

    /// Tells how many rows the result has so far, and at how many it will be cut; clients see it in the job's document.
    package func report(rows: Int, limit: Int? = nil) {
        draft.report(rows: rows, limit: limit)
    }
}
