/// A column of a published table, or of a result.
///
/// `name` is the real name, without quotes; ``adqlName`` is how a query must write it.
package struct Column: Hashable, Sendable, Codable {
    package var name: String
    package var type: ValueType
    /// VOUnits 1.1; nil when dimensionless or unknown.
    package var unit: String?
    /// UCD1+.
    package var ucd: String?
    package var utype: String?
    package var description: String?
    /// Served by an index.
    package var indexed: Bool
    /// Among the columns that a client shows by default.
    package var principal: Bool
    /// Defined by a standard.
    package var std: Bool
    /// The column's name in PostgreSQL; for a row identifier or access_url, the name of the key column (int8) from which it is made.
    package var sqlName: String
    /// How the column was declared where ``type`` alone says less: dimensions, a bound, an xtype. Its bytes are those of the type's own
    /// declaration in every serialization.
    package var declared: VOTableType?

    package init(
        _ name: String, _ type: ValueType, unit: String? = nil, ucd: String? = nil, utype: String? = nil, description: String? = nil,
        indexed: Bool = false, principal: Bool = false, std: Bool = false, sqlName: String? = nil
    ) {
        self.name = name
        self.type = type
        self.unit = unit
        self.ucd = ucd
        self.utype = utype
        self.description = description
        self.indexed = indexed
        self.principal = principal
        self.std = std
        self.sqlName = sqlName ?? name
    }

    /// The declaration in a VOTable FIELD.
    package var votable: VOTableType { declared ?? type.votable }
}
