import Foundation
import Postgres

/// The jobs of one kind in PostgreSQL: reading them, and changing them under their lock.
///
/// All functions block, on the thread of the session that they are given.
struct JobStore: Sendable {
    /// Which ``JobWork`` the jobs are for.
    let kind: String

    /// A queue that is longer is not counted to its end for a document.
    static let countedPosition = 1000

    /// What a request gives a new job.
    struct Draft: Sendable {
        var id: String
        var client: JobClient
        var runID: String?
        var parameters: [JobParameter]
        var payload: String?
        var lifecycle: JobLifecycle
        /// Whether it gets a place in the queue at once.
        var isQueued: Bool
        var executionDuration: Int
        /// UTC without a zone; nil for the usual time.
        var destruction: String?
        var retention: Int
        var longestRetention: Int
    }

    // MARK: - Making and reading

    func create(_ draft: Draft, on session: PostgresSession) throws {
        try session.query(
            """
            INSERT INTO almagest.jobs (job_id, kind, client, owner, run_id, parameters, payload, phase, turn, execution_duration, destruction)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9::boolean THEN almagest.next_turn($2, $3) END, $10::integer,
                CASE WHEN $11::text IS NULL THEN now() + make_interval(secs => $12::float8)
                ELSE least($11::timestamp AT TIME ZONE 'UTC', now() + make_interval(secs => $13::float8)) END)
            """,
            [
                .text(draft.id), .text(kind), .text(draft.client.name), .optional(draft.client.owner), .optional(draft.runID),
                .text(try Self.json(draft.parameters)), .optional(draft.payload), .text(draft.lifecycle.phase.rawValue),
                .bool(draft.isQueued), .int(Int64(draft.executionDuration)), .optional(draft.destruction), .int(Int64(draft.retention)),
                .int(Int64(draft.longestRetention)),
            ])
        // The trigger tells of changes, not of beginnings.
        if draft.isQueued {
            try session.query("SELECT pg_notify($1, $2)", [.text(JobNotices.channel), .text("\(kind) \(draft.id) QUEUED")])
        }
    }

    /// One that has reached its destruction time is gone, even before it is cleared away.
    func find(_ id: String, on session: PostgresSession) throws -> Job? {
        // A name with NUL would be cut short on its way and find another job.
        guard !id.utf8.contains(0) else { return nil }
        let rows = try session.query(
            "SELECT \(Self.columns) FROM almagest.jobs j WHERE job_id = $1 AND kind = $2 AND destruction > now()", [.text(id), .text(kind)])
        return rows.count == 1 ? try Self.job(rows, 0) : nil
    }

    func list(of client: JobClient, _ filter: JobFilter, on session: PostgresSession) throws -> [JobReference] {
        let phases = filter.phases.isEmpty ? JobPhase.allCases.filter { $0 != .archived } : filter.phases
        let rows = try session.query(
            """
            SELECT job_id, phase, run_id, owner, \(Self.iso("created_at")) FROM almagest.jobs
            WHERE kind = $1 AND client = $2 AND owner IS NOT DISTINCT FROM $3 AND phase = ANY ($4) AND destruction > now()
                AND ($5::text IS NULL OR created_at > $5::timestamp AT TIME ZONE 'UTC')
            ORDER BY seq DESC LIMIT $6::bigint
            """,
            [
                .text(kind), .text(client.name), .optional(client.owner), .textArray(phases.map(\.rawValue)), .optional(filter.after),
                .optional(filter.last),
            ])
        return (0..<rows.count).compactMap { row in
            guard let id = rows.string(row, 0), let phase = rows.string(row, 1).flatMap(JobPhase.init), let creation = rows.string(row, 4)
            else { return nil }
            return JobReference(id: id, phase: phase, runID: rows.string(row, 2), owner: rows.string(row, 3), creation: creation)
        }
    }

    // MARK: - Changing

    /// Reads a job under its lock, lets `body` change it, and writes it back, in one transaction.
    ///
    /// - Parameter body: says what is left to do; nil for no change at all.
    /// - Returns: the job as it is now; nil when there is none.
    @discardableResult
    func change(_ id: String, on session: PostgresSession, _ body: (inout Job) throws -> JobLifecycle.Action?) throws -> Job? {
        try session.transaction { try changeInTransaction(id, on: session, body) }
    }

    /// The same, inside the caller's transaction.
    func changeInTransaction(
        _ id: String, on session: PostgresSession, _ body: (inout Job) throws -> JobLifecycle.Action?
    ) throws -> Job? {
        let rows = try session.query(
            "SELECT \(Self.columns) FROM almagest.jobs j WHERE job_id = $1 AND kind = $2 AND destruction > now() FOR UPDATE",
            [.text(id), .text(kind)])
        guard rows.count == 1 else { return nil }
        var job = try Self.job(rows, 0)
        guard let action = try body(&job) else { return job }
        try write(job, action, on: session)
        return job
    }

