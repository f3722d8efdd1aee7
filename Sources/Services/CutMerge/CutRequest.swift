import HDF5

/// All that the making of one product needs. The same request, whatever the order of its parts, makes the same bytes.
package struct CutRequest: Codable, Hashable, Sendable {
    /// Where the product is to be.
    package var product: String
    /// The collection's name, as in `gaia`.
    package var collection: String
    /// The text of the query whose rows these are.
    package var query: String?
    package var software: String
    package var softwareVersion: String
    /// Further attributes for the product's root: whom to thank and cite.
    package var credits: [Credit]
    package var files: [SourceFile]
    /// Rows that were asked for and are not to be cut; the manifest says why.
    package var refused: [ManifestRow]

    package init(
        product: String, collection: String, query: String? = nil, software: String, softwareVersion: String, credits: [Credit] = [],
        files: [SourceFile], refused: [ManifestRow] = []
    ) {
        self.product = product
        self.collection = collection
        self.query = query
        self.software = software
        self.softwareVersion = softwareVersion
        self.credits = credits
        self.files = files
        self.refused = refused
    }

    package struct Credit: Codable, Hashable, Sendable {
        package var name: String
        package var text: String

        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// A data file and what to cut out of it.
    package struct SourceFile: Codable, Hashable, Sendable {
        package var path: String
        /// As the archive lists it, with its extension.
        package var name: String
        /// As the archive recorded it. It is written down, not verified: that would cost reading the whole file.
        package var checksum: String
        /// Bytes, as the archive recorded them; a file of another size is unreadable. Nil to leave that unchecked.
        package var bytes: Int?
        package var cuts: [Cut]

        package init(path: String, name: String, checksum: String, bytes: Int? = nil, cuts: [Cut]) {
            self.path = path
            self.name = name
            self.checksum = checksum
            self.bytes = bytes
            self.cuts = cuts
        }
    }

    /// One requested row and its object.
    package struct Cut: Codable, Hashable, Sendable {
        /// The row's permanent name.
        package var id: String
        /// The row's table, as in `gaia.completesource`.
        package var table: String
        /// The object's path in its file; a leading slash may be left out.
        package var key: String

        package init(id: String, table: String, key: String) {
            self.id = id
            self.table = table
            self.key = key
        }
    }
}

// MARK: - Order

extension CutRequest {
    /// The same request with its parts in order and none twice: files by name, their objects in natural order, then tables and ids.
    ///
    /// Two requests for the same product are equal in this form (but for ``product`` and the files' paths).
    package var canonical: CutRequest {
        var request = self
        request.files = Dictionary(grouping: files, by: FileKey.init).sorted { $0.key.precedes($1.key) }.map { key, parts in
            let cuts = parts.flatMap(\.cuts).map { Cut(id: $0.id, table: $0.table, key: ObjectName.absolute($0.key) ?? $0.key) }
                .sorted(by: Cut.precedes)
            return SourceFile(path: key.path, name: key.name, checksum: key.checksum, bytes: key.bytes, cuts: Self.once(cuts))
        }
        request.refused = Self.once(refused.sorted(by: ManifestRow.precedes))
        request.credits = Self.once(credits.sorted { ($0.name, $0.text) < ($1.name, $1.text) })
        return request
    }

    private struct FileKey: Hashable {
        let name, checksum, path: String
        let bytes: Int?

        init(_ file: SourceFile) {
            (name, checksum, path, bytes) = (file.name, file.checksum, file.path, file.bytes)
        }

        func precedes(_ other: Self) -> Bool {
            if name != other.name { return ObjectName.precedes(name, other.name) }
            return (checksum, path, bytes ?? -1) < (other.checksum, other.path, other.bytes ?? -1)
        }
    }

    /// Without the equal neighbours.
    private static func once<Element: Equatable>(_ sorted: [Element]) -> [Element] {
        sorted.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}

extension CutRequest.Cut {
    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.key != right.key { return ObjectName.precedes(left.key, right.key) }
        return (left.table, left.id) < (right.table, right.id)
    }
}
