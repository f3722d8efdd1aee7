package import NIOCore
import Pages
package import TableModel
import XML

/// Queries to begin with, made from what is published, so that each of them runs here (DALI 1.1 §2.3).
///
/// They keep to what ADQL 2.0 has as well, because clients check them with parsers of that age.
package enum Examples {
    package struct Example: Sendable, Hashable {
        /// Unique in the document.
        package var id: String
        package var name: String
        /// What is to learn from it.
        package var text: String
        package var query: String
        /// The table that it is about, as a query writes it.
        package var table: String
    }

    /// Tables of a large archive that get examples; one can be learned for all.
    private static let tableLimit = 8

    package static func examples(of catalogue: Catalogue) -> [Example] {
        let published = catalogue.tables.filter { $0.schema.lowercased() != "tap_schema" }.prefix(tableLimit)
        var examples = published.enumerated().flatMap { index, table in
            ofTable(table, in: catalogue).map { example in
                var example = example
                example.id = "\(example.id)-\(index + 1)"
                return example
            }
        }
        if let columns = catalogue.table(schema: "tap_schema", name: "columns") {
            examples.append(
                Example(
                    id: "metadata", name: "What the tables hold", text: "The archive describes itself in TAP_SCHEMA.",
                    query: """
                        SELECT table_name, column_name, datatype, unit, ucd, description
                        FROM \(columns.adqlName)
                        ORDER BY table_name, column_index
                        """, table: columns.adqlName))
        }
        return examples
    }

    private static func ofTable(_ table: Table, in catalogue: Catalogue) -> [Example] {
        var examples = [
            Example(
                id: "rows", name: "First rows of \(table.adqlName)", text: "All columns of a few rows: a look at the table.",
                query: "SELECT TOP 10 *\nFROM \(table.adqlName)", table: table.adqlName)
        ]
        if let position = table.positions.first, let longitude = table.column(position.longitude),
            let latitude = table.column(position.latitude)
        {
            examples += sky(table, longitude.adqlName, latitude.adqlName)
        }
        let numbers = table.columns.filter { $0.type.isFraction && $0.unit != nil && !table.isPosition($0) }
        let magnitude = numbers.first { $0.unit == "mag" }
        if let number = magnitude ?? numbers.first { examples.append(statistics(table, number)) }
        if let magnitude { examples.append(histogram(table, magnitude)) }
        examples += table.foreignKeys.prefix(1).compactMap { join(table, by: $0, in: catalogue) }
        return examples
    }

    private static func sky(_ table: Table, _ longitude: String, _ latitude: String) -> [Example] {
        func point(_ alias: String) -> String { "POINT('ICRS', \(alias)\(longitude), \(alias)\(latitude))" }
        return [
            Example(
                id: "cone", name: "Cone search in \(table.adqlName)",
                text: "Rows within half a degree of a position, the nearest first. A spatial index serves it.",
                query: """
                    SELECT TOP 100 *, DISTANCE(\(point("")), POINT('ICRS', 56.75, 24.12)) AS separation
                    FROM \(table.adqlName)
                    WHERE 1 = CONTAINS(\(point("")), CIRCLE('ICRS', 56.75, 24.12, 0.5))
                    ORDER BY separation
                    """, table: table.adqlName),
            Example(
                id: "neighbours", name: "Neighbours in \(table.adqlName)",
                text: "A table joined with itself by distance on the sky: what lies within an arc minute of ten of its rows.",
                query: """
                    SELECT TOP 100 a.\(longitude), a.\(latitude), b.\(longitude) AS near_\(bare(longitude)), b.\(latitude) AS near_\(bare(latitude))
                    FROM (SELECT TOP 10 \(longitude), \(latitude) FROM \(table.adqlName)) AS a
                    JOIN \(table.adqlName) AS b
                    ON 1 = CONTAINS(\(point("b.")), CIRCLE('ICRS', a.\(longitude), a.\(latitude), 0.0167))
                    """, table: table.adqlName),
        ]
    }

    private static func statistics(_ table: Table, _ column: Column) -> Example {
        let name = column.adqlName
        return Example(
            id: "statistics", name: "Statistics of \(name) in \(table.adqlName)",
            text: "Aggregates over a whole table; units go with them into the result.",
            query:
                "SELECT COUNT(\(name)) AS n, MIN(\(name)) AS lowest, AVG(\(name)) AS mean, MAX(\(name)) AS highest\nFROM \(table.adqlName)",
            table: table.adqlName)
    }

    private static func histogram(_ table: Table, _ column: Column) -> Example {
        let name = column.adqlName
        return Example(
            id: "histogram", name: "Histogram of \(name) in \(table.adqlName)", text: "How many rows fall into each bin of one magnitude.",
            query: """
                SELECT bin, COUNT(*) AS n
                FROM (SELECT FLOOR(\(name)) AS bin FROM \(table.adqlName)) AS bins
                GROUP BY bin
                ORDER BY bin
                """, table: table.adqlName)
    }

    private static func join(_ table: Table, by key: ForeignKey, in catalogue: Catalogue) -> Example? {
        guard let target = catalogue.table(schema: key.targetSchema, name: key.targetTable), !key.columns.isEmpty, target != table else {
            return nil
        }
        let condition = key.columns.map { "a.\(Identifier.adql($0.from)) = b.\(Identifier.adql($0.target))" }.joined(separator: " AND ")
        let left = Array(Set(key.columns.map(\.from)).sorted().map { Identifier.adql($0) } + telling(table, but: key.columns.map(\.from)))
        let right = telling(target, but: key.columns.map(\.target)).filter { !left.contains($0) }
        let columns = left.map { "a.\($0)" } + right.map { "b.\($0)" }
        return Example(
            id: "join", name: "\(table.adqlName) with \(target.adqlName)", text: "Rows of two tables that belong together, by their key.",
            query: """
                SELECT TOP 10 \(columns.joined(separator: ", "))
                FROM \(table.adqlName) AS a
                JOIN \(target.adqlName) AS b ON \(condition)
                """, table: table.adqlName)
    }

    /// Some columns that say something: those with a unit, or the first ones.
    private static func telling(_ table: Table, but key: [String]) -> [String] {
        let others = table.columns.filter { column in !key.contains(column.name) && !column.type.isRowName }
        let measured = others.filter { $0.unit != nil }
        return (measured.isEmpty ? others : measured).prefix(3).map(\.adqlName)
    }

    /// A name as part of another, without its quotes.
    private static func bare(_ name: String) -> String {
        String(
            decoding: name.utf8.filter { byte in
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                    || byte == UInt8(ascii: "_")
            }, as: UTF8.self)
    }

    // MARK: - The document

    /// XHTML with RDFa, which people read and TOPCAT makes its menu of.
    package static func document(_ catalogue: Catalogue, base: String) -> ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        writer.element("html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"]) { writer in
            writer.element("head") { writer in
                writer.element("title", text: "Examples · Almagest")
                writer.element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                writer.element("style") { $0.buffer.writeString(HTMLPage.style) }
            }
            writer.element("body") { writer in
                HTMLPage.header(home: "\(base)/", place: .examples, into: &writer)
                writer.element("main") { writer in
                    writer.element("h1", text: "Examples")
                    writer.element(
                        "p",
                        text: "Each of these queries runs on this archive. Change them, and run them from the front page, TOPCAT or pyvo.")
                    writer.element("div", ["vocab": "http://www.ivoa.net/rdf/examples#"]) { writer in
                        for example in examples(of: catalogue) { writer.example(example, home: "\(base)/") }
                    }
                }
            }
        }
        return writer.buffer
    }
}

extension XMLWriter {
    fileprivate mutating func example(_ example: Examples.Example, home: String) {
        element("div", ["id": example.id, "resource": "#\(example.id)", "typeof": "example", "class": "card"]) { writer in
            writer.element("h2", ["property": "name"], text: example.name)
            writer.element("p", text: example.text)
            writer.element("pre", ["property": "query"], text: example.query)
            writer.element("p", ["class": "note"]) { writer in
                writer.inline("span") { $0.text("Table: ") }
                writer.inline("code", ["property": "table"], text: example.table)
            }
            if let address = PageLink.edit(example.query, home: home) {
                writer.element("p") { $0.inline("a", ["class": "button", "href": address], text: "Try it") }
            }
        }
    }
}

extension Table {
    fileprivate func column(_ name: String) -> Column? { columns.first { $0.name == name } }

    fileprivate func isPosition(_ column: Column) -> Bool {
        positions.contains { $0.longitude == column.name || $0.latitude == column.name }
    }
}

extension ValueType {
    fileprivate var isFraction: Bool { self == .real || self == .double }

    fileprivate var isRowName: Bool {
        switch self {
        case .rowIdentifier, .accessURL: true
        default: false
        }
    }
}
