/// How many rows a result may have, and who says so.
struct RowLimit: Hashable, Sendable, CustomStringConvertible {
    enum Source: Hashable, Sendable {
        /// MAXREC of the request.
        case request
        /// What holds for a request without MAXREC, and what it could ask for.
        case serviceDefault(most: Int)
        /// What no request can exceed.
        case service
    }

    let rows: Int
    let source: Source

    /// - Parameters:
    ///   - maxrec: MAXREC of the request.
    ///   - fallback: rows of a result whose request has none.
    ///   - most: rows of a result whatever the request has.
    init(maxrec: Int?, default fallback: Int, hard most: Int) {
        rows = min(maxrec ?? fallback, most)
        source = maxrec.map { $0 <= most ? .request : .service } ?? (fallback < most ? .serviceDefault(most: most) : .service)
    }

    /// `the result was cut after 10 rows, the MAXREC of the request`
    var description: String {
        let cut = "the result was cut after \(rows) row\(rows == 1 ? "" : "s")"
        switch source {
        case .request: return "\(cut), the MAXREC of the request"
        case .serviceDefault(let most): return "\(cut), which this service gives to requests without MAXREC; MAXREC can be up to \(most)"
        case .service: return "\(cut), the most that this service gives"
        }
    }
}
