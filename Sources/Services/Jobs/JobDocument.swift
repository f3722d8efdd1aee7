package import NIOCore
import XML

/// Jobs as UWS writes them in XML (UWS 1.1 §3, UWS-v1.1.xsd).
package struct JobDocument: Sendable {
    /// What the progress of a kind of job counts.
    package enum Unit: Sendable {
        case rows, objects
    }

    /// The address of the job list.
    package let list: String
    private let unit: Unit

    /// - Parameter base: the address of the job list, without a slash at the end.
    package init(base: String, counting unit: Unit = .rows) {
        list = base
        self.unit = unit
    }

    /// A job's own address.
    package func address(of id: String) -> String {
        "\(list)/\(id)"
    }

    /// The whole of a job.
    package func job(_ job: Job) -> ByteBuffer {
        document("uws:job") { writer in
            writer.element("uws:jobId", text: job.id)
            if let runID = job.runID { writer.element("uws:runId", text: runID) }
            writer.optional("uws:ownerId", job.client.owner)
            writer.element("uws:phase", text: job.phase.rawValue)
            writer.optional("uws:quote", job.times.quote)
            writer.element("uws:creationTime", text: job.times.creation)
            writer.optional("uws:startTime", job.times.start)
            writer.optional("uws:endTime", job.times.end)
            writer.element("uws:executionDuration", text: String(job.executionDuration))
            writer.element("uws:destruction", text: job.times.destruction)
            writer.element("uws:parameters") { parameters(job, &$0) }
            writer.element("uws:results") { results(job, &$0) }
            if job.phase == .error || job.phase == .aborted, let fault = job.lifecycle.fault {
                writer.element("uws:errorSummary", ["type": fault.isTransient ? "transient" : "fatal", "hasDetail": "true"]) {
                    $0.element("uws:message", text: fault.message)
                }
            }
            info(job, &writer)
        }
    }

    /// `/{job}/parameters`
    package func parameters(of job: Job) -> ByteBuffer {
        document("uws:parameters", versioned: false) { parameters(job, &$0) }
    }

    /// `/{job}/results`
    package func results(of job: Job) -> ByteBuffer {
        document("uws:results", versioned: false) { results(job, &$0) }
    }

    /// `/`
    package func list(_ jobs: [JobReference]) -> ByteBuffer {
        document("uws:jobs") { writer in
            for job in jobs {
                writer.element("uws:jobref", ["id": job.id, "xlink:type": "simple", "xlink:href": address(of: job.id)]) { writer in
                    writer.element("uws:phase", text: job.phase.rawValue)
                    if let runID = job.runID { writer.element("uws:runId", text: runID) }
                    writer.optional("uws:ownerId", job.owner)
                    writer.element("uws:creationTime", text: job.creation)
                }
            }
        }
    }

    // MARK: - Parts

    private func document(_ root: String, versioned: Bool = true, _ body: (inout XMLWriter) -> Void) -> ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        writer.element(
            root,
            [
                "xmlns:uws": "http://www.ivoa.net/xml/UWS/v1.0", "xmlns:xlink": "http://www.w3.org/1999/xlink",
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "version": versioned ? "1.1" : nil,
            ], body: body)
        return writer.buffer
    }

    private func parameters(_ job: Job, _ writer: inout XMLWriter) {
        for parameter in job.parameters { writer.element("uws:parameter", ["id": parameter.name], text: parameter.value) }
    }

    private func results(_ job: Job, _ writer: inout XMLWriter) {
        guard let result = job.result else { return }
        writer.element(
            "uws:result",
            [
                "id": "result", "xlink:type": "simple", "xlink:href": "\(address(of: job.id))/results/result",
                "mime-type": result.summary.mediaType, "size": String(result.size),
            ])
    }

    /// What UWS leaves to services: how far it is, and what became of it.
    private func info(_ job: Job, _ writer: inout XMLWriter) {
        let ahead = job.ahead.map { $0 > JobStore.countedPosition ? "more than \(JobStore.countedPosition)" : String($0) }
        guard job.phase != .pending else { return }
        writer.element("uws:jobInfo") { writer in
            // In no namespace, of which validators expect no schema.
            writer.element("progress") { writer in
                if let ahead { writer.element("jobsAhead", text: ahead) }
                if job.phase != .queued {
                    switch unit {
                    case .rows:
                        writer.element("rows", text: String(job.progress.rows))
                        if let limit = job.progress.rowLimit { writer.element("rowLimit", text: String(limit)) }
                    case .objects:
                        writer.element("objectsDone", text: String(job.progress.rows))
                        if let all = job.progress.rowLimit { writer.element("objects", text: String(all)) }
                    }
                    writer.element("bytes", text: String(job.progress.bytes))
                    writer.element("attempt", text: String(job.lifecycle.attempt))
                }
                if let overflow = job.result?.summary.overflow { writer.element("overflow", text: overflow) }
            }
        }
    }
}

extension XMLWriter {
    /// An element that UWS has say that it has no value.
    fileprivate mutating func optional(_ name: String, _ value: String?) {
        if let value { element(name, text: value) } else { element(name, ["xsi:nil": "true"]) }
    }
}
