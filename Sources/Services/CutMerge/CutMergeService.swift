import Foundation
package import Postgres
package import TAPSchema
package import TableModel

/// From rows to a product: looks up where their objects lie, applies the archive's rules, and has the product made.
package final class CutMergeService: Sendable {
    package struct Settings: Sendable {
        /// Objects that one product may hold.
        package var objectLimit: Int
        /// Bytes that one product may have; nil for any number.
        package var byteLimit: Int?
        package var software: String
        package var softwareVersion: String

        package init(objectLimit: Int, byteLimit: Int? = nil, software: String, softwareVersion: String) {
            self.objectLimit = objectLimit
            self.byteLimit = byteLimit
            self.software = software
            self.softwareVersion = softwareVersion
        }
    }

    package let settings: Settings
    private let catalogue: LiveCatalogue
    private let database: PostgresPool
    private let products: ProductStore
    private let recent = RecentProducts()

    package init(settings: Settings, catalogue: LiveCatalogue, database: PostgresPool, products: ProductStore) {
        self.settings = settings
        self.catalogue = catalogue
        self.database = database
        self.products = products
    }

    /// The product of these rows, made or found.
    ///
    /// When the task that asks is cancelled, the making ends unless others wait for the same product.
    ///
    /// - Parameters:
    ///   - identifiers: the rows; order and repetition don't matter.
    ///   - unreadable: what was asked for too and is no identifier at all; the manifest lists it as not found.
    ///   - query: the query whose result they are from, for the product's attributes.
    ///   - relations: what to add: the rows that belong to these by a relation of that name, as in `transits`. Singular and plural are the same.
    ///   - objectLimit: objects that the product may hold; nil for the settings' number.
    ///   - progress: called some times per second at most while the product is made, and never when it is found.
    /// - Throws: ``CutMergeError``; `PostgresError` when the rows can't be looked up.
    package func product(
        of identifiers: [RowIdentifier], unreadable: [String] = [], query: String?, with relations: Set<String> = [],
        atMost objectLimit: Int? = nil, progress: @escaping @Sendable (CutProgress) -> Void = { _ in }
    ) async throws -> ProductStore.Product {
        let asked = Asked(
            identifiers: Set(identifiers), unreadable: Set(unreadable), query: query, relations: relations,
            limit: objectLimit ?? settings.objectLimit)
        let archive = catalogue.current
        let memory = RecentProducts.Key(asked, generation: archive.generation)
        if let known = recent[memory], let product = try await products.find(known) { return product }
        let request = try await request(asked, archive)
        let name = ProductStore.Name(of: request)
        recent[memory] = name
        return try await products.product(of: request, named: name, progress: progress)
    }

    /// What the product of these rows would be. Nothing is made; parameters and errors are those of
    /// ``product(of:unreadable:query:with:atMost:progress:)``, but for the limits: a quote covers ``mostQuoted`` objects.
    package func quote(
        of identifiers: [RowIdentifier], unreadable: [String] = [], query: String? = nil, with relations: Set<String> = []
    ) async throws -> CutQuote {
        let asked = Asked(
            identifiers: Set(identifiers), unreadable: Set(unreadable), query: query, relations: relations, limit: Self.mostQuoted)
        let request = try await request(asked, catalogue.current)
        let product = try await products.find(ProductStore.Name(of: request))
        let bytes = product?.size ?? request.estimatedBytes
        return CutQuote(
            found: request.files.reduce(0) { $0 + $1.cuts.count }, notFound: request.refused.count { $0.status == .notFound },
            dropped: request.refused.count { $0.status == .dropped }, files: request.files.count, bytes: bytes,
            seconds: product == nil ? CutQuote.seconds(of: request, bytes: bytes) : 0, product: product)
    }

    private static let mostQuoted = 2_000_000

    // MARK: - The request

    /// What somebody wants in one product.
    struct Asked: Hashable {
        var identifiers: Set<RowIdentifier>
        var unreadable: Set<String>
        var query: String?
        var relations: Set<String>
        var limit: Int

        func check() throws(CutMergeError) {
            guard !identifiers.isEmpty || !unreadable.isEmpty else { throw .nothingAsked }
            guard identifiers.count + unreadable.count <= limit else { throw .tooMany(limit: limit) }
        }
    }

    private func request(_ asked: Asked, _ archive: PublishedArchive) async throws -> CutRequest {
        try asked.check()
        let selection = try await database.withSession { try HeldSelection(asked, archive, on: $0) }
        var files: [String: CutRequest.SourceFile] = [:]
        var refused = asked.unreadable.map { Self.notFound($0) }
        for identifier in selection.identifiers {
            guard let row = selection.rows[identifier] else {
                refused.append(Self.notFound(identifier.uuid))
                continue
            }
            if let reason = selection.orphans[identifier] {
                refused.append(
                    ManifestRow(
                        id: identifier.uuid, table: row.dataset.fullName, sourceFile: row.file.name, key: row.keyName,
                        checksum: row.file.checksum, status: .dropped, reason: reason))
                continue
            }
            files[row.file.didName, default: CutRequest.SourceFile(row)].cuts.append(
                CutRequest.Cut(id: identifier.uuid, table: row.dataset.fullName, key: row.keyName))
        }
        let datasets = Set(selection.rows.keys.map(\.tag)).compactMap { archive.holdings[$0] }
        let credits = Set(datasets.compactMap(\.credit)).sorted()
        var request = CutRequest(
            product: "", collection: Set(datasets.map(\.collection)).sorted().joined(separator: "_"), query: asked.query,
            software: settings.software, softwareVersion: settings.softwareVersion,
            credits: credits.enumerated().map { .init(name: $0.offset == 0 ? "credit" : "credit_\($0.offset + 1)", text: $0.element) },
            files: Array(files.values), refused: refused)
        request.byteLimit = settings.byteLimit
        return request.canonical
    }

    private static func notFound(_ id: String) -> ManifestRow {
        ManifestRow(id: id, table: "", status: .notFound, reason: "no row has this identifier")
    }
}

extension CutRequest.SourceFile {
    fileprivate init(_ row: HeldRow) {
        self.init(
            path: row.file.location, name: row.file.name, checksum: row.file.checksum, bytes: row.file.size,
            layout: CutRequest.Layout(row.dataset), cuts: [])
        recorded = Int(row.file.recorded.timeIntervalSince1970)
        bytesPerObject = row.file.size / max(1, row.file.objects)
    }
}

extension CutRequest.Layout {
    fileprivate init(_ dataset: Dataset) {
        switch dataset.layout {
        case .keyed: self = .keyed
        case .columnar: self = .columns(group: dataset.place ?? "/", key: dataset.keyField, isByKey: dataset.findsByKey)
        case .table: self = .table(dataset: dataset.place ?? "", key: dataset.findsByKey ? dataset.keyField : nil)
        }
    }
}

extension CutRequest {
    /// About the size of the product: objects as large as their files' are on average, and the manifest.
    fileprivate var estimatedBytes: Int {
        let cuts = files.reduce(0) { $0 + $1.cuts.count }
        return files.reduce(2048 + 200 * (cuts + refused.count)) { $0 + $1.bytesPerObject * $1.cuts.count }
    }
}