    private func write(_ job: Job, _ action: JobLifecycle.Action, on session: PostgresSession) throws {
        let life = job.lifecycle
        try session.query(
            """
            UPDATE almagest.jobs SET phase = $2, attempt = $3::integer, losses = $4::integer, message = $5, message_transient = $6::boolean,
                server = $7::integer, run_id = $8, parameters = $9, payload = $10,
                turn = CASE WHEN $11::boolean THEN almagest.next_turn(kind, client) ELSE turn END,
                started_at = CASE WHEN $2 = 'EXECUTING' AND phase <> 'EXECUTING' THEN clock_timestamp() WHEN $2 IN ('PENDING', 'QUEUED') THEN NULL ELSE started_at END,
                ended_at = CASE WHEN $2 IN ('COMPLETED', 'ERROR', 'ABORTED') THEN coalesce(ended_at, clock_timestamp()) END,
                rows = $12::bigint, bytes = $13::bigint, media_type = $14, file_name = $15, checksum = $16, overflow = $17,
                execution_duration = $18::integer, row_limit = $19::bigint
            WHERE job_id = $1
            """,
            [
                .text(job.id), .text(life.phase.rawValue), .int(Int64(life.attempt)), .int(Int64(life.losses)),
                .optional(life.fault?.message), life.fault.map { .bool($0.isTransient) } ?? .null,
                .optional(job.server), .optional(job.runID), .text(try Self.json(job.parameters)),
                .optional(job.payload), .bool(action == .enqueue), .int(Int64(job.progress.rows)),
                .int(Int64(job.progress.bytes)), .optional(job.result?.summary.mediaType), .optional(job.result?.summary.fileName),
                .optional(job.result?.checksum),
                .optional(job.result?.summary.overflow), .int(Int64(job.executionDuration)),
                .optional(job.progress.rowLimit),
            ])
    }

    /// Sets the destruction time, clipped to the longest time that jobs are kept.
    func setDestruction(_ id: String, _ moment: String, longest: Int, on session: PostgresSession) throws {
        try session.query(
            """
            UPDATE almagest.jobs SET destruction = least($2::timestamp AT TIME ZONE 'UTC', created_at + make_interval(secs => $3::float8))
            WHERE job_id = $1
            """, [.text(id), .text(moment), .int(Int64(longest))])
    }

    /// What is left of a job that is gone.
    struct Remains: Sendable {
        var id: String
        var attempts: Int
        var payload: String?

        /// - Parameter rows: of `RETURNING job_id, attempt, payload`.
        static func all(_ rows: PostgresResult) -> [Self] {
            (0..<rows.count).compactMap { row in
                rows.string(row, 0).map { Self(id: $0, attempts: Int(rows.int(row, 1) ?? 0), payload: rows.string(row, 2)) }
            }
        }
    }

    func delete(_ id: String, on session: PostgresSession) throws -> [Remains] {
        Remains.all(
            try session.query(
                "DELETE FROM almagest.jobs WHERE job_id = $1 AND kind = $2 RETURNING job_id, attempt, payload", [.text(id), .text(kind)]))
    }

    // MARK: - Rows

    /// A moment in SQL as UWS wants it.
    private static func iso(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    }

    private static let columns = """
        j.job_id, j.client, j.owner, j.run_id, j.parameters, j.payload, j.phase, j.attempt, j.losses, j.message, j.message_transient, j.server, \
        \(iso("j.created_at")), \(iso("j.started_at")), \(iso("j.ended_at")), \(iso("j.destruction")), \
        CASE WHEN j.phase = 'EXECUTING' AND j.execution_duration > 0 \
        THEN \(iso("(j.started_at + make_interval(secs => j.execution_duration))")) END, \
        j.execution_duration, j.rows, j.bytes, j.media_type, j.file_name, j.checksum, j.overflow, j.row_limit, \
        CASE WHEN j.phase = 'QUEUED' THEN (SELECT count(*) FROM (SELECT FROM almagest.jobs q WHERE q.phase = 'QUEUED' AND q.kind = j.kind \
        AND (q.turn, q.seq) < (j.turn, j.seq) LIMIT \(countedPosition + 1)) waiting) END
        """

    private static func job(_ rows: PostgresResult, _ row: Int) throws -> Job {
        guard let id = rows.string(row, 0), let client = rows.string(row, 1), let parameters = rows.string(row, 4),
            let phase = rows.string(row, 6).flatMap(JobPhase.init), let creation = rows.string(row, 12),
            let destruction = rows.string(row, 15)
        else { throw JobFault.internalFault }
        func number(_ column: Int) -> Int { rows.int(row, column).map(Int.init) ?? 0 }
        let fault = rows.string(row, 9).map { JobFault($0, isTransient: rows.bool(row, 10) ?? false) }
        var result: Job.Result?
        if phase == .completed, let mediaType = rows.string(row, 20), let fileName = rows.string(row, 21),
            let checksum = rows.string(row, 22)
        {
            result = Job.Result(
                summary: JobSummary(mediaType: mediaType, fileName: fileName, overflow: rows.string(row, 23)), size: number(19),
                checksum: checksum)
        }
        return Job(
            id: id, client: JobClient(name: client, owner: rows.string(row, 2)), runID: rows.string(row, 3),
            parameters: try JSONDecoder().decode([JobParameter].self, from: Data(parameters.utf8)), payload: rows.string(row, 5),
            lifecycle: JobLifecycle(phase: phase, attempt: number(7), losses: number(8), fault: fault),
            server: rows.int(row, 11).map(Int.init),
            times: Job.Times(
                creation: creation, start: rows.string(row, 13), end: rows.string(row, 14), destruction: destruction,
                quote: rows.string(row, 16)),
            executionDuration: number(17),
            progress: JobProgress(rows: number(18), bytes: number(19), rowLimit: rows.int(row, 24).map(Int.init)), result: result,
            ahead: rows.int(row, 25).map(Int.init))
    }

    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}

extension PostgresValue {
    static func optional(_ number: Int?) -> Self {
        number.map { .int(Int64($0)) } ?? .null
    }

    static func optional(_ text: String?) -> Self {
        text.map { .text($0) } ?? .null
    }
}
