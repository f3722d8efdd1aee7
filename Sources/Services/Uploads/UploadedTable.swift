package import TableModel

/// A table that a request has brought, as a query finds it and as it can be dropped again. It can be kept in writing.
package struct UploadedTable: Codable, Hashable, Sendable {
    /// As the query writes it behind `TAP_UPLOAD.`
    package var name: String
    /// The relation in the schema ``UploadedTable/sqlSchema``; nobody can guess it.
    package var sqlName: String
    package var description: String?
    package var columns: [Column]
    package var positions: [PositionIndex]
    package var rows: Int

    /// The schema that queries name, letter case ignored (TAP 1.1 §2.5).
    package static let schema = Table.uploadSchema
    package static let sqlSchema = "almagest_upload"

    /// As names are resolved against it.
    package var table: Table {
        Table(
            schema: Self.schema, name: name, description: description, columns: columns, nrows: rows, sqlSchema: Self.sqlSchema,
            sqlName: sqlName, positions: positions)
    }
}

extension Catalogue {
    /// With the tables that a request has brought: for this request alone.
    package func adding(_ uploads: [UploadedTable]) -> Catalogue {
        uploads.isEmpty ? self : Catalogue(schemas: schemas + [Schema(name: UploadedTable.schema)], tables: tables + uploads.map(\.table))
    }
}
