package import Postgres
package import TAPSchema
package import TableModel

/// From rows to a product: looks up where their objects lie, applies the archive's rules, and has the product made.
package final class CutMergeService: Sendable {
    package struct Settings: Sendable {
        /// Objects that one product may hold.
        package var objectLimit: Int
        package var software: String
        package var softwareVersion: String

        package init(objectLimit: Int, software: String, softwareVersion: String) {
            self.objectLimit = objectLimit
            self.software = software
            self.softwareVersion = softwareVersion
        }
    }

    package let settings: Settings
    private let catalogue: LiveCatalogue
    private let database: PostgresPool
    private let products: ProductStore

    package init(settings: Settings, catalogue: LiveCatalogue, database: PostgresPool, products: ProductStore) {
        self.settings = settings
        self.catalogue = catalogue
        self.database = database
        self.products = products
    }

    /// The product of these rows, made or found.
    ///
    /// - Parameters:
    ///   - identifiers: the rows; order and repetition don't matter.
    ///   - unreadable: what was asked for too and is no identifier at all; the manifest lists it as not found.
    ///   - query: the query whose result they are from, for the product's attributes.
    /// - Throws: ``CutMergeError``; `PostgresError` when the rows can't be looked up.
    package func product(
        of identifiers: [RowIdentifier], unreadable: [String] = [], query: String?
    ) async throws -> ProductStore.Product {
        let wanted = Set(identifiers)
        guard !wanted.isEmpty || !unreadable.isEmpty else { throw CutMergeError.nothingAsked }
        guard wanted.count + unreadable.count <= settings.objectLimit else {
            throw CutMergeError.tooMany(limit: settings.objectLimit)
        }
        let archive = catalogue.current
        let (rows, orphans) = try await database.withSession { session in
            let rows = try archive.holdings.rows(wanted, on: session)
            return (rows, try Self.orphans(among: rows, archive, on: session))
        }
        var request = request(wanted, rows, orphans, query: query)
        request.refused += Set(unreadable).map { Self.notFound($0) }
        return try await products.product(of: request)
    }

    private func request(
        _ wanted: Set<RowIdentifier>, _ rows: [RowIdentifier: HeldRow], _ orphans: [RowIdentifier: String], query: String?
    ) -> CutRequest {
        var files: [String: CutRequest.SourceFile] = [:]
        var refused: [ManifestRow] = []
        for identifier in wanted {
            guard let row = rows[identifier] else {
                refused.append(Self.notFound(identifier.uuid))
                continue
            }
            if let reason = orphans[identifier] {
                refused.append(
                    ManifestRow(
                        id: identifier.uuid, table: row.dataset.fullName, sourceFile: row.file.name, key: row.keyName,
                        checksum: row.file.checksum, status: .dropped, reason: reason))
                continue
            }
            let cut = CutRequest.Cut(id: identifier.uuid, table: row.dataset.fullName, key: row.keyName)
            files[
                row.file.didName,
                default: CutRequest.SourceFile(
                    path: row.file.location, name: row.file.name, checksum: row.file.checksum, bytes: row.file.size, cuts: [])
            ].cuts.append(cut)
        }
        let datasets = Set(rows.values.map(\.dataset))
        let credits = Set(datasets.compactMap(\.credit)).sorted()
        return CutRequest(
            product: "", collection: Set(datasets.map(\.collection)).sorted().joined(separator: "_"), query: query,
            software: settings.software,
            softwareVersion: settings.softwareVersion,
            credits: credits.enumerated().map { .init(name: $0.offset == 0 ? "credit" : "credit_\($0.offset + 1)", text: $0.element) },
            files: Array(files.values), refused: refused)
    }

    private static func notFound(_ id: String) -> ManifestRow {
        ManifestRow(id: id, table: "", status: .notFound, reason: "no row has this identifier")
    }

    /// Rows that a rule leaves out: where rows of two tables are selected together and one table's rows belong to the other's by a
    /// foreign key, as transits belong to sources, those whose owner is not selected are dropped.
    private static func orphans(
        among rows: [RowIdentifier: HeldRow], _ archive: PublishedArchive, on session: PostgresSession
    ) throws(PostgresError) -> [RowIdentifier: String] {
        let selected = Dictionary(grouping: rows.keys, by: \.tag)
        var orphans: [RowIdentifier: String] = [:]
        for (tag, identifiers) in selected {
            guard let table = archive.catalogue.table(tagged: tag), let dataset = archive.holdings[tag] else { continue }
            for relation in dataset.relations {
                guard let owners = selected[relation.target],
                    table.foreignKeys.contains(where: { $0.targetSchema == relation.targetSchema && $0.targetTable == relation.targetTable }
                    )
                else { continue }
                let ownerKeys = Set(owners.map(\.key))
                let related = try dataset.related(relation, to: identifiers.map(\.key), on: session)
                for identifier in identifiers where ownerKeys.isDisjoint(with: related[identifier.key, default: []]) {
                    orphans[identifier] =
                        "its row of \(relation.targetSchema).\(relation.targetTable) is not selected, and rows of both tables are"
                }
            }
        }
        return orphans
    }
}
