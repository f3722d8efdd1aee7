/// A published table: what `/tables` and TAP_SCHEMA say of it, and where it lies in PostgreSQL.
package struct Table: Hashable, Sendable {
    /// Real names without quotes, as in `gaia` and `completesource`.
    package var schema: String
    package var name: String
    /// `table` or `view`, as TAP_SCHEMA.tables.table_type has it.
    package var type: String
    package var description: String?
    package var utype: String?
    package var columns: [Column] {
        didSet { lookup = ColumnLookup(columns) }
    }
    /// The columns by name.
    package private(set) var lookup: ColumnLookup
    package var foreignKeys: [ForeignKey]
    /// Rows, as last counted or estimated.
    package var nrows: Int?
    /// The relation in PostgreSQL.
    package var sqlSchema: String
    package var sqlName: String
    /// Set for a table whose rows stand for objects in data files.
    package var tag: TableTag?
    /// For tables with ra and dec columns that carry a spatial index over `spoint(radians(ra), radians(dec))`, and the like.
    package var positions: [PositionIndex]

    package init(
        schema: String, name: String, type: String = "table", description: String? = nil, utype: String? = nil, columns: [Column],
        foreignKeys: [ForeignKey] = [], nrows: Int? = nil, sqlSchema: String? = nil, sqlName: String? = nil, tag: TableTag? = nil,
        positions: [PositionIndex] = []
    ) {
        self.schema = schema
        self.name = name
        self.type = type
        self.description = description
        self.utype = utype
        self.columns = columns
        lookup = ColumnLookup(columns)
        self.foreignKeys = foreignKeys
        self.nrows = nrows
        self.sqlSchema = sqlSchema ?? schema
        self.sqlName = sqlName ?? name
        self.tag = tag
        self.positions = positions
    }
}

extension Table {
    /// The schema of tables that a request brings along (TAP 1.1 §2.5): in capitals, as the standard and its readers write it.
    package static let uploadSchema = "TAP_UPLOAD"
}

/// A pair of columns in degrees over which a spatial index stands.
package struct PositionIndex: Hashable, Sendable, Codable {
    /// How the index was made, and so which SQL it serves.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// GiST over `spoint(radians(lon), radians(lat))`.
        case spoint
        /// B-tree over `q3c_ang2ipix(lon, lat)`.
        case q3c
    }

    package var kind: Kind
    /// Names of the columns, longitude first.
    package var longitude: String
    package var latitude: String

    package init(kind: Kind, longitude: String, latitude: String) {
        self.kind = kind
        self.longitude = longitude
        self.latitude = latitude
    }
}

/// A foreign key between published tables: TAP_SCHEMA.keys and key_columns.
package struct ForeignKey: Hashable, Sendable {
    package var id: String
    package var targetSchema: String
    package var targetTable: String
    /// Names without quotes: (from, target).
    package var columns: [Pair]
    package var description: String?
    package var utype: String?

    package struct Pair: Hashable, Sendable {
        package var from: String
        package var target: String

        package init(from: String, target: String) {
            self.from = from
            self.target = target
        }
    }

    package init(
        id: String, targetSchema: String, targetTable: String, columns: [Pair], description: String? = nil, utype: String? = nil
    ) {
        self.id = id
        self.targetSchema = targetSchema
        self.targetTable = targetTable
        self.columns = columns
        self.description = description
        self.utype = utype
    }
}
