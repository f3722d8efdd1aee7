import ADQL
import Names
import Postgres
import SQL
import Testing

/// From a query's text to its SQL and its rows.
enum Translate {
    static let functions = Result { try FunctionList.builtIn() }

    static let options = SQLWriter.Options(
        accessURLPrefix: "https://archive.example/datalink?id=", accessURLSuffix: "&clientId=9")

    static func resolve(_ adql: String) throws -> ResolvedQuery {
        do {
            return try Resolver(catalogue: Sky.catalogue, functions: functions.get()).resolve(Query.parse(adql))
        } catch let error as NamesError {
            Issue.record("\(error.description(in: adql))\n\(adql)")
            throw error
        }
    }

    static func sql(_ adql: String, limit: Int? = nil) throws -> String {
        var options = options
        options.limit = limit
        return SQLWriter(options).sql(for: try resolve(adql)).text
    }

    /// The rows, cells joined by ` | `, NULL as `null`.
    static func rows(_ adql: String, limit: Int? = nil) throws -> [String] {
        let sql = try sql(adql, limit: limit)
        let result: PostgresResult
        do {
            result = try SharedDatabase.session().query(sql)
        } catch {
            Issue.record("\(error)\n\(adql)\n\(sql)")
            throw error
        }
        let columns = try resolve(adql).columns.count
        return (0..<result.count).map { row in
            (0..<columns).map { result.string(row, $0) ?? "null" }.joined(separator: " | ")
        }
    }

    /// The first cell of the first row.
    static func value(_ adql: String) throws -> String {
        try #require(rows(adql).first)
    }

    static func plan(_ adql: String) throws -> String {
        let result = try SharedDatabase.session().query("EXPLAIN \(try sql(adql))")
        return (0..<result.count).compactMap { result.string($0, 0) }.joined(separator: "\n")
    }
}
