import TableModel

/// A small archive that has a column of every type, and two large tables for the indexes.
enum Sky {
    static let sourceTag = TableTag(schema: "gaia", table: "source")
    static let transitTag = TableTag(schema: "gaia", table: "transit")

    static let source = Table(
        schema: "gaia", name: "source",
        columns: [
            Column("id", .rowIdentifier(sourceTag), ucd: "meta.id", sqlName: "key"), Column("source_id", .bigint, indexed: true),
            Column("ra", .double, unit: "deg", ucd: "pos.eq.ra;meta.main"), Column("dec", .double, unit: "deg", ucd: "pos.eq.dec"),
            Column("parallax", .double, unit: "mas"), Column("pmra", .double, unit: "mas.yr**-1"), Column("mag", .real, unit: "mag"),
            Column("name", .varchar(nil)), Column("code", .char(3)), Column("flag", .boolean), Column("epoch", .timestamp),
            Column("visits", .integer), Column("small", .smallint), Column("size", .double), Column("Mixed", .integer),
            Column("shorts", .array(.smallint, count: 2)), Column("place", .point, indexed: true), Column("field", .circle),
            Column("footprint", .polygon), Column("coverage", .moc), Column("raw", .blob),
            Column("access_url", .accessURL(sourceTag), sqlName: "key"),
        ],
        sqlSchema: "store", sqlName: "source_rows", tag: sourceTag,
        positions: [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")])

    static let transit = Table(
        schema: "gaia", name: "transit",
        columns: [
            Column("id", .rowIdentifier(transitTag), sqlName: "key"), Column("transit_id", .bigint), Column("source_id", .bigint),
            Column("flux", .double, unit: "s**-1"), Column("epoch", .timestamp),
            Column("access_url", .accessURL(transitTag), sqlName: "key"),
        ],
        sqlSchema: "store", sqlName: "transit_rows", tag: transitTag)

    static let other = Table(
        schema: "other", name: "source", columns: [Column("num", .integer), Column("ra", .real), Column("dec", .real)])

    static let star = Table(
        schema: "big", name: "star",
        columns: [
            Column("star_id", .integer), Column("ra", .double, unit: "deg"), Column("dec", .double, unit: "deg"), Column("mag", .real),
            Column("id", .rowIdentifier(TableTag(schema: "big", table: "star")), sqlName: "star_id"),
            Column("place", .point, indexed: true),
            Column("access_url", .accessURL(TableTag(schema: "big", table: "star")), sqlName: "star_id"),
        ],
        tag: TableTag(schema: "big", table: "star"), positions: [PositionIndex(kind: .spoint, longitude: "ra", latitude: "dec")])

    static let target = Table(
        schema: "big", name: "target", columns: [Column("target_id", .integer), Column("ra", .double), Column("dec", .double)])

    static let catalogue = Catalogue(
        schemas: ["gaia", "other", "big"].map { Catalogue.Schema(name: $0) }, tables: [source, transit, other, star, target])

    /// Twelve sources around the Pleiades, some with NULLs, two transits for every one; 120,000 stars all over the sky.
    static let ddl = """
        CREATE SCHEMA store; CREATE SCHEMA other; CREATE SCHEMA big;
        CREATE TABLE store.source_rows (
          key int8 PRIMARY KEY, source_id int8, ra float8, "dec" float8, parallax numeric, pmra float8, mag float4, name text,
          code char(3), flag bool, epoch timestamptz, visits int4, small int2, "size" float8, "Mixed" int4, shorts int2[],
          place spoint, field scircle, footprint spoly, coverage smoc, raw bytea);
        INSERT INTO store.source_rows
        SELECT g, 1000 + g, 56.0 + g * 0.25, 24.0 - g * 0.125, CASE WHEN g % 4 <> 0 THEN 7 + g * 0.1 END, 20.5 - g,
          CASE WHEN g <> 5 THEN 8 + g * 0.5 END, CASE WHEN g <> 3 THEN 'star ' || chr(64 + g) END,
          (ARRAY['A', 'BB', 'CCC'])[1 + g % 3], g % 2 = 0, timestamp '2016-01-01' AT TIME ZONE 'UTC' + g * interval '1 day', g % 5, g, g * 1.5, -g,
          ARRAY[g, g + 1]::int2[], spoint(radians(56.0 + g * 0.25), radians(24.0 - g * 0.125)),
          scircle(spoint(radians(56.0 + g * 0.25), radians(24.0 - g * 0.125)), radians(0.5)),
          almagest.to_polygon(ARRAY[56.0 + g, 24, 58 + g, 24, 57 + g, 26]), ('5/' || g)::smoc, '\\x0102'
        FROM generate_series(1, 12) AS g;
        CREATE TABLE store.transit_rows (key int8 PRIMARY KEY, transit_id int8, source_id int8, flux float8, epoch timestamp);
        INSERT INTO store.transit_rows
        SELECT g, 5000 + g, 1001 + g % 13, g * 100, timestamp '2017-01-01' + g * interval '1 hour' FROM generate_series(1, 24) AS g;
        CREATE TABLE other.source (num int4, ra float4, "dec" float4);
        INSERT INTO other.source VALUES (1, 56.25, 23.875), (2, 10, 20), (NULL, NULL, NULL);
        CREATE TABLE big.star (star_id int4 PRIMARY KEY, ra float8, "dec" float8, mag float4, place spoint);
        INSERT INTO big.star SELECT g, lon, lat, 5 + g % 16, spoint(radians(lon), radians(lat)) FROM (
          SELECT g, mod(g * 137.50776405003785::numeric, 360)::float8 AS lon, degrees(asin(-1 + 2 * (g - 0.5) / 120000)) AS lat
          FROM generate_series(1, 120000) AS g) AS spiral;
        CREATE INDEX star_spoint ON big.star USING gist (spoint(radians(ra), radians("dec")));
        CREATE INDEX star_place ON big.star USING gist (place);
        CREATE TABLE big.target (target_id int4, ra float8, "dec" float8);
        INSERT INTO big.target SELECT star_id, ra + 0.0001, "dec" FROM big.star WHERE star_id % 6000 = 0;
        ANALYZE;
        """
}
