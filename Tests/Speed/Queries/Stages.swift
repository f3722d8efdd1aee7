import ADQL
import Names
import SQL
import TableModel

/// The three stages, over a catalogue of 500 tables with 50 columns each, and one that astronomers know.
struct Stages {
    private let resolver: Resolver
    private let writer = SQLWriter(
        SQLWriter.Options(accessURLPrefix: "https://archive.example/datalink?id=", accessURLSuffix: "&clientId=9"))

    init() throws {
        var tables = [Self.source]
        for table in 0..<500 {
            let columns = (0..<50).map { Column("col_\(table % 7)_\($0)", $0 % 3 == 0 ? .bigint : .double) }
            tables.append(Table(schema: "s\(table % 20)", name: "table_\(table)", columns: columns))
        }
        let schemas = ["gaia"] + (0..<20).map { "s\($0)" }
        resolver = Resolver(
            catalogue: Catalogue(schemas: schemas.map { Catalogue.Schema(name: $0) }, tables: tables), functions: try FunctionList.builtIn()
        )
    }

    private static let source = Table(
        schema: "gaia", name: "source",
        columns: [
            Column("source_id", .bigint, ucd: "meta.id"), Column("ra", .double, unit: "deg", ucd: "pos.eq.ra"),
            Column("dec", .double, unit: "deg", ucd: "pos.eq.dec"), Column("parallax", .double, unit: "mas"),
            Column("parallax_error", .real, unit: "mas"), Column("pmra", .double, unit: "mas.yr**-1"),
            Column("pmdec", .double, unit: "mas.yr**-1"), Column("phot_g_mean_mag", .real, unit: "mag"),
            Column("bp_rp", .real, unit: "mag"),
            Column("name", .varchar(nil)),
        ] + (0..<90).map { Column("extra_\($0)", .double) },
        positions: [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")])

    func parse(_ text: String) -> Query? { try? Query.parse(text) }
    func resolve(_ query: Query) -> ResolvedQuery? { try? resolver.resolve(query) }
    func translate(_ query: ResolvedQuery) -> String { writer.sql(for: query).text }

    /// All three, up to the description of an error; whether there was none.
    func whole(_ text: String) -> Bool {
        let tree: Query
        do throws(ADQLError) { tree = try Query.parse(text) } catch { return error.rendering.isEmpty }
        do throws(NamesError) {
            return !translate(try resolver.resolve(tree)).isEmpty
        } catch {
            return error.description(in: text).isEmpty
        }
    }
}
