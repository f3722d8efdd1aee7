import Formats
package import Jobs
import Postgres

/// A query as a job (TAP 1.1 §2.2.2): the same way as a query now, with the limits of its own service, into a file.
package struct QueryJob: JobWork {
    /// Nothing is kept with a query besides its parameters.
    package struct Payload: Codable, Sendable {}

    private let queries: QueryService

    /// - Parameter queries: with the limits that hold for jobs.
    package init(queries: QueryService) {
        self.queries = queries
    }

    /// A job may be created with any parameters; they are checked when it runs (TAP 1.1 §2.3).
    package func prepare(_ parameters: [JobParameter], kept: Payload?, brought: Payload?) async throws -> Payload? {
        brought ?? kept
    }

    package func perform(_ parameters: [JobParameter], _ payload: Payload?, into output: JobOutput) async throws -> JobSummary {
        do {
            let request = try QueryRequest(Parameters(parameters.map { ($0.name, $0.value) }))
            let running = try await queries.run(request)
            output.report(rows: 0, limit: running.rowLimit)
            let ending = try await running.stream { bytes in
                output.report(rows: running.rowsWritten, limit: running.rowLimit)
                try await output.write(bytes)
            }
            if let failure = ending.failure { throw failure }
            return JobSummary(
                mediaType: running.mediaType, fileName: "result.\(request.format.fileExtension)", overflow: ending.overflow)
        } catch let error as TAPError {
            throw Self.translated(error)
        }
    }

    package func discard(_ payload: Payload) async {}

    /// What is the query's own fault ends the job; what may go well in a minute is tried again.
    private static func translated(_ error: TAPError) -> any Error {
        switch error.kind {
        case .usage, .tooSlow: JobFault(error.message)
        case .internalFault: JobFault(error.message)
        case .busy: JobLoss(reason: reasons[error.code] ?? "the database was too busy")
        }
    }

    private static let reasons = [
        "database-away": "the connection to the database was lost or refused",
        "resources": "the database ran out of memory or disk",
    ]
}
