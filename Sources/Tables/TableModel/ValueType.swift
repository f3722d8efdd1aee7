/// The type of a value, in ADQL's terms, from the published column to the cell of a result.
///
/// It fixes three things at once: what an expression may do (names), how the value travels from PostgreSQL
/// in `COPY … (FORMAT binary)` (``wire``), and how it is declared in a VOTable (``votable``).
/// Source: ADQL 2.1 §3 (types), TAP 1.1 §2.4.
package enum ValueType: Hashable, Sendable, Codable {
    case boolean
    case smallint
    case integer
    case bigint
    case real
    case double
    /// CHAR(n).
    case char(Int)
    /// VARCHAR(n), or VARCHAR without a bound.
    case varchar(Int?)
    /// UTC, microseconds kept.
    case timestamp
    /// Bytes without meaning.
    case blob
    /// A one-dimensional array of numbers; `count` nil when it varies.
    case array(Element, count: Int?)
    case point
    case circle
    case polygon
    /// A spatial coverage, written as an ASCII MOC.
    case moc
    /// The permanent name of a row in a table with data: a UUID. In SQL it is the row's key (int8).
    case rowIdentifier(TableTag)
    /// The URL of a row's DataLink table. In SQL it is the row's key (int8).
    case accessURL(TableTag)
    /// The literal NULL, before anything says more.
    case null

    /// What an array may hold.
    package enum Element: Hashable, Sendable, Codable {
        case smallint, integer, bigint, real, double
    }

    /// How the value stands in a field of `COPY … (FORMAT binary)`. All numbers are big-endian.
    package enum Wire: Hashable, Sendable {
        /// One byte, 0 or 1.
        case bool
        case int2
        case int4
        case int8
        case float4
        case float8
        /// UTF-8 without terminator.
        case text
        /// int8: microseconds since 2000-01-01T00:00:00 UTC; the extreme values are ±infinity.
        case timestamp
        case bytea
        /// PostgreSQL's array: int4 dimensions, int4 has-null, int4 element oid, per dimension int4 length and int4 lower bound,
        /// then each element with its int4 byte count.
        case array(Element)
    }
}

extension ValueType {
    /// The form in which SQL hands the value out. Shapes come as float8 arrays in degrees: a point has 2, a circle 3, a polygon 2 per vertex.
    package var wire: Wire {
        switch self {
        case .boolean: .bool
        case .smallint: .int2
        case .integer: .int4
        case .bigint, .rowIdentifier, .accessURL: .int8
        case .real: .float4
        case .double: .float8
        case .char, .varchar, .moc, .null: .text
        case .timestamp: .timestamp
        case .blob: .bytea
        case .array(let element, _): .array(element)
        case .point, .circle, .polygon: .array(.double)
        }
    }

    /// The declaration in a VOTable FIELD and in TAP_SCHEMA.
    package var votable: VOTableType {
        switch self {
        case .boolean: VOTableType(.boolean)
        case .smallint: VOTableType(.short)
        case .integer: VOTableType(.int)
        case .bigint: VOTableType(.long)
        case .real: VOTableType(.float)
        case .double: VOTableType(.double)
        case .char(let n): VOTableType(.char, arraysize: "\(n)")
        case .varchar(let n): VOTableType(.char, arraysize: n.map { "\($0)*" } ?? "*")
        case .timestamp: VOTableType(.char, arraysize: "*", xtype: "timestamp")
        case .blob: VOTableType(.unsignedByte, arraysize: "*")
        case .array(let element, let count): VOTableType(element.datatype, arraysize: count.map(String.init) ?? "*")
        case .point: VOTableType(.double, arraysize: "2", xtype: "point")
        case .circle: VOTableType(.double, arraysize: "3", xtype: "circle")
        case .polygon: VOTableType(.double, arraysize: "*", xtype: "polygon")
        case .moc: VOTableType(.char, arraysize: "*", xtype: "moc")
        // DALI 1.2 has an xtype uuid, which validators of today's standard warn of.
        case .rowIdentifier: VOTableType(.char, arraysize: "36")
        case .accessURL: VOTableType(.char, arraysize: "*")
        case .null: VOTableType(.char, arraysize: "*")
        }
    }

    package var isNumeric: Bool {
        switch self {
        case .smallint, .integer, .bigint, .real, .double: true
        default: false
        }
    }

    package var isInteger: Bool {
        switch self {
        case .smallint, .integer, .bigint: true
        default: false
        }
    }

    /// Character strings, and what reads as one when an expression needs text.
    package var isText: Bool {
        switch self {
        case .char, .varchar, .rowIdentifier, .accessURL: true
        default: false
        }
    }

    package var isGeometry: Bool {
        switch self {
        case .point, .circle, .polygon, .moc: true
        default: false
        }
    }
}

extension ValueType.Element {
    package var datatype: VOTableType.Datatype {
        switch self {
        case .smallint: .short
        case .integer: .int
        case .bigint: .long
        case .real: .float
        case .double: .double
        }
    }

    /// Bytes of one element, in PostgreSQL and in a VOTable alike.
    package var width: Int {
        switch self {
        case .smallint: 2
        case .integer, .real: 4
        case .bigint, .double: 8
        }
    }
}
