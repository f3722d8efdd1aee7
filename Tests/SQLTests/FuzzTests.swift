import ADQL
import Names
import Postgres
import SQL
import Testing

extension SQLTests {
    /// Whatever the resolver accepts, PostgreSQL must be able to plan.
    @Suite struct Fuzz {
        @Test("generated queries that are resolved are understood by PostgreSQL too", arguments: 1...4)
        func understood(seed: UInt64) throws {
            let session = try SharedDatabase.session()
            let resolver = try Resolver(catalogue: Sky.catalogue, functions: .builtIn())
            var generator = QueryGenerator(seed: seed)
            var accepted = 0
            for _ in 0..<Self.rounds {
                let query = generator.query(depth: 3)
                guard let resolved = try? resolver.resolve(query) else { continue }
                accepted += 1
                if let complaint = complaint(of: session, about: resolved) { Issue.record("\(complaint)") }
            }
            #expect(accepted > Self.rounds / 4)
        }

        private static let rounds = 1500

        /// What PostgreSQL has against the statement. Constants that divide by zero and the like fail when they are planned, as they would
        /// when they are run, and are none of it.
        private func complaint(of session: PostgresSession, about query: ResolvedQuery) -> String? {
            let sql = SQLWriter(Translate.options).sql(for: query).text
            do {
                try session.query("EXPLAIN \(sql)")
                return nil
            } catch {
                // pgSphere has no code of its own for a radius that is computed and too large.
                return error.sqlstate.hasPrefix("22") || error.message.contains("greater than 90 degrees")
                    ? nil : "\(error.sqlstate): \(error.message)\n\(sql)"
            }
        }
    }
}
