/// Where a job stands in its life, in UWS's words (UWS 1.1 §2.1.3).
package enum JobPhase: String, CaseIterable, Sendable {
    case pending = "PENDING"
    case queued = "QUEUED"
    case executing = "EXECUTING"
    case completed = "COMPLETED"
    case error = "ERROR"
    case aborted = "ABORTED"
    case held = "HELD"
    case suspended = "SUSPENDED"
    case archived = "ARCHIVED"

    /// Waiting for another phase makes sense in these only (UWS 1.1 §2.2.1.1).
    package var isActive: Bool { self == .pending || self == .queued || self == .executing }

    /// Nothing changes any more.
    package var isFinal: Bool { self == .completed || self == .error || self == .aborted || self == .archived }
}
