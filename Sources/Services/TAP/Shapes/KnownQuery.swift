import Formats
import Names
import Postgres
import SQL
import Synchronization
import VOTable

/// What became of a query once, for all queries that differ from it in keys alone: its columns, and a statement that can be prepared.
final class KnownQuery: Sendable {
    let resolved: ResolvedQuery
    let fields: [Field]
    /// The text around its results.
    let frames: ResultFrames
    let statement: PreparedStatement
    /// Which of the shape's literals are the statement's parameters.
    let parameters: [Int]
    private let kinds: [KeyLiteral.Kind]
    private let experience = Mutex(Experience())

    private struct Experience {
        /// It had few rows the last time; nil before it ran to its end once.
        var isSmall: Bool?
        /// How often in a row it did not work as a prepared statement.
        var failures = 0
        /// Microseconds until its first row, a running mean.
        var wait = 0.0
    }

    init(
        _ resolved: ResolvedQuery, fields: [Field], frames: ResultFrames, statement: PreparedStatement, parameters: [Int],
        kinds: [KeyLiteral.Kind]
    ) {
        self.resolved = resolved
        self.fields = fields
        self.frames = frames
        self.statement = statement
        self.parameters = parameters
        self.kinds = kinds
    }

    /// Rows for which it pays to prepare: for each, COPY costs less.
    private static let fewRows = 1000

    /// Behind a pooler of transactions, no prepared statement works.
    private static let mostFailures = 3

    /// Whether to run it prepared.
    var isSmall: Bool { experience.withLock { $0.isSmall ?? false && $0.failures < Self.mostFailures } }

    /// Milliseconds for which a thread may wait for the first row.
    var patience: Int { experience.withLock { $0.wait < 1000 ? 1 : 0 } }

    /// Notes how a result turned out.
    func note(rows: Int) {
        experience.withLock { $0.isSmall = rows <= Self.fewRows }
    }

    /// Notes that it worked as a prepared statement, and how long it took to begin.
    func note(wait: Duration) {
        let microseconds = wait / .microseconds(1)
        // A first wait of any length says little: plans are made, pages are read.
        experience.withLock { experience in
            experience.wait += (min(microseconds, 8000) - experience.wait) / 8
            experience.failures = 0
        }
    }

    /// It did not work as a prepared statement.
    func noteFailure() {
        experience.withLock { $0.failures += 1 }
    }

    /// The parameters' values in a query of that shape; nil where one of them makes it another query.
    func values(_ shape: QueryShape) -> [String]? {
        let values = parameters.map { shape.value($0) }
        let isSame = zip(values, kinds).allSatisfy { value, kind in
            guard case .number(let most) = kind else { return true }
            return Double(value).map { $0 <= most } ?? false
        }
        return isSame ? values : nil
    }
}
