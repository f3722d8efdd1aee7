/// What a request's parameters ask of a job itself, and what remains for its work.
package struct JobRequest: Sendable {
    /// What a client may do about the phase.
    package enum Wish: String, Sendable {
        case run = "RUN"
        case abort = "ABORT"
    }

    var phase: Wish?
    var runID: String?
    var executionDuration: Int?
    /// UTC without a zone.
    var destruction: String?
    /// RUNID stays among them, as UWS clients expect.
    var parameters: [JobParameter] = []

    init(_ given: [JobParameter]) throws(JobsError) {
        for parameter in given {
            switch parameter.name.uppercased() {
            case "PHASE": phase = try Self.wish(parameter.value)
            case "EXECUTIONDURATION": executionDuration = try Self.seconds(parameter.value)
            case "DESTRUCTION": destruction = try Moment.utc(parameter.value, parameter: "DESTRUCTION")
            case "ACTION", "WAIT": break
            case "RUNID":
                runID = parameter.value
                parameters.append(parameter)
            default: parameters.append(parameter)
            }
        }
    }

    /// Reads a value of PHASE.
    package static func wish(_ text: String?) throws(JobsError) -> Wish {
        guard let text else { throw .missing("PHASE", "it can be RUN or ABORT") }
        guard let wish = Wish(rawValue: text.uppercased()) else { throw .unfit("PHASE", text, "it can be RUN or ABORT") }
        return wish
    }

    /// Reads a value of EXECUTIONDURATION.
    package static func seconds(_ text: String?) throws(JobsError) -> Int {
        guard let text else { throw .missing("EXECUTIONDURATION", "it is a number of seconds") }
        guard let seconds = Int(text), seconds >= 0 else { throw .unfit("EXECUTIONDURATION", text, "it is a number of seconds") }
        return seconds
    }

    /// Names are compared without regard to letter case.
    func merged(into former: [JobParameter]) -> [JobParameter] {
        var merged = former
        let replaced = Set(parameters.map { $0.name.uppercased() }).subtracting(["UPLOAD"])
        merged.removeAll { replaced.contains($0.name.uppercased()) }
        for parameter in parameters {
            if replaced.contains(parameter.name.uppercased()) { merged.removeAll { $0.name.uppercased() == parameter.name.uppercased() } }
            merged.append(parameter)
        }
        return merged
    }
}
