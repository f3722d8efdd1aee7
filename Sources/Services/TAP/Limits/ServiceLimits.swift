package import Foundation
package import Jobs
package import Uploads

/// What the service allows in each way of asking, as `/tap/limits` tells it for programs.
///
/// TAPRegExt 1.0 has one number for both ways and none for concurrency or cost. The values are those that are enforced.
package struct ServiceLimits: Encodable, Sendable {
    /// Of one way of asking.
    package struct Mode: Encodable, Sendable {
        /// Seconds that a query may run: what it gets, and the most that it can ask for.
        package var executionDuration: Bounds
        /// Rows of a result: without MAXREC, and with it.
        package var outputLimit: Bounds
        /// Seconds that a job is kept; absent where nothing is.
        package var retentionPeriod: Bounds?
        /// What the planner may expect a query to cost; absent where it may be anything.
        package var cost: Double?
        /// Queries of one client that are answered at the same time; absent where it may be any number.
        package var concurrentQueries: Int?

        package init(
            executionDuration: Bounds, outputLimit: Bounds, retentionPeriod: Bounds? = nil, cost: Double? = nil,
            concurrentQueries: Int? = nil
        ) {
            self.executionDuration = executionDuration
            self.outputLimit = outputLimit
            self.retentionPeriod = retentionPeriod
            self.cost = cost
            self.concurrentQueries = concurrentQueries
        }
    }

    /// As in TAPRegExt: what holds where the client says nothing, and what it cannot go beyond.
    package struct Bounds: Encodable, Sendable {
        package var `default`: Int
        package var hard: Int

        package init(_ usual: Int, hard: Int) {
            self.default = usual
            self.hard = hard
        }

        fileprivate init(_ settings: QueryService.Settings) {
            self.init(settings.defaultMAXREC, hard: settings.hardMAXREC)
        }
    }

    /// Of the tables that a request brings.
    package struct Upload: Encodable, Sendable {
        /// Of one table.
        package var rows: Int
        package var columns: Int
        /// Of one request.
        package var tables: Int
        package var bytes: Int
    }

    package var sync: Mode
    /// The same for both ways.
    package var upload: Upload
    /// Absent where there are no jobs.
    package var async: Mode?

    /// - Parameters:
    ///   - concurrentQueries: of one client.
    ///   - jobs: what holds for jobs, and for the queries in them.
    package init(
        _ settings: QueryService.Settings, concurrentQueries: Int?, jobs: (JobSettings, QueryService.Settings)?, uploads: UploadLimits
    ) {
        upload = Upload(rows: uploads.rows, columns: uploads.columns, tables: uploads.tables, bytes: uploads.bytes)
        let seconds = Int(settings.timeLimit.components.seconds)
        sync = Mode(
            executionDuration: Bounds(seconds, hard: seconds), outputLimit: Bounds(settings), cost: settings.syncCostLimit,
            concurrentQueries: concurrentQueries)
        async = jobs.map { jobs, queries in
            Mode(
                executionDuration: Bounds(jobs.executionDuration, hard: jobs.longestExecutionDuration), outputLimit: Bounds(queries),
                retentionPeriod: Bounds(jobs.retention, hard: jobs.longestRetention))
        }
    }

    package var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Whole numbers and finite ones always encode.
        return (try? encoder.encode(self)) ?? Data()
    }
}
