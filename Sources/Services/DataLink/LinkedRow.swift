package import TableModel

/// A row that links can be made for: what the archive knows of it and of its file.
package struct LinkedRow: Hashable, Sendable {
    package var identifier: RowIdentifier
    package var table: LinkedTable
    /// The object's name inside the file.
    package var keyName: String
    package var file: LinkedFile
    /// About how many bytes the object adds to a product; the file's size over the number of its objects will do.
    package var objectBytes: Int

    package init(identifier: RowIdentifier, table: LinkedTable, keyName: String, file: LinkedFile, objectBytes: Int) {
        self.identifier = identifier
        self.table = table
        self.keyName = keyName
        self.file = file
        self.objectBytes = objectBytes
    }
}

package struct LinkedFile: Hashable, Sendable {
    package var name: String
    /// Bytes.
    package var size: Int
    /// Media type.
    package var format: String

    package init(name: String, size: Int, format: String) {
        self.name = name
        self.size = size
        self.format = format
    }
}

/// A table with data, as far as links depend on it.
package struct LinkedTable: Hashable, Sendable {
    /// As in `gaia.completesource`.
    package var name: String
    package var offersProduct: Bool
    package var offersProgenitor: Bool
    /// What its objects are, as a term of the vocabulary of product types: `#measurements`; nil where nobody said.
    package var productType: String?
    /// Those whose rows a link table offers.
    package var relations: [Relation]

    package struct Relation: Hashable, Sendable {
        package var name: String
        /// DataLink's term, as in `#counterpart`.
        package var semantics: String
        package var description: String

        package init(name: String, semantics: String, description: String) {
            self.name = name
            self.semantics = semantics
            self.description = description
        }
    }

    package init(
        name: String, offersProduct: Bool = true, offersProgenitor: Bool = true, productType: String? = nil, relations: [Relation]
    ) {
        self.name = name
        self.offersProduct = offersProduct
        self.offersProgenitor = offersProgenitor
        self.productType = productType
        self.relations = relations
    }
}
