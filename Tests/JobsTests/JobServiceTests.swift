import Foundation
import Jobs
import Postgres
import Synchronization
import Testing

@Suite("Jobs")
struct JobServiceTests {
    let place: TestJobs

    init() throws {
        place = try TestJobs()
    }

    @Test("run to a result on disk with its size and checksum")
    func complete() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await service.add("one", ("RUNID", "mine"), brought: .init(text: "with more"))
            #expect(job.phase == .queued && job.runID == "mine")
            let done = try await service.reach([.completed], job.id)
            let path = try service.resultPath(of: done)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "result of one with more")
            let checksum = done.result?.checksum
            #expect(done.result?.size == 23 && checksum?.utf8.count == 64)
            #expect(done.progress == JobProgress(rows: 1, bytes: 23, rowLimit: 10))
            #expect(done.times.start != nil && done.times.end != nil)
            #expect(place.resultFiles == ["\(job.id).1"])
        }
    }

    @Test("wait for RUN, and take new parameters until then")
    func pending() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await service.add("one", ("RUNID", "a"), brought: .init(text: "1"), run: false)
            #expect(job.phase == .pending)
            let changed = try await service.change(
                job.id, [JobParameter("name", "two"), JobParameter("RUNID", "b"), JobParameter("UPLOAD", "t,param:t")],
                brought: .init(text: "2"), by: alice)
            let again = try await service.change(job.id, [JobParameter("UPLOAD", "u,param:u")], by: alice)
            #expect(changed.runID == "b")
            #expect(again.parameters.filter { $0.name.uppercased() == "NAME" } == [JobParameter("name", "two")])
            #expect(again.parameters.filter { $0.name == "UPLOAD" }.count == 2)
            try await service.setPhase(job.id, .run, by: alice)
            let done = try await service.reach([.completed], job.id)
            #expect(try String(contentsOfFile: service.resultPath(of: done), encoding: .utf8) == "result of two 12")
            let error = await #expect(throws: JobsError.self) {
                try await service.change(job.id, [JobParameter("NAME", "three")], by: alice)
            }
            #expect(error?.code == .wrongPhase)
        }
    }

    @Test("are not created when the work refuses the request")
    func refused() async throws {
        let service = try place.service()
        await #expect(throws: TestWork.Refused.self) { try await service.add("no", ("REFUSE", "1")) }
        #expect(try await service.list(JobFilter(), of: alice).isEmpty)
    }

    @Test("end in ERROR with the work's words, and leave no file")
    func fail() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await service.add("bad", ("FAIL", "no such table"))
            let done = try await service.reach([.error], job.id)
            #expect(done.lifecycle.fault == JobFault("no such table"))
            #expect(try service.fault(of: done).message == "no such table")
            #expect(throws: JobsError.self) { try service.resultPath(of: done) }
            #expect(place.resultFiles.isEmpty)
        }
    }

    @Test("are run again when an execution is lost, and end in ERROR when that goes on")
    func lose() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await service.add("unlucky", ("LOSE", "the database was away"))
            let done = try await service.reach([.error], job.id)
            #expect(done.lifecycle.attempt == 3 && done.lifecycle.losses == 3)
            #expect(done.lifecycle.fault?.message.hasSuffix("because the database was away") == true)
            #expect(place.work.begun.withLock { $0 } == ["unlucky", "unlucky", "unlucky"])
        }
    }

    @Test("are listed to their client, by phase, time and number")
    func list() async throws {
        let service = try place.service()
        var made: [Job] = []
        for number in 0..<4 {
            made.append(try await service.add("\(number)", run: number == 3))
            // Times of creation have milliseconds.
            try await Task.sleep(for: .milliseconds(2))
        }
        _ = try await service.add("other", by: bob)
        #expect(try await service.list(JobFilter(), of: alice).map(\.id) == made.reversed().map(\.id))
        #expect(try await service.list(JobFilter(last: "2"), of: alice).map(\.id) == [made[3].id, made[2].id])
        #expect(try await service.list(JobFilter(phases: ["QUEUED"]), of: alice).map(\.id) == [made[3].id])
        #expect(try await service.list(JobFilter(after: made[1].times.creation), of: alice).map(\.id) == [made[3].id, made[2].id])
        #expect(
            try await service.list(JobFilter(phases: ["PENDING"], after: made[0].times.creation, last: "1"), of: alice).map(\.id) == [
                made[2].id
            ])
    }

    @Test("of a user are that user's alone; an anonymous one is of whoever knows its id")
    func owners() async throws {
        let service = try place.service()
        let job = try await service.add("private", by: .user("carol"), run: false)
        let error = await #expect(throws: JobsError.self) { try await service.job(job.id, for: alice) }
        #expect(error?.code == .forbidden)
        await #expect(throws: JobsError.self) { try await service.delete(job.id, by: .user("dave")) }
        #expect(try await service.job(job.id, for: .user("carol")).id == job.id)
        let open = try await service.add("open", run: false)
        #expect(try await service.job(open.id, for: bob).id == open.id)
    }

    @Test("that don't exist are unknown", arguments: ["", "nothing", "20260131-aaaaaaaaaaaaaaaa", "a\u{0}b", "' OR ''='"])
    func unknown(id: String) async throws {
        let service = try place.service()
        let error = await #expect(throws: JobsError.self) { try await service.job(id, for: alice) }
        #expect(error?.code == .unknown)
    }

    @Test("take a limit of time and a destruction time, clipped to the service's")
    func limits() async throws {
        let service = try place.service()
        let job = try await service.add("one", run: false)
        #expect(job.executionDuration == 600)
        for (asked, given) in [(0, 1200), (5, 5), (5000, 1200)] {
            try await service.setExecutionDuration(job.id, asked, by: alice)
            #expect(try await service.job(job.id, for: alice).executionDuration == given)
        }
        try await service.setDestruction(job.id, "2999-01-01T00:00:00Z", by: alice)
        let kept = try await service.job(job.id, for: alice).times
        let formatter = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(try formatter.parse(kept.destruction).timeIntervalSince(formatter.parse(kept.creation)) == 7200)
        let error = await #expect(throws: JobsError.self) { try await service.setDestruction(job.id, "2026-13-01T00:00:00Z", by: alice) }
        #expect(error?.code == .usage)
    }

    @Test("answer a WAIT when the phase changes, when the time is over, or at once when there is nothing to wait for")
    func wait() async throws {
        let service = try place.service(longestWait: 1)
        let job = try await service.add("one", run: false)
        #expect(try await service.wait(for: job.id, seconds: 0, phase: nil, by: alice).phase == .pending)
        // Clipped to a second.
        #expect(try await service.wait(for: job.id, seconds: -1, phase: nil, by: alice).phase == .pending)
        #expect(try await service.wait(for: job.id, seconds: 1000, phase: .queued, by: alice).phase == .pending)
        let patient = try place.service()
        try await place.serving(service, patient) {
            async let changed = patient.wait(for: job.id, seconds: 60, phase: .pending, by: alice)
            try await service.setPhase(job.id, .run, by: alice)
            #expect(try await changed.phase != .pending)
            try await service.reach([.completed], job.id)
            #expect(try await patient.wait(for: job.id, seconds: 60, phase: nil, by: alice).phase == .completed)
        }
    }
}

