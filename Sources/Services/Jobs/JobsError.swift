/// Why a request about a job is refused; made by the functions below, so that all wording is on this page.
package struct JobsError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no such job, or there is none any more.
        case unknown
        /// The job has something like that at another time only.
        case absent
        /// It is another's job.
        case forbidden
        /// The job's phase does not allow it.
        case wrongPhase
        /// Another request was faster.
        case conflict
        /// A parameter can't be read.
        case usage
    }

    package var code: Code
    package var message: String
    package var description: String { message }
}

extension JobsError {
    static func unknown(_ id: String) -> Self {
        Self(code: .unknown, message: "there is no job \"\(clipped(id))\"; it may have reached its destruction time")
    }

    static func noResult(_ phase: JobPhase) -> Self {
        let way = phase.isActive ? "wait until it is COMPLETED" : "its error tells why"
        return Self(code: .absent, message: "the job is \(phase.rawValue) and has no result; \(way)")
    }

    static func noError(_ phase: JobPhase) -> Self {
        Self(code: .absent, message: "the job is \(phase.rawValue) and has no error")
    }

    static let forbidden = Self(code: .forbidden, message: "this job belongs to another user")

    static func wrongPhase(_ wish: String, _ phase: JobPhase) -> Self {
        Self(code: .wrongPhase, message: "PHASE=\(wish) is not possible for a job that is \(phase.rawValue); create a new job")
    }

    static func notPending(_ phase: JobPhase) -> Self {
        Self(code: .wrongPhase, message: "the job is \(phase.rawValue); its parameters can be changed while it is PENDING only")
    }

    static let changedMeanwhile = Self(
        code: .conflict, message: "another request changed the job's parameters at the same time; look at them, and send yours again")

    static func ended(_ what: String, _ phase: JobPhase) -> Self {
        Self(code: .wrongPhase, message: "the job is \(phase.rawValue); its \(what) can't be changed any more")
    }

    static func missing(_ parameter: String, _ form: String) -> Self {
        Self(code: .usage, message: "the parameter \(parameter) is missing; \(form)")
    }

    static func unfit(_ parameter: String, _ value: String, _ form: String) -> Self {
        Self(code: .usage, message: "\(parameter)=\(clipped(value)) can't be read; \(form)")
    }

    private static func clipped(_ text: String) -> String {
        String(decoding: text.utf8.prefix(80), as: UTF8.self)
    }
}
