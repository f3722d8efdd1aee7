import Foundation
package import Logging
import NIOCore
import Postgres
import Synchronization
import TableInput
import TableModel
import TableReaders

/// Takes the tables that requests bring, gives each a relation that only its query can reach, and drops it afterwards (TAP 1.1 §2.5).
///
/// Tables are read as their bytes arrive and go straight into the database; memory does not grow with them.
package final class UploadDesk: Sendable {
    package let limits: UploadLimits
    let pool: PostgresPool
    /// Drops never wait for a table that is on its way in.
    let housekeeping: PostgresPool
    private let fetcher: TableFetcher
    let reader: String?
    private let logger: Logger
    /// This process among all that serve the archive.
    let process = Int32.random(in: 1...Int32.max)

    /// Tables that are read or wait for a connection, and how many may be.
    private let loads = Mutex(0)
    private let mostLoads: Int
    /// Relations whose drop has failed; the sweeper tries again.
    private let undropped = Mutex<Set<String>>([])
    /// Processes whose lock was free at every turn since.
    private let suspects = Mutex<[Int64: ContinuousClock.Instant]>([:])
    /// A living process that has lost its connection takes its lock again sooner.
    private static let deathWatch = Duration.seconds(15)
    /// So many may wait for each connection.
    private static let queuePerConnection = 4

    /// - Parameters:
    ///   - connections: tables that are read at the same time.
    ///   - reader: the role of queries; nil where they run as the archive's own user.
    ///   - openHosts: hosts that tables are read from although they lie in a private network.
    package init(
        databaseURL: String, connections: Int = 8, limits: UploadLimits = UploadLimits(), reader: String?, openHosts: [String] = [],
        agent: String = "Almagest", logger: Logger = Logger(label: "almagest.uploads")
    ) {
        self.limits = limits
        self.reader = reader
        self.logger = logger
        mostLoads = connections * (1 + Self.queuePerConnection)
        let settings = ["synchronous_commit": "off", "statement_timeout": "0", "TimeZone": "UTC", "jit": "off"]
        pool = PostgresPool(uri: databaseURL, connections: connections, applicationName: "almagest-upload", settings: settings)
        housekeeping = PostgresPool(
            uri: databaseURL, connections: 2, applicationName: "almagest-upload-drop",
            settings: settings.merging(["lock_timeout": "10000", "statement_timeout": "60000"]) { $1 })
        fetcher = TableFetcher(policy: AddressPolicy(openHosts: openHosts), time: limits.fetchTime, stall: limits.stall, agent: agent)
    }

    // MARK: - Taking tables in

    /// What a request brings shares one budget of bytes.
    package func newRequest() -> UploadRequest {
        UploadRequest(desk: self, budget: ByteBudget(limit: limits.bytes), unpacked: ByteBudget(limit: limits.bytes))
    }

    /// Loads what comes through the pipe.
    ///
    /// - Throws: ``UploadError`` where too many wait already.
    func load(_ pipe: BytePipe, unpacked: ByteBudget, isLasting: Bool) async throws -> UploadedTable {
        let isTaken = loads.withLock { loads in
            guard loads < mostLoads else { return false }
            loads += 1
            return true
        }
        guard isTaken else { throw UploadError.tooManyWait }
        defer { loads.withLock { $0 -= 1 } }
        return try await pool.withSession { [limits, reader, process] session in
            let sqlName = Self.freshName()
            return try session.transaction {
                let loader = TableLoader(session: session, sqlName: sqlName, isLogged: isLasting, limits: limits)
                let positions: [PositionIndex]
                do {
                    try TableReader.read(
                        pipe, into: loader, limits: InputLimits(columns: limits.columns),
                        unpacked: { LimitedSource($0, budget: unpacked) })
                    try loader.finish()
                    positions = try loader.prepare(reader: reader)
                } catch {
                    loader.abort()
                    throw (error as? PostgresError).map(UploadError.database) ?? error
                }
                try session.query(
                    "INSERT INTO almagest.uploads (table_name, process) VALUES ($1, $2)",
                    [.text(sqlName), isLasting ? .null : .int(Int64(process))])
                return UploadedTable(
                    name: "", sqlName: sqlName, description: loader.table.description, columns: loader.table.columns, positions: positions,
                    rows: loader.rows)
            }
        }
    }

    func fetch(_ address: String, into intake: UploadIntake) async {
        await fetcher.fetch(address, into: intake)
    }

    // MARK: - Letting them go

    /// Drops tables; the next ``sweep(on:now:)`` tries again where that fails. Those that are kept stay.
    package func drop(_ tables: [UploadedTable]) async {
        guard !tables.isEmpty else { return }
        let names = tables.map(\.sqlName)
        var kept = Set(names)
        do {
            let left = try await housekeeping.withSession { session in
                let kept = try session.query(
                    "SELECT table_name FROM almagest.uploads WHERE table_name = ANY ($1) AND kept_until > now()", [.textArray(names)])
                let spared = Set((0..<kept.count).compactMap { kept.string($0, 0) })
                return try Self.drop(names.filter { !spared.contains($0) }, on: session)
            }
            kept = Set(left.keys)
            if let error = left.values.first { throw error }
        } catch {
            undropped.withLock { [kept] in $0.formUnion(kept) }
            logger.warning("uploaded tables are left for the sweeper", metadata: ["tables": "\(tables.count)", "error": "\(error)"])
        }
    }

    /// Tables of two requests for one query.
    ///
    /// - Throws: ``UploadError`` for two of one name, and for too many.
    package func joined(_ first: [UploadedTable], _ second: [UploadedTable]) throws(UploadError) -> [UploadedTable] {
        for table in second where first.contains(where: { $0.name.lowercased() == table.name.lowercased() }) { throw .twice(table.name) }
        guard first.count + second.count <= limits.tables else { throw .tooManyTables(limit: limits.tables) }
        return first + second
    }

    /// Keeps tables for as long as the value is kept, then drops them.
    package func lease(_ tables: [UploadedTable]) -> UploadLease {
        UploadLease(tables: tables, desk: self)
    }

    /// Drops what no living process and no job has any use for, and what could not be dropped before.
    ///
    /// - Returns: how many tables.
    func sweep(on session: PostgresSession, now: ContinuousClock.Instant = .now) throws -> Int {
        var orphans = Array(undropped.withLock { $0 })
        for owner in try deadProcesses(on: session, now: now) {
            let tables = try session.query("SELECT table_name FROM almagest.uploads WHERE process = $1", [.int(owner)])
            orphans += (0..<tables.count).compactMap { tables.string($0, 0) }
        }
        orphans += try Self.superfluous(limit: limits.kept, on: session)
        let left = try Self.drop(orphans, on: session)
        undropped.withLock { $0.subtract(Set(orphans).subtracting(left.keys)) }
        if let error = left.values.first { logger.warning("uploaded tables can't be dropped yet", metadata: ["error": "\(error)"]) }
        return orphans.count - left.count
    }

    /// Owners of tables whose lock is free, and was at each turn for a while: one that has lost its connection may live.
    private func deadProcesses(on session: PostgresSession, now: ContinuousClock.Instant) throws -> [Int64] {
        let owners = try session.query(
            "SELECT DISTINCT process FROM almagest.uploads WHERE process <> $1 AND created_at < now() - interval '10 seconds'",
            [.int(Int64(process))])
        var free: [Int64] = []
        for row in 0..<owners.count {
            guard let owner = owners.int(row, 0) else { continue }
            // Whoever lives holds this lock.
            guard try session.query("SELECT pg_try_advisory_lock($1, $2)", [.int(Self.lockClass), .int(owner)]).bool(0, 0) == true else {
                continue
            }
            try session.query("SELECT pg_advisory_unlock($1, $2)", [.int(Self.lockClass), .int(owner)])
            free.append(owner)
        }
        return suspects.withLock { suspects in
            suspects = Dictionary(uniqueKeysWithValues: free.map { ($0, suspects[$0] ?? now) })
            return free.filter { owner in suspects[owner].map { now - $0 > Self.deathWatch } ?? false }
        }
    }

    /// The first half of the locks that say that a process lives ("UPLD" in ASCII).
    static let lockClass: Int64 = 0x5550_4C44

    /// Drops one by one, so that a table in use holds up no other.
    ///
    /// - Returns: those that can't be dropped, and why.
    /// - Throws: when the connection is lost.
    private static func drop(_ names: [String], on session: PostgresSession) throws(PostgresError) -> [String: PostgresError] {
        var left: [String: PostgresError] = [:]
        // The names are this room's own; what was kept in writing is looked at again.
        for name in names where Identifier.isRegular(name) {
            do throws(PostgresError) {
                try session.execute("DROP TABLE IF EXISTS \(UploadedTable.sqlSchema).\(name)")
                try session.query("DELETE FROM almagest.uploads WHERE table_name = $1", [.text(name)])
            } catch {
                guard session.isIdle, !error.isConnectionFailure else { throw error }
                left[name] = error
            }
        }
        return left
    }
}

/// Uploaded tables that go when nobody holds this any more: when the result has been sent, or the client has gone.
package final class UploadLease: Sendable {
    package let tables: [UploadedTable]
    private let desk: UploadDesk

    init(tables: [UploadedTable], desk: UploadDesk) {
        self.tables = tables
        self.desk = desk
    }

    deinit {
        guard !tables.isEmpty else { return }
        Task { [desk, tables] in await desk.drop(tables) }
    }
}
