import Foundation
import HDF5
import Postgres
import TAPSchema

/// The way of one file into the archive.
struct FileIngest {
    private let source: SourceFile
    private let table: Descriptor.Table
    private let objects: Descriptor.Objects
    private let parts: [String: String]
    private let descriptor: Descriptor
    private let session: PostgresSession
    private(set) var unknownFields: [String: Int] = [:]
    private(set) var passedOver = 0

    /// Rows between two sends and two reports.
    private static let batch = 256

    init(source: SourceFile, table: Descriptor.Table, objects: Descriptor.Objects, parts: [String: String], of ingestion: Ingestion) {
        self.source = source
        self.table = table
        self.objects = objects
        self.parts = parts
        descriptor = ingestion.descriptor
        session = ingestion.session
    }

    mutating func run(rows: (Int) -> Void) throws -> IngestSummary.Fate {
        let begin = try session.query("SELECT clock_timestamp()").string(0, 0)
        let checksum = try source.checksum()
        // The common case of a repeated run: the file need not even be opened.
        if !needsAttributes, let fate = try compare(try didName(attributes: [:]), checksum: checksum, taken: begin) { return fate }
        var objects = try FileObjects(source.path, self.objects, key: RowTable(table)?.keyField ?? "")
        let attributes = try attributes(of: objects)
        let didName = try didName(attributes: attributes)
        if let fate = try compare(didName, checksum: checksum, taken: begin) { return fate }
        guard objects.count > 0 else { throw IngestError.noObjects(in: source.name, pattern: self.objects.objectName?.description) }
        passedOver = objects.passedOver
        let facts = try facts(attributes: attributes)
        try session.execute("BEGIN")
        do {
            guard let id = try record(facts, didName: didName, checksum: checksum, objects: objects.count) else {
                // Another process was faster.
                try session.execute("ROLLBACK")
                return try compare(didName, checksum: checksum, taken: begin) ?? .unchanged
            }
            let count = try copy(&objects, fileID: id, rows: rows)
            try source.checkUntouched()
            try session.execute("COMMIT")
            return .ingested(rows: count)
        } catch {
            // Where the connection itself is gone, the server rolls back by itself.
            try? session.execute("ROLLBACK")
            throw try explained(error)
        }
    }

    // MARK: - Facts

    private var needsAttributes: Bool {
        [descriptor.files?.didName, descriptor.files?.didScope, descriptor.files?.didRSE]
            .contains { $0?.parts.contains { $0.hasPrefix("attribute.") } ?? false }
    }

    /// Root attributes as text, after a look at those that the descriptor wants.
    private func attributes(of file: borrowing FileObjects) throws -> [String: String] {
        var found: [String: String] = [:]
        for attribute in try file.rootAttributes() {
            found[attribute.name] =
                attribute.value.text ?? attribute.value.integer.map(String.init) ?? attribute.value.number.map { "\($0)" }
        }
        for (name, expected) in objects.attributes.sorted(by: { $0.key < $1.key }) where found[name] != expected {
            throw IngestError.wrongAttribute(name, in: source.name, found: found[name], expected: expected)
        }
        return found
    }

    /// All parts that facts can be made of.
    private func allParts(attributes: [String: String]) -> [String: String] {
        var all = parts
        all["file_name"] = source.name
        let dot = source.name.lastIndex(of: ".")
        all["file_stem"] = dot.map { String(source.name[..<$0]) } ?? source.name
        all["file_extension"] = parts["file_extension"] ?? dot.map { String(source.name[source.name.index(after: $0)...]) } ?? ""
        for (name, value) in attributes { all["attribute.\(name)"] = value }
        return all
    }

    private func didName(attributes: [String: String]) throws(IngestError) -> String {
        try fill(descriptor.files?.didName, "did_name", allParts(attributes: attributes))
    }

    private func facts(attributes: [String: String]) throws(IngestError) -> [String: String] {
        var facts = allParts(attributes: attributes)
        facts["did_scope"] = try fill(descriptor.files?.didScope, "did_scope", facts)
        facts["did_rse"] = try fill(descriptor.files?.didRSE, "did_rse", facts)
        return facts
    }

    private func fill(_ pattern: NamePattern?, _ fact: String, _ parts: [String: String]) throws(IngestError) -> String {
        guard let value = pattern?.fill(parts) else {
            throw .unfitName(fact, of: source.name, missing: (pattern?.parts ?? []).filter { parts[$0] == nil })
        }
        return value
    }

