import Formats
package import Jobs
import Postgres
package import Uploads

/// A query as a job (TAP 1.1 §2.2.2): the same way as a query now, with the limits of its own service, into a file.
package struct QueryJob: JobWork {
    /// The tables that came with the job's parameters; they are kept as long as the job.
    package struct Payload: Codable, Sendable {
        package var uploads: [UploadedTable]

        package init(uploads: [UploadedTable]) {
            self.uploads = uploads
        }
    }

    private let queries: QueryService
    private let uploads: UploadDesk

    /// - Parameter queries: with the limits that hold for jobs.
    package init(queries: QueryService, uploads: UploadDesk) {
        self.queries = queries
        self.uploads = uploads
    }

    /// A job may be created with any parameters; they are checked when it runs (TAP 1.1 §2.3).
    package func prepare(_ parameters: [JobParameter], kept: Payload?, brought: Payload?) async throws -> Payload? {
        guard let kept, let brought else { return brought ?? kept }
        return Payload(uploads: try uploads.joined(kept.uploads, brought.uploads))
    }

    package func perform(_ parameters: [JobParameter], _ payload: Payload?, into output: JobOutput) async throws -> JobSummary {
        do {
            var request = try QueryRequest(Parameters(parameters.map { ($0.name, $0.value) }))
            request.uploads = payload?.uploads ?? []
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

    package func discard(_ payload: Payload) async {
        await uploads.drop(payload.uploads)
    }

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
