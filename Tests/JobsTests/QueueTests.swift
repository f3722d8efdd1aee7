import Foundation
import Jobs
import Postgres
import Synchronization
import Testing

@Suite("The queue")
struct QueueTests {
    let place: TestJobs

    init() throws {
        place = try TestJobs()
    }

    @Test("lets a client's first job run next to another's thousand")
    func fairness() async throws {
        let service = try place.service(workers: 1)
        try await fill(service, jobs: 1000)
        try await place.serving(service) {
            try await eventually("some have begun") { place.work.begun.withLock { $0.count } >= 20 }
            let before = place.work.begun.withLock { $0.count }
            let job = try await service.add("bob", by: bob)
            try await service.reach([.completed], job.id, by: bob)
            let position = try #require(place.work.begun.withLock { $0.firstIndex(of: "bob") })
            // What began while the request was under way does not count against it.
            #expect(position - before <= 12)
        }
        let left = try await service.list(JobFilter(phases: ["QUEUED"]), of: alice)
        #expect(left.count > 900)
    }

    @Test("gives clients their jobs in turns, each client's in their order")
    func turns() async throws {
        let service = try place.service(workers: 1)
        for client in [alice, bob] {
            for number in 1...3 { _ = try await service.add("\(client == alice ? "a" : "b")\(number)", by: client) }
        }
        let last = try await service.add("a4")
        #expect(last.ahead == 6)
        try await place.serving(service) { _ = try await service.reach([.completed], last.id) }
        #expect(place.work.begun.withLock { $0 } == ["a1", "b1", "a2", "b2", "a3", "b3", "a4"])
    }

    @Test("keeps a worker for others when one client's jobs are long")
    func keepsAWorker() async throws {
        let service = try place.service(workers: 3)
        for number in 0..<5 { _ = try await service.add("long \(number)", ("WAITS", "1")) }
        try await place.serving(service) {
            try await eventually("two run") { place.work.begun.withLock { $0.count } == 2 }
            let job = try await service.add("bob", by: bob)
            try await service.reach([.completed], job.id, by: bob)
            #expect(place.work.begun.withLock { $0 } == ["long 0", "long 1", "bob"])
        }
    }

    @Test("is shared by processes, and each job is done once")
    func shared() async throws {
        let one = try place.service(), two = try place.service(workers: 3)
        try await place.serving(one, two) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<120 {
                    group.addTask {
                        let client = number % 3 == 0 ? bob : alice
                        let job = try await (number % 2 == 0 ? one : two).add("\(number)", by: client)
                        _ = try await (number % 2 == 0 ? two : one).reach([.completed], job.id, by: client)
                    }
                }
                try await group.waitForAll()
            }
        }
        let begun = place.work.begun.withLock { $0 }
        #expect(begun.count == 120 && Set(begun).count == 120)
        #expect(place.resultFiles.count == 120)
    }

    @Test("takes over the jobs of a process that has died")
    func takeOver() async throws {
        let service = try place.service()
        let orphan = try await service.add("orphan"), unlucky = try await service.add("unlucky")
        try place.session().query(
            "UPDATE almagest.jobs SET phase = 'EXECUTING', attempt = 1, server = 2000000000, losses = CASE job_id WHEN $1 THEN 2 ELSE 0 END",
            [.text(unlucky.id)])
        // What the dead process had written.
        for name in ["\(orphan.id).1.part", "\(unlucky.id).1"] {
            try Data("half".utf8).write(to: URL(filePath: "\(place.folder)/\(name)"))
        }
        try await place.serving(service) {
            let done = try await service.reach([.completed], orphan.id)
            #expect(done.lifecycle.attempt == 2 && done.lifecycle.losses == 1)
            let ended = try await service.reach([.error], unlucky.id)
            #expect(
                ended.lifecycle.fault?.message
                    == "the job was begun 3 times and could not be finished; the last time because the server process that ran it had ended"
            )
            try await eventually("what it had written is gone") { place.resultFiles == ["\(orphan.id).2"] }
        }
    }

    @Test("leaves the jobs of a process that lives, also when its connection was cut")
    func lives() async throws {
        let service = try place.service(), other = try place.service()
        try await place.serving(service, other) {
            let job = try await service.add("long", ("WAITS", "1"))
            try await service.reach([.executing], job.id)
            // Both lose their connections, and take their numbers again.
            try place.session().query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'almagest-jobs%' AND datname = current_database()"
            )
            let next = try await service.add("next", by: bob)
            try await service.reach([.completed], next.id, by: bob)
            try await Task.sleep(for: .seconds(5))
            let present = try await service.job(job.id, for: alice)
            #expect(present.phase == .executing && present.lifecycle.attempt == 1 && present.lifecycle.losses == 0)
        }
    }

    @Test("clears result files away that no job has")
    func sweep() async throws {
        let service = try place.service()
        let job = try await place.serving(service) {
            let job = try await service.add("kept")
            return try await service.reach([.completed], job.id)
        }
        let foreign = "notes.txt"
        for name in [foreign, "20260131-aaaaaaaaaaaaaaaa.1", "20260131-aaaaaaaaaaaaaaaa.2.part", "\(job.id).1.part", "\(job.id).7"] {
            try Data("left over".utf8).write(to: URL(filePath: "\(place.folder)/\(name)"))
        }
        let next = try place.service()
        try await place.serving(next) {
            try await eventually("the orphans are gone") { place.resultFiles == ["\(job.id).1", foreign] }
        }
    }

    @Test("leaves the results of another archive alone")
    func foreignFolder() async throws {
        let other = try TestJobs(folder: place.folder)
        let service = try place.service()
        let job = try await place.serving(service) {
            let job = try await service.add("kept")
            return try await service.reach([.completed], job.id)
        }
        let stranger = try other.service()
        try await other.serving(stranger) {
            let job = try await stranger.add("a job of the other one")
            try await stranger.reach([.completed], job.id)
        }
        #expect(place.resultFiles.contains("\(job.id).1") && place.resultFiles.count == 2)
    }

    /// Many jobs at once, as a client's loop would have made them in a minute.
    private func fill(_ service: JobService<TestWork>, jobs: Int) async throws {
        let first = try await service.add("filler")
        try place.session().query(
            """
            INSERT INTO almagest.jobs (job_id, kind, client, parameters, phase, turn, destruction, execution_duration)
            SELECT '20260131-' || translate(lpad(n::text, 16, '0'), '0123456789', 'abcdefghij'), kind, client, parameters, phase, turn + n,
                destruction, execution_duration
            FROM almagest.jobs, generate_series(1, $2::integer) n WHERE job_id = $1
            """, [.text(first.id), .int(Int64(jobs - 1))])
    }
}
