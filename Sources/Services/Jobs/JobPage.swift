package import NIOCore
import Pages
import XML

/// Jobs as pages for people: what ``JobDocument`` says for programs, with buttons for what can be done.
///
/// A page whose job is not at its end looks again by itself, with and without script.
package struct JobPage: Sendable {
    /// The address of the job list, without a slash at the end.
    private let base: String
    private let home: String
    private let unit: JobDocument.Unit

    /// - Parameters:
    ///   - base: the address of the job list, without a slash at the end.
    ///   - home: the archive's front page, with one.
    package init(base: String, home: String, counting unit: JobDocument.Unit = .rows) {
        self.base = base
        self.home = home
        self.unit = unit
    }

    // MARK: - A job

    package func job(_ job: Job) -> ByteBuffer {
        let isUnderWay = job.phase == .queued || job.phase == .executing
        let page = HTMLPage(title: "Job \(job.runID ?? job.id)", home: home, place: .jobs, refresh: isUnderWay ? 1 : nil)
        return page.write { writer in
            state(of: job, into: &writer)
            if let query = query(of: job) { writer.element("pre", text: query) }
            actions(for: job, into: &writer)
            facts(of: job, into: &writer)
        }
    }

    private func query(of job: Job) -> String? {
        job.parameters.first { $0.name.uppercased() == "QUERY" }?.value
    }

    private func address(of job: Job) -> String { "\(base)/\(job.id)" }

    private func state(of job: Job, into writer: inout XMLWriter) {
        let fault = job.phase == .error || job.phase == .aborted ? job.lifecycle.fault : nil
        writer.element("section", ["class": fault == nil ? "card main-thing" : "card fault", "aria-live": "polite"]) { writer in
            writer.element("p") { badge(job.phase, into: &$0) }
            writer.element("p", text: words(for: job))
            if job.phase == .queued || job.phase == .executing { bar(for: job, into: &writer) }
            if let fault { writer.fault(fault.message) }
            if let overflow = job.result?.summary.overflow { writer.element("p", text: "The result goes on: \(overflow).") }
        }
    }

    private func badge(_ phase: JobPhase, into writer: inout XMLWriter) {
        let kind =
            switch phase {
            case .completed: "badge good"
            case .error, .aborted: "badge bad"
            default: "badge"
            }
        writer.inline("span", ["class": kind], text: phase.rawValue)
    }

    /// How much is done, where that is known of all; else that something is.
    private func bar(for job: Job, into writer: inout XMLWriter) {
        let all = unit == .objects && job.progress.rowLimit != 0 ? job.progress.rowLimit : nil
        writer.element(
            "progress",
            ["aria-label": "Progress", "max": all.map { String($0) }, "value": all.map { String(min($0, job.progress.rows)) }])
    }

    private func words(for job: Job) -> String {
        switch job.phase {
        case .pending: return "It waits for you to run it."
        case .queued:
            guard let ahead = job.ahead, ahead > 0 else { return "It is the next to run." }
            let jobs =
                ahead == 1
                ? "1 job is" : ahead > JobStore.countedPosition ? "More than \(JobStore.countedPosition) jobs are" : "\(ahead) jobs are"
            return "\(jobs) ahead of it."
        case .executing:
            guard job.progress.rows > 0 else { return "It is at work." }
            if unit == .objects, let all = job.progress.rowLimit { return "\(job.progress.rows) of \(Self.count(all, "object")) are cut." }
            return "\(Self.count(job.progress.rows, noun)) written, \(Self.size(job.progress.bytes)) so far."
        case .completed:
            guard let result = job.result else { return "It is done." }
            let done = job.progress.rows == 0 ? "" : "\(Self.count(job.progress.rows, noun)), "
            return "It is done: \(done)\(Self.size(result.size))."
        case .error: return "It failed."
        case .aborted: return "It was stopped."
        case .held, .suspended, .archived: return ""
        }
    }

    // MARK: - What can be done

    private func actions(for job: Job, into writer: inout XMLWriter) {
        writer.element("div", ["class": "actions"]) { writer in
            if job.phase == .completed, let result = job.result {
                let isPage = result.summary.mediaType.hasPrefix("text/html")
                writer.element(
                    "a", ["class": "button primary", "href": "\(address(of: job))/results/result", "id": "get"],
                    text: isPage ? "See the result" : unit == .objects ? "Download the file" : "Download the result")
            }
            switch job.phase {
            case .pending: button("Run", "PHASE", "RUN", "primary", at: "\(address(of: job))/phase", into: &writer)
            case .queued, .executing: button("Stop", "PHASE", "ABORT", "danger", at: "\(address(of: job))/phase", into: &writer)
            default: break
            }
            if let query = query(of: job), let address = PageLink.edit(query, home: home) {
                writer.element("a", ["class": "button", "id": "edit", "href": address], text: "Edit the query")
            }
            button("Delete", "ACTION", "DELETE", "danger", at: address(of: job), into: &writer)
        }
    }

    private func button(
        _ words: String, _ name: String, _ value: String, _ kind: String, at address: String, into writer: inout XMLWriter
    ) {
        writer.element("form", ["method": "post", "action": address]) { writer in
            writer.element("button", ["class": kind, "id": value.lowercased(), "name": name, "value": value], text: words)
        }
    }

    /// Parameters that are shown; a job may have thousands of identifiers.
    private static let mostParameters = 12

    private func facts(of job: Job, into writer: inout XMLWriter) {
        writer.element("dl", ["class": "facts"]) { writer in
            writer.fact("Job") { $0.inline("code", text: job.id) }
            writer.fact("Made") { $0.text(Self.moment(job.times.creation)) }
            if let start = job.times.start { writer.fact("Begun") { $0.text(Self.moment(start)) } }
            if let end = job.times.end { writer.fact("Ended") { $0.text(Self.moment(end)) } }
            writer.fact("Kept until") { $0.text(Self.moment(job.times.destruction)) }
            if job.executionDuration > 0 { writer.fact("May run for") { $0.text("\(job.executionDuration) s") } }
            let others = job.parameters.filter { !["QUERY", "LANG", "REQUEST", "RUNID", "PHASE"].contains($0.name.uppercased()) }
            for parameter in others.prefix(Self.mostParameters) { writer.fact(parameter.name) { $0.text(parameter.value) } }
            if others.count > Self.mostParameters {
                writer.fact("And") { $0.text("\(others.count - Self.mostParameters) more parameters") }
            }
        }
        writer.element("p", ["class": "note"], text: "Who knows this address may see, run and delete the job. Keep it to come back.")
    }

    // MARK: - The list

    package func list(_ jobs: [JobReference]) -> ByteBuffer {
        HTMLPage(title: unit == .rows ? "Jobs" : "Jobs of Cut & Merge", home: home, place: .jobs).write { writer in
            writer.element("p") { writer in
                if unit == .rows {
                    writer.inline("a", ["href": "\(home)datalink/cutmerge/async"], text: "Jobs of Cut & Merge")
                } else {
                    writer.inline("a", ["href": "\(home)tap/async"], text: "Jobs of queries")
                }
                writer.text(" are in a list of their own.")
            }
            guard !jobs.isEmpty else {
                writer.element(
                    "p",
                    text:
                        "There is no job from your address. The query form has a button that makes one of a query; what is too large to be cut and merged at once has one, too."
                )
                writer.element("p") { $0.inline("a", ["class": "button primary", "href": home], text: "To the query") }
                return
            }
            writer.element("section", ["class": "card"]) { writer in
                writer.element("table", ["class": "stack"]) { writer in
                    writer.element("thead") { writer in
                        writer.element("tr") { writer in
                            for name in ["Job", "Phase", "Made"] { writer.inline("th", ["scope": "col"], text: name) }
                        }
                    }
                    writer.element("tbody") { writer in
                        for job in jobs { line(job, into: &writer) }
                    }
                }
            }
            writer.element("p", ["class": "note"], text: "These are the jobs of your address; others are found by their own.")
        }
    }

    private func line(_ job: JobReference, into writer: inout XMLWriter) {
        writer.element("tr") { writer in
            writer.inline("td") { $0.inline("a", ["href": "\(base)/\(job.id)"], text: job.runID ?? job.id) }
            writer.inline("td") { badge(job.phase, into: &$0) }
            writer.inline("td", text: Self.moment(job.creation))
        }
    }

    // MARK: - Words

    private var noun: String { unit == .rows ? "row" : "object" }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// `2026-01-31T12:00:00.123Z` gives `2026-01-31 12:00:00 UTC`.
    private static func moment(_ text: String) -> String {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard parts.count == 2 else { return text }
        return "\(parts[0]) \(parts[1].prefix { $0 != "." && $0 != "Z" }) UTC"
    }

    private static func size(_ bytes: Int) -> String { PageLink.size(bytes) }
}