@Suite("Jobs that are to stop")
struct StoppingTests {
    let place: TestJobs

    init() throws {
        place = try TestJobs()
    }

    private func running(_ service: JobService<TestWork>, _ more: (String, String)...) async throws -> Job {
        let parameters: [JobParameter] =
            [JobParameter("NAME", "long"), JobParameter("WAITS", "1"), JobParameter("PHASE", "RUN")] + more.map { JobParameter($0.0, $0.1) }
        let job = try await service.create(parameters, brought: .init(text: "kept"), by: alice)
        try await service.reach([.executing], job.id)
        try await eventually("the work has begun") { !place.work.begun.withLock(\.isEmpty) }
        return job
    }

    private func stopped() async throws {
        try await eventually("the work was cancelled") { !place.work.cancelled.withLock(\.isEmpty) }
        try await eventually("no file is left") { place.resultFiles.isEmpty }
    }

    @Test("stop at ABORT, whichever process got it", arguments: [true, false])
    func abort(here: Bool) async throws {
        let service = try place.service()
        let other = try place.service()
        try await place.serving(service) {
            let job = try await running(service)
            try await (here ? service : other).setPhase(job.id, .abort, by: alice)
            try await stopped()
            let done = try await service.job(job.id, for: alice)
            #expect(done.phase == .aborted && done.times.end != nil)
            #expect(try service.fault(of: done).message.contains("aborted"))
        }
    }

    @Test("stop when they are deleted, and their payload is discarded", arguments: [true, false])
    func delete(here: Bool) async throws {
        let service = try place.service()
        let other = try place.service()
        try await place.serving(service) {
            let job = try await running(service)
            try await (here ? service : other).delete(job.id, by: alice)
            try await stopped()
            await #expect(throws: JobsError.self) { try await service.job(job.id, for: alice) }
            #expect(place.work.discarded.withLock { $0 } == [TestWork.Payload(text: "kept")])
        }
    }

    @Test("stop when their execution duration is over")
    func duration() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await running(service, ("EXECUTIONDURATION", "1"))
            try await stopped()
            let done = try await service.reach([.aborted], job.id)
            #expect(done.lifecycle.fault?.message.hasPrefix("the job was stopped after 1 seconds, its execution duration") == true)
        }
    }

    @Test("stop at their destruction time, and are gone")
    func destruction() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let job = try await running(service)
            try await service.setDestruction(job.id, "2026-01-01T00:00:00Z", by: alice)
            await #expect(throws: JobsError.self) { try await service.job(job.id, for: alice) }
            try await stopped()
            try await eventually("the payload is discarded") { !place.work.discarded.withLock(\.isEmpty) }
        }
    }

    @Test("go back into the queue when the process ends, and run in the next one")
    func shutdown() async throws {
        let service = try place.service()
        let job = try await place.serving(service) { try await running(service) }
        let waiting = try await service.job(job.id, for: alice)
        #expect(waiting.phase == .queued && waiting.lifecycle.losses == 0 && waiting.ahead == 0)
        try await stopped()
        let next = try place.service()
        try await place.serving(next) { _ = try await next.reach([.executing], job.id) }
    }

    @Test("lose their result file with their row")
    func resultGoes() async throws {
        let service = try place.service()
        try await place.serving(service) {
            let kept = try await service.add("kept"), deleted = try await service.add("deleted"), expired = try await service.add("expired")
            for job in [kept, deleted, expired] { try await service.reach([.completed], job.id) }
            #expect(place.resultFiles.count == 3)
            try await service.delete(deleted.id, by: alice)
            try await service.setDestruction(expired.id, "2026-01-01T00:00:00Z", by: alice)
            try await eventually("two files are gone") { place.resultFiles == ["\(kept.id).1"] }
        }
    }
}
