import Logging
import Postgres
import TAPSchema

/// How connections to PostgreSQL are set up on which queries of users run: they read only, one statement at a time, what is published and nothing
/// else; and PostgreSQL itself ends what runs too long.
struct QueryConnections {
    private let uri: String
    private let isReader: Bool

    /// - Parameter isReader: whether queries can run under the role that may read what is published and nothing else.
    init(_ settings: Settings, isReader: Bool) {
        uri = settings.databaseURL
        self.isReader = isReader
    }

    /// For the results of queries now: a fifth of the connections is for small ones.
    ///
    /// PostgreSQL's own clock counts the time of slow readers too, so it gets the limit of the whole, and a minute more: it ends what a server leaves behind.
    func results(connections: Int, timeLimit: Duration, transferLimit: Duration) -> CopyPool {
        let limits = CopyPool.Limits(
            connections: connections, reserve: (connections + 4) / 5, timeLimit: timeLimit, transferLimit: max(timeLimit, transferLimit))
        return CopyPool(
            uri: uri, limits: limits, applicationName: "almagest-tap",
            settings: session(timeLimit: max(timeLimit, transferLimit) + .seconds(60)))
    }

    /// For the results of jobs, which nobody waits for.
    func jobResults(connections: Int, timeLimit: Duration) -> CopyPool {
        CopyPool(
            uri: uri, limits: .init(connections: connections), applicationName: "almagest-job", settings: session(timeLimit: timeLimit))
    }

    /// For EXPLAIN. To plan a query takes milliseconds; one that takes seconds is let go.
    var planner: PostgresPool {
        PostgresPool(uri: uri, connections: 2, applicationName: "almagest-plan", settings: session(timeLimit: .seconds(5)))
    }

    private func session(timeLimit: Duration) -> [String: String] {
        var settings = [
            "default_transaction_read_only": "on", "statement_timeout": String(timeLimit.components.seconds * 1000), "jit": "off",
            // PostgreSQL ends, too, what a killed server has left behind.
            "client_connection_check_interval": "1000", "standard_conforming_strings": "on", "TimeZone": "UTC", "extra_float_digits": "1",
            // Archives lie in memory or on disks without heads; PostgreSQL's 4 makes it read a large table whole to look ten thousand rows up.
            "random_page_cost": "1.1",
        ]
        if isReader { settings["role"] = ReaderRole.name }
        return settings
    }
}
