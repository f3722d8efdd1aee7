import CPostgres

/// The rows of a small statement, kept in libpq's memory until the value goes.
package final class PostgresResult {
    private let result: OpaquePointer?

    init(adopting result: OpaquePointer?) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    /// Rows.
    package var count: Int { Int(PQntuples(result)) }

    /// Rows that an INSERT, UPDATE, DELETE or COPY touched.
    package var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// The cell's text; nil for NULL.
    package func string(_ row: Int, _ column: Int) -> String? {
        guard PQgetisnull(result, Int32(row), Int32(column)) == 0, let value = PQgetvalue(result, Int32(row), Int32(column)) else {
            return nil
        }
        return String(cString: value)
    }

    package func int(_ row: Int, _ column: Int) -> Int64? {
        string(row, column).flatMap { Int64($0) }
    }

    package func double(_ row: Int, _ column: Int) -> Double? {
        string(row, column).flatMap { Double($0) }
    }

    package func bool(_ row: Int, _ column: Int) -> Bool? {
        string(row, column).map { $0 == "t" }
    }
}
