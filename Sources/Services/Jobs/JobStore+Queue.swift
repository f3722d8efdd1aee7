import Postgres

/// What workers ask the queue.
extension JobStore {
    /// An execution that a process has begun.
    struct Claim: Hashable, Sendable {
        var id: String
        var attempt: Int
        /// The process's number.
        var server: Int
    }

    /// Takes the next job: clients take turns, and one may hold so many of a process's workers.
    ///
    /// - Returns: the job, EXECUTING; nil when none waits.
    func claim(server: Int, mostPerClient: Int, on session: PostgresSession) throws -> (Claim, Job)? {
        try session.transaction {
            let next = try session.query(
                "SELECT almagest.next_job($1, $2::integer, $3::integer)", [.text(kind), .int(Int64(server)), .int(Int64(mostPerClient))])
            guard let id = next.string(0, 0) else { return nil }
            let job = try changeInTransaction(id, on: session) { job in
                guard job.lifecycle.start() else { return nil }
                job.server = server
                job.progress = JobProgress()
                return .nothing
            }
            guard let job, job.phase == .executing, job.server == server else { return nil }
            return (Claim(id: id, attempt: job.lifecycle.attempt, server: server), job)
        }
    }

    /// What a running execution must know from time to time.
    struct Pulse: Sendable {
        var executionDuration: Int
    }

    /// Notes how far an execution is.
    ///
    /// - Returns: nil when it does not count any more: the job was aborted, destroyed, or taken over.
    func beat(_ claim: Claim, _ progress: JobProgress, on session: PostgresSession) throws -> Pulse? {
        let updated = try session.query(
            """
            UPDATE almagest.jobs SET rows = $4::bigint, bytes = $5::bigint, row_limit = $6::bigint
            WHERE job_id = $1 AND attempt = $2::integer AND server = $3::integer AND phase = 'EXECUTING' AND destruction > now()
            RETURNING execution_duration
            """,
            [
                .text(claim.id), .int(Int64(claim.attempt)), .int(Int64(claim.server)), .int(Int64(progress.rows)),
                .int(Int64(progress.bytes)), .optional(progress.rowLimit),
            ])
        return updated.count == 1 ? Pulse(executionDuration: Int(updated.int(0, 0) ?? 0)) : nil
    }

    /// Puts back jobs that this process has claimed and does not execute: the answer to a claim may be lost with its connection.
    ///
    /// - Parameter here: the jobs that it executes.
    func takeBack(server: Int, but here: Set<String>, on session: PostgresSession) throws {
        let claimed = try session.query(
            """
            SELECT job_id, attempt FROM almagest.jobs
            WHERE phase = 'EXECUTING' AND kind = $1 AND server = $2::integer AND started_at < now() - interval '15 seconds'
            """, [.text(kind), .int(Int64(server))])
        for row in 0..<claimed.count {
            guard let id = claimed.string(row, 0), let attempt = claimed.int(row, 1), !here.contains(id) else { continue }
            try change(id, on: session) { $0.lifecycle.release(attempt: Int(attempt)) ? .nothing : nil }
        }
    }

    /// The processes that have jobs and hold no lock at the moment: they have died, or have just lost their connection.
    ///
    /// - Parameter own: the number of this process, which lives.
    func absentees(but own: Int, on session: PostgresSession) throws -> Set<Int> {
        let absent = try session.query(
            """
            SELECT server FROM (SELECT DISTINCT server FROM almagest.jobs WHERE phase = 'EXECUTING' AND kind = $1) AS s
            WHERE server <> $2::integer AND NOT almagest.server_lives(server)
            """, [.text(kind), .int(Int64(own))])
        return Set((0..<absent.count).compactMap { absent.int($0, 0).map { Int($0) } })
    }

    /// Takes the jobs of processes that have died back into the queue, or ends them where that has happened too often.
    ///
    /// - Returns: the jobs that it found.
    func takeOver(of dead: Set<Int>, lossLimit: Int, on session: PostgresSession) throws -> [String] {
        let orphans = try session.query(
            "SELECT job_id, attempt FROM almagest.jobs WHERE phase = 'EXECUTING' AND kind = $1 AND server::text = ANY ($2)",
            [.text(kind), .textArray(dead.map(String.init))])
        return try (0..<orphans.count).compactMap { row in
            guard let id = orphans.string(row, 0), let attempt = orphans.int(row, 1) else { return nil }
            try change(id, on: session) { job in
                job.lifecycle.lose(attempt: Int(attempt), reason: "the server process that ran it had ended", limit: lossLimit)
                    ? .nothing : nil
            }
            return id
        }
    }

    /// Removes jobs past their destruction time, some at a time.
    func removeExpired(on session: PostgresSession) throws -> [Remains] {
        Remains.all(
            try session.query(
                """
                DELETE FROM almagest.jobs WHERE job_id IN (
                    SELECT job_id FROM almagest.jobs WHERE destruction <= now() AND kind = $1 ORDER BY destruction LIMIT 500
                    FOR UPDATE SKIP LOCKED)
                RETURNING job_id, attempt, payload
                """, [.text(kind)]))
    }

    /// Tells this database's jobs from those of others.
    func archive(on session: PostgresSession) throws -> String {
        try session.query("SELECT id FROM almagest.job_store").string(0, 0) ?? ""
    }

    /// Which of these result files no job needs: those of jobs that are gone, and of executions that did not count.
    func orphans(among files: [ResultFiles.Name], on session: PostgresSession) throws -> [ResultFiles.Name] {
        var needed: [String: (attempt: Int, phase: JobPhase)] = [:]
        let rows = try session.query(
            "SELECT job_id, attempt, phase FROM almagest.jobs WHERE job_id = ANY ($1) AND phase IN ('EXECUTING', 'COMPLETED')",
            [.textArray(files.map(\.job))])
        for row in 0..<rows.count {
            guard let id = rows.string(row, 0), let attempt = rows.int(row, 1), let phase = rows.string(row, 2).flatMap(JobPhase.init)
            else { continue }
            needed[id] = (Int(attempt), phase)
        }
        return files.filter { file in
            guard let job = needed[file.job], job.attempt == file.attempt else { return true }
            return job.phase == .completed && file.isDraft
        }
    }
}
