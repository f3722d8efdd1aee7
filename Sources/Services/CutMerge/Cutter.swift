import HDF5

/// Cuts objects out of data files and merges them into one product.
///
/// Objects keep their path and everything in them. Files are read once each, in order of their names. A file that is missing or damaged fails its own rows;
/// `/manifest` (``Manifest``) says what became of every row. The product appears at its path only when it is complete.
/// Everything happens on the calling thread, which libhdf5 blocks.
package struct Cutter: ~Copyable {
    private var product: HDF5Writer
    private var names = ProductNames()
    private var rows: [ManifestRow] = []
    private var objects = 0
    private var progress: CutProgress

    /// Below this, and below what the wanted objects may fill, a file is read at once rather than piece by piece.
    private static let bytesPerObject = 32 << 10

    /// Makes the product of a request.
    ///
    /// - Parameters:
    ///   - report: Called after every object.
    ///   - isCancelled: Asked before every object; true ends the work with the error cancelled.
    /// - Throws: ``CutMergeError``; then nothing is left on disk.
    package static func cut(
        _ request: CutRequest, report: (CutProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(CutMergeError) -> CutSummary {
        let request = request.canonical
        try checkAttributes(of: request)
        do {
            var cutter = try Cutter(request)
            for file in request.files { try cutter.cut(file, report: report, isCancelled: isCancelled) }
            return try cutter.finish(request)
        } catch let error as CutMergeError {
            throw error
        } catch let error as HDF5Error {
            throw .notWritten(error)
        } catch {
            throw .cancelled
        }
    }

    private init(_ request: CutRequest) throws(HDF5Error) {
        product = try HDF5Writer(creating: request.product)
        progress = CutProgress(done: 0, total: request.files.reduce(0) { $0 + Self.objects(in: $1) })
    }

    /// Distinct objects among the cuts, which are sorted.
    private static func objects(in file: CutRequest.SourceFile) -> Int {
        zip(file.cuts, file.cuts.dropFirst()).reduce(file.cuts.isEmpty ? 0 : 1) { $0 + ($1.0.key == $1.1.key ? 0 : 1) }
    }

    // MARK: - Files

    private mutating func cut(
        _ file: CutRequest.SourceFile, report: (CutProgress) -> Void, isCancelled: () -> Bool
    ) throws {
        guard !isCancelled() else { throw CutMergeError.cancelled }
        let source: HDF5File
        do throws(HDF5Error) {
            source = try Self.open(file)
        } catch {
            for cut in file.cuts { add(cut, of: file, Outcome(status: .unreadable, reason: error.message)) }
            progress.done += Self.objects(in: file)
            return report(progress)
        }
        names.turn(to: file.name)
        var last: (key: String, outcome: Outcome)?
        for cut in file.cuts {
            if let last, last.key == cut.key {
                add(cut, of: file, last.outcome)
                continue
            }
            guard !isCancelled() else { throw CutMergeError.cancelled }
            let outcome = try copy(cut.key, from: source, of: file)
            add(cut, of: file, outcome)
            last = (cut.key, outcome)
            progress.done += 1
            report(progress)
        }
    }

    private static func open(_ file: CutRequest.SourceFile) throws(HDF5Error) -> HDF5File {
        let wanted = objects(in: file) * bytesPerObject
        let source = try HDF5File(path: file.path, access: .wholeUpTo(wanted))
        try source.expect(bytes: file.bytes)
        return source
    }

    // MARK: - Objects

    /// What became of an object.
    private struct Outcome {
        var status: ManifestRow.Status
        var path = ""
        var reason = ""
    }

    private mutating func copy(
        _ key: String, from source: borrowing HDF5File, of file: CutRequest.SourceFile
    ) throws(HDF5Error) -> Outcome {
        guard let path = ObjectName.absolute(key) else { return Outcome(status: .notFound, reason: "the row's key names no object") }
        switch names.place(path) {
        case .within(let place):
            // Part of an object that is in the product already; it may still be missing there.
            guard try product.contains(place) else {
                return Outcome(status: .notFound, reason: "no object \"\(path)\" in \"\(file.name)\"")
            }
            return Outcome(status: .ok, path: place)
        case .free(let place):
            do throws(HDF5Error) {
                try product.copy(path, from: source, to: place)
            } catch {
                switch error.code {
                case .missingObject: return Outcome(status: .notFound, reason: error.message)
                case .damagedObject: return Outcome(status: .unreadable, reason: error.message)
                default: throw error
                }
            }
            names.take(path, at: place)
            objects += 1
            return Outcome(status: .ok, path: place, reason: place == path ? "" : "another file's object has the name \"\(path)\"")
        }
    }

    private mutating func add(_ cut: CutRequest.Cut, of file: CutRequest.SourceFile, _ outcome: Outcome) {
        rows.append(
            ManifestRow(
                id: cut.id, table: cut.table, sourceFile: file.name, key: cut.key, path: outcome.path, checksum: file.checksum,
                status: outcome.status, reason: outcome.reason))
    }

    // MARK: - The end

    private consuming func finish(_ request: CutRequest) throws -> CutSummary {
        rows.append(contentsOf: request.refused)
        guard objects > 0 else { throw CutMergeError.nothingCut(rows) }
        try Manifest.write(rows, to: product)
        for (name, text) in Self.attributes(of: request) { try product.root.set(HDF5Attribute(name, .string(text))) }
        let (objects, rows) = (objects, rows)
        return CutSummary(objects: objects, bytes: try product.commit(), rows: rows)
    }

    private static func attributes(of request: CutRequest) -> [(name: String, text: String)] {
        var attributes = [(name: "collection", text: request.collection)]
        if let query = request.query { attributes.append(("query", query)) }
        attributes += [("software", request.software), ("software_version", request.softwareVersion)]
        return attributes + request.credits.map { ($0.name, $0.text) }
    }

    private static func checkAttributes(of request: CutRequest) throws(CutMergeError) {
        var seen: Set<String> = []
        for (name, _) in attributes(of: request) where !seen.insert(name).inserted { throw .attributeTaken(name) }
    }
}
