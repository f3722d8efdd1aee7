import ADQL
import Names
import TableModel
import Testing

/// A catalogue with what names can do wrong: one name in two schemas, letter case, reserved words, two tables with data.
enum Archive {
    static let sourceTag = TableTag(schema: "gaia", table: "source")
    static let transitTag = TableTag(schema: "gaia", table: "transit")

    static let source = Table(
        schema: "gaia", name: "source",
        columns: [
            Column("id", .rowIdentifier(sourceTag), sqlName: "key"),
            Column("source_id", .bigint, ucd: "meta.id", description: "Its number"),
            Column("ra", .double, unit: "deg", ucd: "pos.eq.ra;meta.main", description: "Right ascension", principal: true, std: true),
            Column("dec", .double, unit: "deg"), Column("pmra", .double, unit: "mas.yr**-1"), Column("parallax", .double, unit: "mas"),
            Column("mag", .real, unit: "mag"), Column("name", .varchar(20)), Column("code", .char(3)), Column("flag", .boolean),
            Column("epoch", .timestamp), Column("visits", .integer), Column("small", .smallint), Column("size", .double, unit: "arcsec"),
            Column("Mixed", .integer), Column("mixed_case", .integer), Column("spot", .point), Column("field", .circle),
            Column("raw", .blob), Column("shorts", .array(.smallint, count: 2)),
            Column("access_url", .accessURL(sourceTag), sqlName: "key"),
        ], tag: sourceTag)

    static let transit = Table(
        schema: "gaia", name: "transit",
        columns: [
            Column("id", .rowIdentifier(transitTag), sqlName: "key"), Column("transit_id", .bigint), Column("source_id", .bigint),
            Column("flux", .double, unit: "s**-1"), Column("access_url", .accessURL(transitTag), sqlName: "key"),
        ], tag: transitTag)

    static let twins = Table(schema: "odd", name: "twins", columns: [Column("a", .integer), Column("A", .integer), Column("b", .integer)])
    static let other = Table(schema: "odd", name: "source", columns: [Column("ra", .real), Column("num", .integer)])
    static let mixed = Table(schema: "odd", name: "Mixed Table", columns: [Column("x", .integer)])

    static let catalogue = Catalogue(
        schemas: [Catalogue.Schema(name: "gaia"), Catalogue.Schema(name: "odd")], tables: [source, transit, twins, other, mixed])

    static func resolve(_ text: String) throws -> ResolvedQuery {
        try Resolver(catalogue: catalogue, functions: .builtIn()).resolve(Query.parse(text))
    }

    static func columns(_ text: String) throws -> [Column] { try resolve(text).columns }

    /// One line for each diagnostic; empty when there is none.
    static func complaints(_ text: String) throws -> [String] {
        do {
            _ = try resolve(text)
            return []
        } catch let error as NamesError {
            return error.diagnostics.map { $0.description(in: text) }
        }
    }

    static func codes(_ text: String) throws -> [String] {
        do {
            _ = try resolve(text)
            return []
        } catch let error as NamesError {
            return error.diagnostics.map(\.code.rawValue)
        }
    }
}
