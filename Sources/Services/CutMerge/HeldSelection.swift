import Postgres
import TAPSchema
import TableModel

/// The rows of one product with what the archive's rules make of them.
struct HeldSelection {
    /// What was asked for, and what was added.
    private(set) var identifiers: Set<RowIdentifier>
    /// Those that exist.
    private(set) var rows: [RowIdentifier: HeldRow] = [:]
    /// Rows that a rule leaves out, and why.
    private(set) var orphans: [RowIdentifier: String] = [:]

    /// - Throws: ``CutMergeError``, `PostgresError`.
    init(_ asked: CutMergeService.Asked, _ archive: PublishedArchive, on session: PostgresSession) throws {
        identifiers = asked.identifiers
        for name in asked.relations.sorted() {
            identifiers.formUnion(try Self.related(by: name, to: asked.identifiers, limit: asked.limit + 1, archive, on: session))
        }
        guard identifiers.count + asked.unreadable.count <= asked.limit else { throw CutMergeError.tooMany(limit: asked.limit) }
        rows = try archive.holdings.rows(identifiers, on: session)
        try findOrphans(archive, on: session)
    }

    /// The rows that belong to these by all relations of that name.
    ///
    /// - Parameter limit: rows of one relation at which to stop.
    private static func related(
        by name: String, to rows: Set<RowIdentifier>, limit: Int, _ archive: PublishedArchive, on session: PostgresSession
    ) throws -> Set<RowIdentifier> {
        let isMeant = { (relation: Dataset.Relation) in singular(relation.name) == singular(name) }
        var related: Set<RowIdentifier> = []
        for (tag, rows) in Dictionary(grouping: rows, by: \.tag) {
            guard let dataset = archive.holdings[tag] else { continue }
            for relation in dataset.relations where isMeant(relation) {
                for keys in try dataset.related(relation, to: rows.map(\.key), limit: limit, on: session).values {
                    for key in keys { related.insert(RowIdentifier(tag: relation.target, key: key)) }
                }
            }
        }
        if related.isEmpty {
            // A relation of other tables of the archive is no mistake: there is nothing to add by it.
            let known = archive.holdings.datasets.flatMap(\.relations)
            guard known.contains(where: isMeant) else { throw CutMergeError.unknownRelation(name, known: Set(known.map(\.name)).sorted()) }
        }
        return related
    }

    /// `Transits` and `transit` are one name.
    private static func singular(_ name: String) -> String {
        let name = name.lowercased()
        return name.utf8.last == UInt8(ascii: "s") ? String(name.dropLast()) : name
    }

    /// Where rows of two tables are selected together and one table's rows belong to the other's by a foreign key, as transits belong to
    /// sources, those whose owner is not selected are dropped.
    private mutating func findOrphans(_ archive: PublishedArchive, on session: PostgresSession) throws(PostgresError) {
        let selected = Dictionary(grouping: rows.keys, by: \.tag)
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
    }
}
