/// How many rows a result may hold, and who says so.
package struct RowLimit: Sendable, Hashable {
    /// Where the number comes from.
    package enum Origin: Hashable, Sendable {
        /// MAXREC of the request.
        case request
        /// The request has none.
        case byDefault
        /// What the request has is more than the service gives.
        case hard
    }

    package var rows: Int
    package var origin: Origin
    /// The most that the service gives.
    package var most: Int

    /// - Parameter asked: MAXREC, as the client gave it.
    package init(asked: Int?, _ settings: QueryService.Settings) {
        most = settings.hardMAXREC
        guard let asked else {
            rows = settings.defaultMAXREC
            origin = .byDefault
            return
        }
        rows = min(asked, most)
        origin = asked <= most ? .request : .hard
    }

    /// What the result says when there was more (DALI 1.1 §4.4.1).
    var overflow: String {
        switch origin {
        case .request: "the result was cut after \(rows) rows, the MAXREC of the request; this service gives up to \(most)"
        case .byDefault:
            "the result was cut after \(rows) rows, which this service gives where a request has no MAXREC; with MAXREC it gives up to \(most)"
        case .hard: "the result was cut after \(rows) rows, the most that this service gives; split the query, for example by ranges"
        }
    }
}
