import ADQL
import Names
import Postgres
import TableModel
import Testing

extension SQLTests {
    /// All that PostgreSQL itself knows, tried by name.
    @Suite struct Reach {
        @Test("no function of PostgreSQL can be called by its own name, unless the archive lists one of that name")
        func functions() throws {
            let list = try Translate.functions.get()
            let names = try SharedDatabase.session().query("SELECT DISTINCT proname FROM pg_proc WHERE proname ~ '^[a-z][a-z0-9_]*$'")
            #expect(names.count > 2000)
            let resolver = Resolver(catalogue: Sky.catalogue, functions: list)
            for row in 0..<names.count {
                guard let name = names.string(row, 0), list.function(named: name) == nil else { continue }
                // The grammar's own aggregates stand in no list.
                guard !["count", "sum", "avg", "min", "max"].contains(name) else { continue }
                guard let query = try? Query.parse("SELECT \(name)(ra) FROM gaia.source") else { continue }
                #expect(throws: NamesError.self, "\(name)") { try resolver.resolve(query) }
            }
        }

        @Test("no relation of PostgreSQL can be read by its own name, unless it is published")
        func relations() throws {
            let rows = try SharedDatabase.session().query(
                "SELECT nspname, relname FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid WHERE relkind IN ('r', 'v', 'm', 'S')"
            )
            #expect(rows.count > 200)
            let resolver = Resolver(catalogue: Sky.catalogue, functions: try Translate.functions.get())
            for row in 0..<rows.count {
                guard let schema = rows.string(row, 0), let name = rows.string(row, 1) else { continue }
                guard Sky.catalogue.table(schema: schema, name: name) == nil else { continue }
                for text in ["\"\(schema)\".\"\(name)\"", "\"\(name)\"", "\"\(schema).\(name)\""] {
                    guard text != "\"source\"", text != "\"star\"", text != "\"target\"" else { continue }
                    let query = try Query.parse("SELECT 1 FROM \(text)")
                    #expect(throws: NamesError.self, "\(text)") { try resolver.resolve(query) }
                }
            }
        }
    }
}
