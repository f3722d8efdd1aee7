import ADQL
package import Names
package import Postgres
import SQL
import TAPSchema
package import TableModel

/// Tries functions out in the database before users do.
package struct FunctionCheck {
    private let resolver: Resolver

    package init(functions: FunctionList, catalogue: Catalogue) {
        resolver = Resolver(catalogue: catalogue, functions: functions)
    }

    /// The names of the extensions that a database has.
    package static func extensions(on session: PostgresSession) throws(PostgresError) -> Set<String> {
        let found = try session.query("SELECT extname FROM pg_extension")
        return Set((0..<found.count).compactMap { found.string($0, 0) })
    }

    /// What PostgreSQL refuses of the functions' SQL: a line for each form that it can't plan. Nothing is run.
    ///
    /// A form of ADQL's or the catalogue's that wants literals is left to its examples: they decide what becomes of it.
    package func faults(of functions: [FunctionList.Function], on session: PostgresSession) -> [String] {
        asReader(on: session) {
            functions.flatMap { function in function.forms.filter { function.isOwn || $0.literals.isEmpty } }.compactMap { form in
                do {
                    _ = try session.query("EXPLAIN \(sql(form.probe))")
                    return nil
                } catch let error as PostgresError where Self.comesOfValues(error) {
                    return nil
                } catch {
                    return "\(form.signature): \(Self.reason(error))"
                }
            }
        }
    }

    /// The examples that fail, or give another value than the one that stands beside them: a line for each.
    package func wrongExamples(of functions: [FunctionList.Function], on session: PostgresSession) -> [String] {
        asReader(on: session) {
            functions.flatMap(\.examples).compactMap { example in
                do {
                    let value = try session.query(sql(example.call)).string(0, 0) ?? "null"
                    return example.isRight(value) ? nil : "\(example.call) is \(value), and not \(example.value)"
                } catch {
                    return "\(example.call): \(Self.reason(error))"
                }
            }
        }
    }

    /// Under the role that queries have, where there is one: a function that it may not call is refused.
    private func asReader(on session: PostgresSession, _ work: () -> [String]) -> [String] {
        do {
            guard try ReaderRole.isUsable(on: session) else { return work() }
            try session.execute("SET ROLE \(ReaderRole.name)")
            let lines = work()
            try session.execute("RESET ROLE")
            return lines
        } catch {
            return ["the role \(ReaderRole.name) can't be taken on: \(error.message)"]
        }
    }

    private func sql(_ call: String) throws -> String {
        let query = try resolver.resolve(Query.parse("SELECT \(call) AS v FROM (SELECT TOP 1 schema_name FROM tap_schema.schemas) AS one"))
        return SQLWriter(.init(accessURLPrefix: "", accessURLSuffix: "")).sql(for: query).text
    }

    /// Planning works constant calls out; what a function has against NULL is no fault of its SQL.
    private static func comesOfValues(_ error: PostgresError) -> Bool {
        ["22", "AL", "P0"].contains { error.sqlstate.hasPrefix($0) }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError: "PostgreSQL says: \(error.message)"
        case let error as ADQLError: error.message
        default: "\(error)"
        }
    }
}

extension FunctionForm {
    /// A call in ADQL that means this form, all its arguments NULL.
    fileprivate var probe: String {
        let count = repeats ? max(least, parameters.count) : parameters.count
        let arguments = (0..<count).map { index -> String in
            if literals.contains(index) { return parameter(at: index).type.isNumber ? "1" : "'1'" }
            return switch parameter(at: index).type {
            case .numeric: "CAST(NULL AS DOUBLE PRECISION)"
            case .integral: "CAST(NULL AS BIGINT)"
            case .geometry: "CAST(NULL AS POINT)"
            case .exactly(let type): type.castName.map { "CAST(NULL AS \($0))" } ?? "NULL"
            case .any: "NULL"
            }
        }
        return "\(function)(\(arguments.joined(separator: ", ")))"
    }
}

extension ParameterType {
    fileprivate var isNumber: Bool {
        switch self {
        case .numeric, .integral: true
        case .exactly(let type): type.isNumeric
        case .any, .geometry: false
        }
    }
}

extension FunctionList.Example {
    /// Numbers may differ in their last digits.
    package func isRight(_ found: String) -> Bool {
        guard let expected = Double(value), let number = Double(found) else { return found == value }
        return abs(number - expected) <= 1e-12 * max(1, abs(expected)) || number == expected
    }
}

extension ValueType {
    /// As ADQL's CAST calls the type; nil where it knows none.
    fileprivate var castName: String? {
        switch self {
        case .smallint: "SMALLINT"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .real: "REAL"
        case .double: "DOUBLE PRECISION"
        case .varchar: "VARCHAR"
        case .timestamp: "TIMESTAMP"
        case .point: "POINT"
        case .circle: "CIRCLE"
        case .polygon: "POLYGON"
        default: nil
        }
    }
}
