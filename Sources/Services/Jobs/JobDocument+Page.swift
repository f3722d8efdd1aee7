package import NIOCore
import XML

extension JobDocument {
    /// A job as a page: how far it is, what can be done about it, and its result.
    package func page(of job: Job) -> ByteBuffer {
        HTMLPage(title: Self.title(job), home: home).write { writer in
            writer.element("section", ["class": "card"]) { writer in
                if job.phase.isActive, job.phase != .pending { progress(of: job, into: &writer) }
                facts(of: job, into: &writer)
                if let fault = job.lifecycle.fault, job.phase == .error || job.phase == .aborted {
                    writer.element("p", ["class": "fault"], text: fault.message)
                }
                writer.element("p") { buttons(for: job, into: &$0) }
            }
            writer.element("p", ["class": "note"]) { writer in
                writer.text(job.phase == .executing || job.phase == .queued ? "This page comes again by itself. " : "")
                writer.inline("a", ["href": list], text: "Your jobs")
            }
        }
    }

    private static func title(_ job: Job) -> String {
        switch job.phase {
        case .pending, .held: "The job waits to be started"
        case .queued, .suspended: "The job waits for its turn"
        case .executing: "The job is under way"
        case .completed, .archived: "The result is ready"
        case .error: "The job failed"
        case .aborted: "The job was stopped"
        }
    }

    private var noun: String { unit == .rows ? "rows" : "objects" }

    private func progress(of job: Job, into writer: inout XMLWriter) {
        let all = unit == .objects ? job.progress.rowLimit : nil
        writer.element("p") { writer in
            // Without a value the bar says only that something goes on.
            writer.inline(
                "progress",
                [
                    "aria-label": "Progress", "max": all.map { String($0) }, "value": all.map { _ in String(job.progress.rows) },
                ], text: "\(job.progress.rows)")
        }
    }

    private func facts(of job: Job, into writer: inout XMLWriter) {
        func fact(_ name: String, _ value: String, _ writer: inout XMLWriter) {
            writer.inline("dt", text: name)
            writer.inline("dd", text: value)
            writer.newline()
        }
        writer.element("dl", ["class": "facts"]) { writer in
            fact("Job", job.id, &writer)
            if let ahead = job.ahead { fact("Ahead of it", ahead == 1 ? "1 job" : "\(ahead) jobs", &writer) }
            if job.phase != .pending, job.phase != .queued {
                let all = unit == .objects ? job.progress.rowLimit.map { " of \($0)" } ?? "" : ""
                fact("Done", "\(job.progress.rows)\(all) \(noun)", &writer)
            }
            if let result = job.result { fact("Size", "\(result.size) bytes", &writer) }
            fact("Kept until", job.times.destruction, &writer)
        }
    }

    private func buttons(for job: Job, into writer: inout XMLWriter) {
        let address = address(of: job.id)
        func button(_ label: String, at address: String, _ name: String, _ value: String, _ writer: inout XMLWriter) {
            writer.inline("form", ["method": "post", "action": address]) {
                $0.inline("button", ["name": name, "value": value], text: label)
            }
            writer.text(" ")
        }
        if job.result != nil {
            writer.inline("a", ["class": "button primary", "href": "\(address)/results/result"], text: "Download")
            writer.text(" ")
        }
        if job.phase == .pending { button("Start", at: "\(address)/phase", "PHASE", "RUN", &writer) }
        if job.phase == .queued || job.phase == .executing { button("Stop", at: "\(address)/phase", "PHASE", "ABORT", &writer) }
        button("Delete", at: address, "ACTION", "DELETE", &writer)
    }

    /// The list as a page.
    package func page(of jobs: [JobReference]) -> ByteBuffer {
        HTMLPage(title: "Your jobs", home: home).write { writer in
            if jobs.isEmpty {
                writer.element("p", text: "There are none.")
                return
            }
            writer.element("div", ["class": "card scroll"]) { writer in
                writer.element("table") { writer in
                    writer.element("thead") { writer in
                        writer.element("tr") { writer in
                            for name in ["Job", "Phase", "Made"] { writer.inline("th", ["scope": "col"], text: name) }
                        }
                    }
                    writer.element("tbody") { writer in
                        for job in jobs {
                            writer.element("tr") { writer in
                                writer.inline("td") { $0.inline("a", ["href": address(of: job.id)], text: job.runID ?? job.id) }
                                writer.inline("td", text: job.phase.rawValue)
                                writer.inline("td", text: job.creation)
                            }
                        }
                    }
                }
            }
        }
    }
}
