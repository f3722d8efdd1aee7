import Names
import TableModel

/// The text of one statement as it grows.
///
/// FROM entries are called t1, t2, … through the whole statement and output columns c1, c2, …, so that no name of a user can clash with
/// another, hide it, or be cut at PostgreSQL's 63 bytes.
struct Translation {
    let query: ResolvedQuery
    let options: SQLWriter.Options
    var out = ""
    /// What conditions outside ask of the values of subqueries, by FROM entry, and of common tables, by their place.
    var passed: [Int: [Limit]] = [:]
    var passedToCommon: [Int: [Limit]] = [:]
    /// The same for the selection that is written next.
    var pending: [Limit] = []

    init(query: ResolvedQuery, options: SQLWriter.Options) {
        self.query = query
        self.options = options
        out.reserveCapacity(1024)
    }

    /// A value that must not be above a number.
    struct Limit: Hashable {
        var value: ResolvedExpression
        var limit: ResolvedExpression
    }

    /// How output columns are handed out.
    enum Encoding {
        /// As values that go on being worked with.
        case natural
        /// The same, but shapes as arrays, which PostgreSQL can compare.
        case packed
        /// As the result wants them.
        case wire
    }

    mutating func statement() {
        for subquery in [query.root] + query.commonTables {
            if case .selection(let selection) = subquery.source { pass(selection) }
        }
        for (index, common) in query.commonTables.enumerated() {
            out += index == 0 ? "WITH " : ", "
            out += "w\(index + 1) AS ("
            pending = passedToCommon[index] ?? []
            subquery(common, types: common.columns.map(\.type), .natural)
            out += ")"
        }
        if !query.commonTables.isEmpty { out += " " }
        subquery(query.root, types: query.columns.map(\.type), .wire, limit: options.limit)
    }

    // MARK: Words

    /// The one way in which names get into a statement: in double quotes, inner ones doubled.
    mutating func identifier(_ name: String) {
        out += "\""
        out += name.doubling("\"")
        out += "\""
    }

    /// The one way in which a user's text gets into a statement; right whatever `standard_conforming_strings` is.
    mutating func literal(_ text: String) {
        let quoted = text.doubling("'")
        if quoted.utf8.contains(UInt8(ascii: "\\")) {
            // The blank keeps the E from growing together with a word before it.
            out += " E'\(quoted.doubling("\\"))'"
        } else {
            out += "'\(quoted)'"
        }
    }

    mutating func list<Element>(_ elements: some Sequence<Element>, separator: String = ", ", _ write: (inout Self, Element) -> Void) {
        var first = true
        for element in elements {
            if !first { out += separator }
            first = false
            write(&self, element)
        }
    }
}

extension ValueType {
    /// The type in PostgreSQL of such a value while it is worked with.
    var sqlName: String {
        switch self {
        case .boolean: "bool"
        case .smallint: "int2"
        case .integer: "int4"
        case .bigint, .rowIdentifier, .accessURL: "int8"
        case .real: "float4"
        case .double: "float8"
        case .char, .varchar, .null: "text"
        case .timestamp: "timestamp"
        case .blob: "bytea"
        case .array(let element, _): element.sqlName + "[]"
        case .point: "spoint"
        case .circle: "scircle"
        case .polygon: "spoly"
        case .moc: "smoc"
        }
    }
}

extension ValueType.Element {
    var sqlName: String {
        switch self {
        case .smallint: "int2"
        case .integer: "int4"
        case .bigint: "int8"
        case .real: "float4"
        case .double: "float8"
        }
    }
}
