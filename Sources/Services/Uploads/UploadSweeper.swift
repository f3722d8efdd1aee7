import Executors
package import Logging
import Postgres

/// Says to all server processes that this one lives, and drops the uploaded tables of those that do not.
package final class UploadSweeper: Sendable {
    private let keeper: Keeper

    package init(desk: UploadDesk, databaseURL: String, logger: Logger = Logger(label: "almagest.uploads")) {
        keeper = Keeper(desk: desk, uri: databaseURL, logger: logger)
    }

    /// Holds this process's lock; before the first table comes in.
    package func start() async {
        await keeper.turn()
    }

    /// Runs until the task is cancelled.
    package func run(every interval: Duration = .seconds(10)) async {
        while !Task.isCancelled {
            await keeper.turn()
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }
}

/// The one connection that holds the lock; it blocks on a thread of its own.
private actor Keeper {
    private let desk: UploadDesk
    private let uri: String
    private let logger: Logger
    private var session: PostgresSession?
    private let thread = ThreadExecutor(name: "upload-sweeper")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(desk: UploadDesk, uri: String, logger: Logger) {
        self.desk = desk
        self.uri = uri
        self.logger = logger
    }

    func turn() {
        do {
            let dropped = try desk.sweep(on: try held())
            if dropped > 0 { logger.notice("dropped uploaded tables of processes that ended", metadata: ["tables": "\(dropped)"]) }
        } catch {
            // The lock goes with the connection; the next turn makes both anew.
            if session?.isIdle != true { session = nil }
            logger.warning("uploaded tables can't be swept", metadata: ["error": "\(error)"])
        }
    }

    private func held() throws -> PostgresSession {
        if let session, session.isIdle { return session }
        let fresh = try PostgresSession(
            uri: uri, applicationName: "almagest-upload-sweeper", settings: ["lock_timeout": "5000", "statement_timeout": "60000"])
        try fresh.query("SELECT pg_advisory_lock_shared($1, $2)", [.int(UploadDesk.lockClass), .int(Int64(desk.process))])
        session = fresh
        return fresh
    }
}
