import Logging
import Postgres
import TAPSchema

/// How connections to PostgreSQL are set up on which queries of users run: they read only, one statement at a time, what is published and nothing
/// else; and PostgreSQL itself ends what runs too long.
struct QueryConnections {
    private let uri: String
    private let limits: CopyPool.Limits
    private let timeLimit: Duration
    private let jobWorkers: Int
    private let jobTimeLimit: Duration
    private let isReader: Bool

    /// - Parameter isReader: whether queries can run under the role that may read what is published and nothing else.
    init(_ settings: Settings, isReader: Bool) {
        uri = settings.databaseURL
        limits = .init(connections: settings.tapConnections)
        timeLimit = settings.tapTimeLimit
        jobWorkers = settings.jobsWorkers
        jobTimeLimit = .seconds(settings.jobsHardTimeLimit)
        self.isReader = isReader
    }

    /// For results.
    var copies: CopyPool {
        CopyPool(uri: uri, limits: limits, applicationName: "almagest-tap", settings: session(timeLimit: timeLimit))
    }

    /// For the results of jobs.
    var jobs: CopyPool {
        CopyPool(
            uri: uri, limits: .init(connections: jobWorkers), applicationName: "almagest-job", settings: session(timeLimit: jobTimeLimit))
    }

    /// For EXPLAIN. To plan a query takes milliseconds; one that takes seconds is let go.
    var planner: PostgresPool {
        PostgresPool(uri: uri, connections: 2, applicationName: "almagest-plan", settings: session(timeLimit: .seconds(5)))
    }

    private func session(timeLimit: Duration) -> [String: String] {
        var settings = [
            "default_transaction_read_only": "on", "statement_timeout": String(timeLimit.components.seconds * 1000), "jit": "off",
            "standard_conforming_strings": "on", "TimeZone": "UTC", "extra_float_digits": "1",
            // A server that was killed can't cancel its queries any more; PostgreSQL sees that nobody is there, and ends them.
            "client_connection_check_interval": "1000",
        ]
        if isReader { settings["role"] = ReaderRole.name }
        return settings
    }
}
