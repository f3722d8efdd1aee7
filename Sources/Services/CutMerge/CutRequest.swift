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
    /// Bytes that the product may have; nil for any number.
    package var byteLimit: Int?

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

    /// How objects stand in a data file (archive design, "Object").
    package enum Layout: Codable, Hashable, Sendable {
        /// HDF5 objects by their names.
        case keyed
        /// Rows of parallel datasets, which all lie below a group; `key` is the path below it of the one that says how many rows there are. The
        /// number in a cut's key is the row's place from 0, or with `isByKey` its value in that dataset.
        case columns(group: String, key: String, isByKey: Bool)
        /// Records of a compound dataset. The number in a cut's key is the record's place from 0, or its value in the member `key`.
        case table(dataset: String, key: String?)
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
        /// As the archive recorded it. It is written down, and verified only when ``recorded`` calls for it: that costs reading the whole file.
        package var checksum: String
        /// Bytes, as the archive recorded them; a file of another size is unreadable. Nil to leave that unchecked.
        package var bytes: Int?
        package var layout: Layout
        package var cuts: [Cut]
        /// When the checksum was found to be right, in seconds since 1970: of a file that was touched later it is looked at again. Nil for never.
        package var recorded: Int?
        /// About how many bytes one of the file's objects has, for estimates; no part of what the product is made from.
        package var bytesPerObject = 0

        package init(path: String, name: String, checksum: String, bytes: Int? = nil, layout: Layout = .keyed, cuts: [Cut]) {
            self.path = path
            self.name = name
            self.checksum = checksum
            self.bytes = bytes
            self.layout = layout
            self.cuts = cuts
        }
    }

    /// One requested row and its object.
    package struct Cut: Codable, Hashable, Sendable {
        /// The row's permanent name.
        package var id: String
        /// The row's table, as in `gaia.completesource`.
        package var table: String
        /// The object's path in its file, of which a leading slash may be left out; or a number in decimal digits, as the file's layout has it.
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
            var file = SourceFile(path: key.path, name: key.name, checksum: key.checksum, bytes: key.bytes, layout: key.layout, cuts: [])
            file.bytesPerObject = parts[0].bytesPerObject
            file.recorded = parts[0].recorded
            let cuts = parts.count == 1 ? parts[0].cuts : parts.flatMap(\.cuts)
            file.cuts = key.layout == .keyed ? Self.ordered(objects: cuts) : Self.ordered(records: cuts)
            return file
        }
        request.refused = Self.once(Self.sorted(refused, by: ManifestRow.precedes))
        request.credits = Self.once(credits.sorted { ($0.name, $0.text) < ($1.name, $1.text) })
        return request
    }

    private static func ordered(objects: [Cut]) -> [Cut] {
        once(sorted(objects.map { Cut(id: $0.id, table: $0.table, key: ObjectName.absolute($0.key) ?? $0.key) }, by: Cut.precedes))
    }

    /// As the natural order has it too, but with each number read once.
    private static func ordered(records: [Cut]) -> [Cut] {
        let numbered = records.map { (number: $0.number ?? -1, cut: $0) }
        return once(
            sorted(numbered) { left, right in
                left.number == right.number
                    ? (left.cut.key, left.cut.table, left.cut.id) < (right.cut.key, right.cut.table, right.cut.id)
                    : left.number < right.number
            }.map(\.cut))
    }

    /// What is in order already, as it comes from the server to a worker, is only looked through.
    private static func sorted<Element>(_ elements: [Element], by precedes: (Element, Element) -> Bool) -> [Element] {
        zip(elements, elements.dropFirst()).contains { precedes($1, $0) } ? elements.sorted(by: precedes) : elements
    }

    private struct FileKey: Hashable {
        let name, checksum, path: String
        let bytes: Int?
        let layout: Layout

        init(_ file: SourceFile) {
            (name, checksum, path, bytes, layout) = (file.name, file.checksum, file.path, file.bytes, file.layout)
        }

        func precedes(_ other: Self) -> Bool {
            if name != other.name { return ObjectName.precedes(name, other.name) }
            return (checksum, path, bytes ?? -1, "\(layout)") < (other.checksum, other.path, other.bytes ?? -1, "\(other.layout)")
        }
    }

    /// Without the equal neighbours.
    private static func once<Element: Equatable>(_ sorted: [Element]) -> [Element] {
        sorted.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}

extension CutRequest.Cut {
    /// In a file of records, the number in ``key``; nil when that is none.
    var number: Int64? { Int64(key) }

    static func precedes(_ left: Self, _ right: Self) -> Bool {
        if left.key != right.key { return ObjectName.precedes(left.key, right.key) }
        return (left.table, left.id) < (right.table, right.id)
    }
}
