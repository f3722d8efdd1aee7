import Jobs
import Testing

@Suite("A job's life")
struct LifecycleTests {
    @Test("goes from PENDING by RUN into the queue, to a worker, and to its result")
    func completed() throws {
        var life = JobLifecycle()
        try expect(life.run() == .enqueue)
        #expect(life.phase == .queued)
        expect(life.start())
        #expect(life.phase == .executing && life.attempt == 1)
        expect(life.complete(attempt: 1))
        #expect(life.phase == .completed && life.fault == nil)
    }

    @Test("is not changed by a second RUN while it waits or runs")
    func runAgain() throws {
        for phase in [JobPhase.queued, .executing] {
            var life = JobLifecycle(phase: phase, attempt: 1)
            try expect(life.run() == .nothing)
            #expect(life.phase == phase)
        }
    }

    @Test("can't begin again after its end", arguments: [JobPhase.completed, .error, .aborted, .archived])
    func runAfterEnd(phase: JobPhase) {
        var life = JobLifecycle(phase: phase)
        let error = #expect(throws: JobsError.self) { try life.run() }
        #expect(error?.code == .wrongPhase)
        #expect(life.phase == phase)
    }

    @Test("can be aborted until it ends, and says so", arguments: [JobPhase.pending, .queued, .executing, .held, .suspended])
    func abort(phase: JobPhase) throws {
        var life = JobLifecycle(phase: phase)
        try life.abort()
        #expect(life.phase == .aborted && life.fault != nil)
        try life.abort()
        #expect(life.phase == .aborted)
    }

    @Test("can't be aborted when it has ended otherwise", arguments: [JobPhase.completed, .error])
    func abortAfterEnd(phase: JobPhase) {
        var life = JobLifecycle(phase: phase)
        #expect(throws: JobsError.self) { try life.abort() }
        #expect(life.phase == phase)
    }

    @Test("is begun by one worker only")
    func startOnce() {
        var life = JobLifecycle(phase: .queued)
        expect(life.start())
        expect(!life.start())
        #expect(life.attempt == 1)
    }

    @Test("does not hear an execution that was given up")
    func oldAttempt() {
        var life = JobLifecycle(phase: .queued)
        expect(life.start())
        expect(life.lose(attempt: 1, reason: "r", limit: 3))
        expect(life.start())
        #expect(life.attempt == 2)
        let present = life
        expect(!life.complete(attempt: 1))
        expect(!life.fail(attempt: 1, JobFault("late")))
        expect(!life.stop(attempt: 1, JobFault("late")))
        expect(!life.release(attempt: 1))
        expect(!life.lose(attempt: 1, reason: "late", limit: 1))
        #expect(life == present)
        expect(life.complete(attempt: 2))
    }

    @Test("does not hear a worker after it was aborted")
    func afterAbort() throws {
        var life = JobLifecycle(phase: .executing, attempt: 1)
        try life.abort()
        expect(!life.complete(attempt: 1))
        #expect(life.phase == .aborted)
    }

    @Test("goes on after executions that were lost, up to the limit, and then tells the last reason")
    func losses() {
        var life = JobLifecycle(phase: .queued)
        for loss in 1...2 {
            expect(life.start())
            expect(life.lose(attempt: loss, reason: "the lights went out", limit: 3))
            #expect(life.phase == .queued && life.losses == loss)
        }
        expect(life.start())
        expect(life.lose(attempt: 3, reason: "the lights went out", limit: 3))
        #expect(life.phase == .error)
        #expect(life.fault?.isTransient == true)
        #expect(
            life.fault?.message == "the job was begun 3 times and could not be finished; the last time because the lights went out")
    }

    @Test("is not held against it when the process ends in good order")
    func release() {
        var life = JobLifecycle(phase: .executing, attempt: 4, losses: 2)
        expect(life.release(attempt: 4))
        #expect(life.phase == .queued && life.losses == 2 && life.fault == nil)
    }

    @Test("ends in ABORTED when one of its own limits stops it")
    func stop() {
        var life = JobLifecycle(phase: .executing, attempt: 1)
        expect(life.stop(attempt: 1, JobFault("too long")))
        #expect(life.phase == .aborted && life.fault?.message == "too long")
    }
}

@Suite("A job's parameters")
struct FilterTests {
    @Test("of the list are read, whatever their letter case")
    func read() throws {
        let filter = try JobFilter(phases: ["queued", "ERROR"], after: "2026-01-31T12:00:00Z", last: "3")
        #expect(filter.phases == [.queued, .error] && filter.after == "2026-01-31T12:00:00" && filter.last == 3)
        #expect(try JobFilter(after: "2026-01-31").after == "2026-01-31T00:00:00")
        #expect(try JobFilter(after: "2026-01-31T12:00:00.250").after == "2026-01-31T12:00:00.250")
    }

    @Test(
        "of the list are refused with what would work",
        arguments: [("PHASE", "RUNNING"), ("AFTER", "yesterday"), ("AFTER", "2026-01-31T12:00:00+02:00"), ("LAST", "0"), ("LAST", "ten")]
            as [(String, String)])
    func refuse(name: String, value: String) {
        let error = #expect(throws: JobsError.self) {
            try JobFilter(
                phases: name == "PHASE" ? [value] : [], after: name == "AFTER" ? value : nil, last: name == "LAST" ? value : nil)
        }
        #expect(error?.code == .usage)
        #expect(error?.message.hasPrefix("\(name)=\(value) can't be read; ") == true)
    }
}

/// The macro can't call what changes its operand.
private func expect(_ holds: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: location)
}
