package import ADQL
package import Names
package import Postgres
package import SQL
package import TAPSchema

/// Looks at a query without running it: the stages of ``QueryService`` one by one, and what the planner expects.
package struct QueryInspector: Sendable {
    private let functions: FunctionList
    private let catalogue: LiveCatalogue
    private let planner: PostgresPool

    /// - Parameter planner: sessions with the rights and settings of those that run queries; a statement for each inspection.
    package init(functions: FunctionList, catalogue: LiveCatalogue, planner: PostgresPool) {
        self.functions = functions
        self.catalogue = catalogue
        self.planner = planner
    }

    /// What became of a query at each stage; where one fails, the later ones are nil and ``error`` says why.
    package struct Inspection: Sendable {
        package var text: String
        package var query: Query?
        package var resolved: ResolvedQuery?
        package var sql: SQL.SQLText?
        package var estimate: PlanEstimate?
        /// The plan in PostgreSQL's words; only when asked for, since it shows the SQL.
        package var plan: String?
        package var error: QueryFault?
    }

    /// The same of a query as parameters give it.
    package func inspect(_ query: WrittenQuery) async throws -> Inspection {
        try await inspect(query.text, as: query.version)
    }

    /// - Parameter inWords: whether to fetch the plan in PostgreSQL's words too.
    /// - Throws: ``TAPError`` when the database can't be asked; what is wrong with the query is part of the answer.
    package func inspect(_ text: String, as version: ADQLVersion = .adql21, inWords: Bool = false) async throws -> Inspection {
        var inspection = Inspection(text: text)
        let query: Query
        do { query = try Query.parse(text, as: version) } catch {
            inspection.error = .syntax(error)
            return inspection
        }
        inspection.query = query
        do {
            inspection.resolved = try await resolve(query)
        } catch {
            inspection.error = .names(error)
            return inspection
        }
        guard let resolved = inspection.resolved else { return inspection }
        let sql = SQLWriter().sql(for: resolved)
        inspection.sql = sql
        do {
            (inspection.estimate, inspection.plan) = try await planner.withSession {
                session -> (PlanEstimate?, String?) in
                let estimate = PlanEstimate(json: try session.query(sql.explaining.text).string(0, 0) ?? "")
                guard inWords else { return (estimate, nil) }
                let plan = try session.query(sql.explainingInWords.text)
                return (estimate, (0..<plan.count).compactMap { plan.string($0, 0) }.joined(separator: "\n"))
            }
        } catch let error as PostgresError {
            // The planner works out what is constant, and so can meet what the query would: 1 / 0.
            let error = TAPError(error, timeLimit: nil, suspects: Suspects(in: resolved, of: text))
            guard error.kind == .usage else { throw error }
            inspection.error = .plan(error)
        }
        return inspection
    }

    /// What the planner expects of SQL that is about to run; nil when it can't say, since the run itself then tells why.
    func estimate(_ sql: SQL.SQLText) async -> PlanEstimate? {
        try? await planner.withSession { session in PlanEstimate(json: try session.query(sql.explaining.text).string(0, 0) ?? "") }
    }

    private func resolve(_ query: Query) async throws(NamesError) -> ResolvedQuery {
        let archive = catalogue.current
        do {
            return try Resolver(catalogue: archive.catalogue, functions: functions).resolve(query)
        } catch {
            guard await catalogue.refreshAfterMiss(in: archive.generation) else { throw error }
        }
        return try Resolver(catalogue: catalogue.current.catalogue, functions: functions).resolve(query)
    }
}

/// What keeps a query from running, by the stage that found it.
package enum QueryFault: Error, Sendable {
    case syntax(ADQLError)
    case names(NamesError)
    /// Of the planner, in words of ADQL.
    case plan(TAPError)
}
