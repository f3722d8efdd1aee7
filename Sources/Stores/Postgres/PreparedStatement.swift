import CPostgres
import Synchronization

/// A statement that a connection plans once and runs many times, with other values for its parameters.
///
/// Its rows come in binary form. Each connection of a ``CopyPool`` learns it when it first runs it.
package final class PreparedStatement: Sendable {
    /// A parameter's type where the values' own text does not tell it.
    package enum Parameter: Sendable {
        /// What its place in the statement asks for, as with a quoted literal.
        case asLiteral
        case int8
    }

    let sql: String
    let types: [UInt32]
    /// Unlike that of any other in the process.
    let name: String

    private static let made = Atomic<UInt64>(0)

    /// - Parameter sql: one SELECT with `$1`, `$2`, … for its parameters.
    package init(_ sql: String, _ parameters: [Parameter]) {
        self.sql = sql
        types = parameters.map { parameter in
            switch parameter {
            case .asLiteral: 0
            // The OID of int8, fixed in pg_type.dat.
            case .int8: 20
            }
        }
        name = "s\(Self.made.add(1, ordering: .relaxed).newValue)"
    }
}

/// Which statements a connection knows; the one not used for longest makes room.
struct KnownStatements {
    private var uses: [String: UInt64] = [:]
    private var clock: UInt64 = 0

    /// Plans take memory in PostgreSQL, tens of kB each.
    static let most = 64

    /// Notes a use; false for a statement that is to be prepared first.
    mutating func use(_ name: String) -> Bool {
        clock += 1
        guard uses[name] != nil else { return false }
        uses[name] = clock
        return true
    }

    mutating func add(_ name: String) {
        uses[name] = clock
    }

    /// Forgets a statement where there are too many.
    ///
    /// - Returns: its name.
    mutating func makeRoom() -> String? {
        guard uses.count >= Self.most, let oldest = uses.min(by: { $0.value < $1.value })?.key else { return nil }
        uses[oldest] = nil
        return oldest
    }
}
