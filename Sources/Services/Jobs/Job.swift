/// A job as it stands in the database (UWS 1.1 §2.2).
package struct Job: Sendable {
    /// The day of its creation and 80 random bits: `20260131-k3v8q2n5x7m4t6wa`. Who knows it may see an anonymous job.
    package var id: String
    package var client: JobClient
    package var runID: String?
    package var parameters: [JobParameter]
    /// JSON of ``JobWork/Payload``.
    var payload: String?
    package var lifecycle: JobLifecycle
    /// The number of the process that executes it.
    var server: Int?
    package var times: Times
    /// Seconds; 0 for no limit.
    package var executionDuration: Int
    package var progress: JobProgress
    package var result: Result?
    /// Jobs that run before this one while it is QUEUED; more than ``JobStore/countedPosition`` are not counted.
    package var ahead: Int?

    package var phase: JobPhase { lifecycle.phase }

    /// UTC, ISO 8601 with a Z, as UWS 1.1 §2.2.1 wants them.
    package struct Times: Hashable, Sendable {
        package var creation: String
        package var start: String?
        package var end: String?
        package var destruction: String
        /// When it is done at the latest; known while it runs (UWS 1.1 §2.2.1, quote).
        package var quote: String?
    }

    /// Facts of a result that is on disk.
    package struct Result: Hashable, Sendable {
        package var summary: JobSummary
        package var size: Int
        /// SHA-256 in hexadecimal.
        package var checksum: String
    }
}

/// How much of a result is written.
package struct JobProgress: Hashable, Sendable {
    package var rows = 0
    package var bytes = 0
    /// Rows at which the result will be cut, where the work knows.
    package var rowLimit: Int?

    package init(rows: Int = 0, bytes: Int = 0, rowLimit: Int? = nil) {
        self.rows = rows
        self.bytes = bytes
        self.rowLimit = rowLimit
    }
}

/// Who asks.
package struct JobClient: Hashable, Sendable {
    /// Whose turn it is in the queue: clients take turns.
    package var name: String
    /// The user, where the request was authenticated; UWS's owner.
    package var owner: String?

    /// Nobody in particular, told from others by the address of the request.
    package static func anonymous(address: String) -> Self {
        Self(name: address)
    }

    package static func user(_ name: String) -> Self {
        // A user may have any name, also one that looks like an address.
        Self(name: "user:\(name)", owner: name)
    }

    init(name: String, owner: String? = nil) {
        self.name = name
        self.owner = owner
    }
}

/// A job in a list (UWS 1.1 §2.2.2.1).
package struct JobReference: Hashable, Sendable {
    package var id: String
    package var phase: JobPhase
    package var runID: String?
    package var owner: String?
    package var creation: String
}

/// Which jobs a list is to have: PHASE, AFTER and LAST, all of which must hold (UWS 1.1 §2.2.2.1).
package struct JobFilter: Hashable, Sendable {
    /// Empty for all but ARCHIVED.
    package var phases: [JobPhase]
    /// UTC, without a zone.
    package var after: String?
    package var last: Int?

    /// - Parameters: the values as the request gave them.
    package init(phases: [String] = [], after: String? = nil, last: String? = nil) throws(JobsError) {
        self.phases = try phases.map { text throws(JobsError) in
            guard let phase = JobPhase(rawValue: text.uppercased()) else {
                throw .unfit("PHASE", text, "phases are \(JobPhase.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return phase
        }
        self.after = try after.map { text throws(JobsError) in try Moment.utc(text, parameter: "AFTER") }
        self.last = try last.map { text throws(JobsError) in
            guard let number = Int(text), number > 0 else { throw .unfit("LAST", text, "it is a whole number from 1 up") }
            return number
        }
    }
}

/// Reads the moments that clients write.
enum Moment {
    /// `2026-01-31T12:00:00.5Z` gives `2026-01-31T12:00:00.5`: ISO 8601 in UTC, as DALI 1.1 §3.3.3 writes it.
    ///
    /// Whether there is such a day, PostgreSQL knows.
    static func utc(_ text: String, parameter: String) throws(JobsError) -> String {
        guard let match = text.wholeMatch(of: /(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?(?:Z|\+00:00)?/) else {
            throw .unfit(parameter, text, "it is a time such as 2026-01-31T12:00:00Z")
        }
        return "\(match.1)T\(match.2 ?? "00:00:00")"
    }
}
