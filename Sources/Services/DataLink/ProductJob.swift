package import CutMerge
package import Jobs
import Postgres
import Synchronization
package import TableModel
package import Uploads

/// Cut & Merge as a job: the same product as at once, with a limit of its own, into a file of the job's.
package struct ProductJob: JobWork {
    /// The rows, written down when the job is created: a selection may be forgotten and a query give others before it runs.
    package struct Payload: Codable, Sendable {
        /// Of the columns table tag, key, and what was named instead and is no row.
        var rows: UploadedTable
        /// The query whose result they are from.
        var query: String?

        /// Rows asked for, found or not.
        package var count: Int { rows.rows }
    }

    private let cutMerge: CutMergeService
    private let uploads: UploadDesk
    private let objectLimit: Int

    /// - Parameter objectLimit: objects that a job may cut.
    package init(cutMerge: CutMergeService, uploads: UploadDesk, objectLimit: Int) {
        self.cutMerge = cutMerge
        self.uploads = uploads
        self.objectLimit = objectLimit
    }

    /// Writes rows down for a job.
    package static func payload(
        rows: [RowIdentifier], unreadable: [String], query: String?, uploads: UploadDesk
    ) async throws -> Payload {
        let columns = [Column("table_tag", .bigint), Column("row_key", .bigint), Column("unreadable", .varchar(nil))]
        let table = try await uploads.make(
            "rows", columns: columns,
            of: [
                .init(
                    "SELECT t, k, NULL FROM unnest($1::bigint[], $2::bigint[]) AS rows (t, k)",
                    [.intArray(rows.map { Int64($0.tag.rawValue) }), .intArray(rows.map(\.key))]),
                .init("SELECT NULL, NULL, unnest($1::text[])", [.textArray(unreadable)]),
            ], isLasting: true)
        return Payload(rows: table, query: query)
    }

    /// New rows take the place of those that the job had, which no job names then and a sweep finds.
    package func prepare(_ parameters: [JobParameter], kept: Payload?, brought: Payload?) async throws -> Payload? {
        brought ?? kept
    }

    package func perform(_ parameters: [JobParameter], _ payload: Payload?, into output: JobOutput) async throws -> JobSummary {
        guard let payload else { throw JobFault("no row was asked for; name a selection or the ids of rows") }
        do {
            let named = try await uploads.read(payload.rows, limit: payload.rows.rows) { rows, row -> Named? in
                if let tag = rows.int(row, 0), let key = rows.int(row, 1) {
                    return .row(RowIdentifier(tag: TableTag(rawValue: UInt32(truncatingIfNeeded: tag)), key: key))
                }
                return rows.string(row, 2).map { .unreadable($0) }
            }
            // Of a product that is there already nothing is reported.
            let total = Atomic(payload.count)
            let product = try await cutMerge.product(
                of: named.compactMap { if case .row(let row) = $0 { row } else { nil } },
                unreadable: named.compactMap { if case .unreadable(let text) = $0 { text } else { nil } },
                query: payload.query, with: Self.relations(parameters), atMost: objectLimit,
                progress: {
                    total.store($0.total, ordering: .relaxed)
                    output.report(rows: $0.done, limit: $0.total)
                })
            output.report(rows: total.load(ordering: .relaxed), limit: total.load(ordering: .relaxed))
            try await output.write(fileAt: product.path)
            return JobSummary(mediaType: LinkAddresses.productType, fileName: product.name)
        } catch let error as CutMergeError {
            throw Self.translated(error)
        } catch let error as PostgresError where error.isConnectionFailure {
            throw JobLoss(reason: "the connection to the database was lost or refused")
        }
    }

    private enum Named: Sendable {
        case row(RowIdentifier)
        case unreadable(String)
    }

    package func discard(_ payload: Payload) async {
        await uploads.drop([payload.rows])
    }

    private static func relations(_ parameters: [JobParameter]) -> Set<String> {
        Set(parameters.filter { $0.name.uppercased() == "WITH" }.flatMap { $0.value.split { $0 == "," || $0 == " " }.map(String.init) })
    }

    /// What lies in the rows asked for ends the job; what may go well in a minute is tried again.
    private static func translated(_ error: CutMergeError) -> any Error {
        switch error.code {
        case .noWorker, .busy, .cancelled: JobLoss(reason: error.message)
        case .notWritten: JobFault(error.description, isTransient: true)
        default: JobFault(error.description)
        }
    }
}