    /// What follows from what the archive knows under this name already; nil when it knows nothing.
    ///
    /// - Parameter taken: when the checksum was begun, as PostgreSQL writes it. Who serves the file looks at its content again only where it was
    ///   touched later.
    private func compare(_ didName: String, checksum: String, taken: String?) throws -> IngestSummary.Fate? {
        guard let known = try FileFacts.find(didName: didName, on: session) else { return nil }
        guard known.checksum == checksum else {
            throw IngestError.changedFile(source.name, known: known.checksum, found: checksum)
        }
        let isElsewhere = known.location != source.path
        guard isElsewhere ? !SourceFile.exists(known.location) : source.touched > known.recorded.timeIntervalSince1970 else {
            return .unchanged
        }
        try source.checkUntouched()
        try session.query(
            "UPDATE almagest.files SET location = $1, ingested_at = coalesce($2::timestamptz, ingested_at) WHERE file_id = $3",
            [.text(source.path), taken.map { .text($0) } ?? .null, .int(Int64(known.id))])
        return isElsewhere ? .relocated : .unchanged
    }

    /// Writes the facts; nil when another process has just written them for the same name.
    private func record(_ facts: [String: String], didName: String, checksum: String, objects: Int) throws(PostgresError) -> Int32? {
        func fact(_ name: String) -> PostgresValue { facts[name].map { .text($0) } ?? .null }
        let names = parts.keys.sorted()
        let result = try session.query(
            """
            INSERT INTO almagest.files (collection, table_name, did_scope, did_name, did_rse, file_name, file_extension, file_version,
                checksum, "size", format, location, objects, facts)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, jsonb_object($14::text[], $15::text[]))
            ON CONFLICT (did_name) DO NOTHING RETURNING file_id
            """,
            [
                .text(descriptor.collection), .text(table.fullName), fact("did_scope"), .text(didName), fact("did_rse"), .text(source.name),
                fact("file_extension"), fact("file_version"), .text(checksum), .int(Int64(source.size)),
                .text(descriptor.files?.format ?? ""), .text(source.path), .int(Int64(objects)), .textArray(names),
                .textArray(names.map { parts[$0] ?? "" }),
            ])
        return result.count == 1 ? result.int(0, 0).flatMap { Int32(exactly: $0) } : nil
    }

    // MARK: - Rows

    /// Sends a row for each object. What is kept of a row that was sent is its key.
    private mutating func copy(_ objects: inout FileObjects, fileID: Int32, rows report: (Int) -> Void) throws -> Int {
        guard let target = RowTable(table) else { return 0 }
        var encoder = RowEncoder(target)
        let columns = ([RowTable.fileID] + target.written.map(\.name)).map(SQLText.name).joined(separator: ", ")
        var keys: [Int64: Int] = [:]
        keys.reserveCapacity(objects.count)
        let count = try session.copyIn("COPY \(target.sqlName) (\(columns)) FROM STDIN (FORMAT binary)") { stream in
            var rows = BinaryRows()
            try stream.append(BinaryRows.header)
            let name = objects.naming
            try objects.each(fields: encoder.fields) { index, record in
                let key = try encoder.encode(record, object: name(index), at: index, fileID: fileID, to: &rows)
                if let earlier = keys.updateValue(index, forKey: key) {
                    throw IngestError.duplicateKey(target.key, key, objects: [name(earlier), name(index)])
                }
                if (index + 1) % Self.batch == 0 {
                    try stream.append(rows.bytes)
                    rows.removeAll()
                    report(index + 1)
                }
            }
            try stream.append(rows.bytes)
            try stream.append(BinaryRows.trailer)
        }
        unknownFields = encoder.unknownFields.merging(objects.unknownFields(besides: encoder.fields)) { $1 }
        return count
    }

    /// Words a key that another file has brought already; other errors stay as they are.
    private func explained(_ error: any Error) throws -> any Error {
        guard let refusal = error as? PostgresError, refusal.sqlstate == "23505", let target = RowTable(table),
            // Key (source_id)=(123) already exists. Only the number is read, since the words depend on the server's language.
            let value = refusal.detail?.split(separator: "=(").last?.prefix(while: { $0 != ")" }), let key = Int64(value)
        else { return error }
        let file = try session.query(
            """
            SELECT f.file_name FROM \(target.sqlName) r JOIN almagest.files f USING (\(RowTable.fileID)) WHERE r.\(SQLText.name(target.key)) = $1
            """, [.int(key)])
        return IngestError.knownKey(target.key, String(key), file: file.count > 0 ? file.string(0, 0) : nil)
    }
}
