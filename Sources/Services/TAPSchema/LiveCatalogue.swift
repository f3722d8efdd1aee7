package import Logging
package import Postgres
import Synchronization
import TableModel

/// What is published, kept up to date while the server runs.
///
/// Reading ``current`` costs a lock and no wait. The database is asked for its generation counter every few seconds, and at once when a
/// name was not found; only another generation makes it read the whole.
package final class LiveCatalogue: Sendable {
    private struct State {
        var archive: PublishedArchive
        /// The check under way, which all who want one share.
        var check: Task<Bool, any Error>?
        var lastCheck: ContinuousClock.Instant?
    }

    private let pool: PostgresPool
    private let logger: Logger
    private let state: Mutex<State>

    /// Starts from what is known; ``PublishedArchive/empty`` where that is nothing yet.
    package init(pool: PostgresPool, starting archive: PublishedArchive = .empty, logger: Logger = Logger(label: "almagest.catalogue")) {
        self.pool = pool
        self.logger = logger
        state = Mutex(State(archive: archive))
    }

    package var current: PublishedArchive { state.withLock(\.archive) }

    /// Reads what is published if it has changed.
    ///
    /// - Returns: whether it had.
    @discardableResult
    package func refresh() async throws -> Bool {
        let check = state.withLock { state in
            if let check = state.check { return check }
            let check = Task { [self] in
                defer {
                    self.state.withLock { state in
                        state.check = nil
                        state.lastCheck = .now
                    }
                }
                return try await self.check()
            }
            state.check = check
            return check
        }
        return try await check.value
    }

    /// For a name that was not found: it may have been published a moment ago. Checks at most four times a second, however many ask.
    ///
    /// - Returns: whether it is worth looking again. Failures of the database count as no.
    /// - Parameter known: the generation in which the name was not found; nil for the one now.
    package func refreshAfterMiss(in known: Int64? = nil) async -> Bool {
        let before = known ?? current.generation
        if current.generation != before { return true }
        let isRecent = state.withLock { state in
            state.check == nil && state.lastCheck.map { ContinuousClock.now - $0 < .milliseconds(250) } ?? false
        }
        if isRecent { return false }
        _ = try? await refresh()
        return current.generation != before
    }

    /// Keeps looking until the task is cancelled. A database that is away is noted once and asked again.
    package func run(every interval: Duration = .seconds(3)) async {
        var isAway = false
        while !Task.isCancelled {
            do {
                try await refresh()
                if isAway { logger.notice("the catalogue is up to date again") }
                isAway = false
            } catch {
                if !isAway && !Task.isCancelled {
                    let internals = (error as? TAPSchemaError)?.internals ?? ""
                    logger.warning("the catalogue can't be checked", metadata: ["error": "\(error)", "internals": "\(internals)"])
                }
                isAway = true
            }
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    private func check() async throws -> Bool {
        let known = current.generation
        let fresh: PublishedArchive? = try await pool.withSession { session in
            try CatalogueReader.generation(on: session) == known ? nil : CatalogueReader.read(on: session)
        }
        guard let fresh else { return false }
        state.withLock { $0.archive = fresh }
        logger.info("read the catalogue", metadata: ["generation": "\(fresh.generation)", "tables": "\(fresh.catalogue.tables.count)"])
        for omission in fresh.omissions { logger.warning("left out of the catalogue", metadata: ["fact": "\(omission)"]) }
        return true
    }
}
