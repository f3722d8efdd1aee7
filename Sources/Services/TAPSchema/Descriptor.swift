package import TableModel

/// A collection as its descriptor declares it, checked: what is published, and where each value lies in the data files.
package struct Descriptor: Hashable, Sendable {
    /// The collection's name, as in `almagest ingest gaia`.
    package var collection: String
    package var description: String?
    /// Whom to thank, as in `ESA/Gaia/DPAC`.
    package var credit: String?
    package var schema: Catalogue.Schema
    /// Defined by a standard: TAP_SCHEMA itself.
    package var standard: Bool
    package var files: Files?
    package var tables: [Table]
    /// The YAML that it was read from.
    package var text: String

    /// How the facts of a file follow from its name.
    package struct Files: Hashable, Sendable {
        package var didRSE: NamePattern
        package var didScope: NamePattern
        package var didName: NamePattern
        /// Media type.
        package var format: String
    }

    package func table(named name: String) -> Table? {
        tables.first { $0.name == name }
    }
}

extension Descriptor {
    /// A table of the collection.
    package struct Table: Hashable, Sendable {
        package var schema: String
        package var name: String
        package var description: String?
        package var utype: String?
        package var source: Source
        /// The int8 column that names a row, unique in the table.
        package var key: String?
        /// What its objects are, as a term of the vocabulary http://www.ivoa.net/rdf/product-type without its #, as in `measurements`.
        package var productType: String?
        package var links: Set<Link>
        package var columns: [Column]
        package var indexes: [Index]
        package var relations: [Relation]
        package var foreignKeys: [Key]

        /// As in `gaia.completesource`.
        package var fullName: String { "\(schema).\(name)" }
        package var tag: TableTag { TableTag(schema: schema, table: name) }

        package func column(named name: String) -> Column? {
            columns.first { $0.name == name }
        }
    }

    /// Where a table's rows come from.
    package enum Source: Hashable, Sendable {
        /// Objects in data files.
        case objects(Objects)
        /// A relation that PostgreSQL has already.
        case relation(schema: String, name: String)
        /// Rows of one published table with those of another beside them.
        case join(from: String, left: String, columns: [ForeignKey.Pair])
    }

    /// The objects behind a table's rows.
    package struct Objects: Hashable, Sendable {
        package var layout: Layout
        package var fileName: NamePattern
        /// Objects with other names are passed over; nil takes all.
        package var objectName: NamePattern?
        /// Path of the group that columns lie below, or of the compound dataset; nil for keyed objects.
        package var place: String?
        /// Root attributes that a file must have, with their values as text.
        package var attributes: [String: String]
    }

    /// How objects stand in a file (archive design, "Object").
    package enum Layout: String, Hashable, Sendable, CaseIterable {
        /// One HDF5 object at the root for each row, under the row's key_name.
        case keyed
        /// One dataset for each column below a group; the object is one row of all that are as long as the key's.
        case columnar
        /// One record of a compound dataset.
        case table
    }

    /// What a row's link table offers.
    package enum Link: String, Hashable, Sendable, CaseIterable {
        case this, progenitor, counterpart
    }

    /// A column of a table, with the place that its value comes from.
    package struct Column: Hashable, Sendable {
        package var name: String
        package var type: ValueType
        /// Texts beyond ASCII, which VOTables declare as unicodeChar.
        package var isUnicode: Bool
        package var unit: String?
        package var ucd: String?
        package var utype: String?
        package var description: String?
        package var principal: Bool
        /// Served by an index.
        package var indexed: Bool
        package var published: Bool
        package var value: Value
    }

    /// Where a column's value comes from.
    package enum Value: Hashable, Sendable {
        /// The object's field of this name.
        case field(String)
        case file(FileFact)
        /// The object's own name.
        case objectName
        /// The place of the object's row among the file's, from 0.
        case objectRow
        /// An SQL expression over other columns of the row.
        case derived(String)
        /// The row's permanent identifier.
        case identifier
        /// The address of the row's links.
        case accessURL
        /// A column of one of the joined tables.
        case other(table: String, column: String)
        /// A column of the existing relation.
        case existing
    }

    /// A fact of a data file that can be published with each of its rows; raw values are columns of the file table.
    package enum FileFact: String, Hashable, Sendable, CaseIterable {
        case did_rse, did_scope, did_name, file_name, file_extension, file_version, checksum, size, format
    }

    package struct Index: Hashable, Sendable {
        package var kind: Kind
        package var columns: [String]

        package enum Kind: Hashable, Sendable {
            case btree
            /// Over longitude and latitude in degrees.
            case sky(PositionIndex.Kind)
        }
    }

    /// A way from the rows of one table to those of another that a link table offers.
    package struct Relation: Hashable, Sendable {
        package var name: String
        package var table: String
        package var columns: [ForeignKey.Pair]
        /// DataLink's term, as in `#counterpart`.
        package var semantics: String
        package var description: String
    }

    /// A foreign key that TAP_SCHEMA lists.
    package struct Key: Hashable, Sendable {
        package var target: String
        package var columns: [ForeignKey.Pair]
        package var description: String?
        package var utype: String?
    }
}
