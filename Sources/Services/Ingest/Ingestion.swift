import HDF5
package import Logging
package import Postgres
package import TAPSchema

/// Brings data files into a collection: their objects become rows, their facts are recorded. The files themselves stay where and as they are.
///
/// Each file is one transaction, so a run that ends in the middle leaves whole files only, and can be repeated. Everything blocks: run it
/// on a thread of its own or in a command.
package struct Ingestion {
    let descriptor: Descriptor
    let session: PostgresSession
    let logger: Logger
    private let workers: IngestWorkers?

    /// - Parameter workers: processes that read the files, so that one which crashes libhdf5 fails alone; nil to read them in this one.
    package init(
        _ descriptor: Descriptor, into session: PostgresSession, workers: IngestWorkers? = nil,
        logger: Logger = Logger(label: "almagest.ingest")
    ) {
        self.descriptor = descriptor
        self.session = session
        self.workers = workers
        self.logger = logger
    }

    /// Ingests files, and the files of folders whose names the descriptor knows.
    ///
    /// A file that fails, fails alone. The schemas and the collection are installed first where they are not.
    ///
    /// - Parameter progress: called at the start, every few hundred rows, and after each file.
    /// - Throws: ``TAPSchemaError`` when the archive can't be set up, `PostgresError` when the database goes away; files that are through by
    ///   then stay in the archive.
    package func run(files paths: [String], progress: (IngestProgress) -> Void = { _ in }) throws -> IngestSummary {
        let start = ContinuousClock.now
        try ArchiveSchema.install(on: session, logger: logger)
        try ArchiveSchema.publish(descriptor, on: session)
        var summary = IngestSummary()
        let files = expand(paths, &summary)
        var report = IngestProgress(filesDone: 0, files: files.count, rows: 0, elapsed: .zero)
        var touched: Set<String> = []
        for path in files {
            report.current = SourceFile.name(of: path)
            report.finished = nil
            progress(report)
            let before = report.rows
            func told(_ rows: Int) {
                report.rows = before + rows
                report.elapsed = ContinuousClock.now - start
                progress(report)
            }
            let outcome = if let workers { try workers.ingest(path, descriptor, rows: told) } else { try ingest(path, rows: told) }
            summary.add(outcome)
            let file = outcome.file
            if case .failed(let error) = file.fate {
                logger.warning(
                    "a file failed", metadata: ["file": "\(path)", "error": "\(error)", "internals": "\(error.internals ?? "")"])
            }
            switch file.fate {
            case .ingested(let rows):
                report.rows = before + rows
                if let table = file.table { touched.insert(table) }
            case .relocated: touched.insert("")
            case .unchanged, .refused, .failed: report.rows = before
            }
            report.filesDone += 1
            report.elapsed = ContinuousClock.now - start
            report.current = nil
            report.finished = file
            progress(report)
        }
        try finish(touched)
        summary.duration = ContinuousClock.now - start
        return summary
    }

    /// Folders become their files, each path once.
    private func expand(_ paths: [String], _ summary: inout IngestSummary) -> [String] {
        var files: [String] = []
        for path in paths {
            guard let inside = SourceFile.folder(path) else {
                files.append(path)
                continue
            }
            let meant = inside.filter { table(forFile: SourceFile.name(of: $0)) != nil }
            summary.ignored += inside.count - meant.count
            files += meant
        }
        var seen: Set<String> = []
        return files.filter { seen.insert($0).inserted }
    }

    /// The table whose files have names like this one, and the name's parts.
    func table(forFile name: String) -> (table: Descriptor.Table, objects: Descriptor.Objects, parts: [String: String])? {
        for table in descriptor.tables {
            guard case .objects(let objects) = table.source, let parts = objects.fileName.match(name) else { continue }
            return (table, objects, parts)
        }
        return nil
    }

    /// Counts what is there now and tells the servers.
    private func finish(_ touched: Set<String>) throws {
        guard !touched.isEmpty else { return }
        let tables = descriptor.tables.filter { touched.contains($0.fullName) }.compactMap(RowTable.init).map(\.sqlName)
        for table in tables + ["almagest.files"] {
            do throws(PostgresError) {
                // VACUUM also notes which pages all can see, which spares the first queries the work.
                try session.execute("VACUUM (ANALYZE) \(table)")
            } catch {
                if error.isConnectionFailure { throw error }
                logger.warning("could not analyse a table", metadata: ["table": "\(table)", "error": "\(error.message)"])
            }
        }
        try ArchiveSchema.bumpGeneration(on: session)
    }

    // MARK: - One file

    /// What became of one file, with what is told of its fields.
    struct Outcome: Codable {
        var file: IngestSummary.File
        var unknownFields: [String: Int] = [:]
        var passedOver = 0
    }

    /// Brings in one file, here and now.
    func ingest(_ path: String, rows: (Int) -> Void) throws -> Outcome {
        var outcome = Outcome(file: IngestSummary.File(path: path, name: SourceFile.name(of: path), table: nil, fate: .unchanged))
        do {
            let source = try SourceFile(path: path)
            guard let (table, objects, parts) = table(forFile: source.name) else {
                throw IngestError.foreignFile(source.name, collection: descriptor.collection, patterns: patterns)
            }
            outcome.file.table = table.fullName
            var ingest = FileIngest(source: source, table: table, objects: objects, parts: parts, of: self)
            outcome.file.fate = try ingest.run(rows: rows)
            outcome.unknownFields = ingest.unknownFields
            outcome.passedOver = ingest.passedOver
        } catch let error as IngestError {
            outcome.file.fate = error.code == .changedFile ? .refused(error) : .failed(error)
        } catch let error as HDF5Error {
            outcome.file.fate = .failed(.hdf5(error))
        } catch let error as PostgresError where !error.endsTheRun {
            outcome.file.fate = .failed(.refusedRows(of: outcome.file.name, error))
        }
        return outcome
    }

    private var patterns: [String] {
        descriptor.tables.compactMap { if case .objects(let objects) = $0.source { objects.fileName.description } else { nil } }
    }
}

extension IngestSummary {
    fileprivate mutating func add(_ outcome: Ingestion.Outcome) {
        files.append(outcome.file)
        passedOver += outcome.passedOver
        guard let table = outcome.file.table else { return }
        for (field, count) in outcome.unknownFields { unknownFields[table, default: [:]][field, default: 0] += count }
    }
}

extension PostgresError {
    /// The next file would meet the same: no connection, no resources, no permission, shut down.
    var endsTheRun: Bool {
        isConnectionFailure || sqlstate == "42501" || ["53", "57", "58"].contains(String(sqlstate.prefix(2)))
    }
}
