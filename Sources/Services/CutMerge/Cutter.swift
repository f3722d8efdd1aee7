import HDF5

/// Cuts objects out of data files and merges them into one product.
///
/// Objects keep their path and everything in them; records of tables and columns stand in datasets like the original ones, those of all files one after
/// the other. Files are read in order of their names. A file that is missing or damaged fails its own rows;
/// `/manifest` (``Manifest``) says what became of every row. The product appears at its path only when it is complete.
/// Everything happens on the calling thread, which libhdf5 blocks.
package struct Cutter: ~Copyable {
    private var product: HDF5Writer
    private var names = ProductNames()
    private var rows: [ManifestRow] = []
    private var objects = 0
    /// Objects that were copied, by the position of their file in the request.
    private var copies: [Int: [(key: String, place: String)]] = [:]
    private var progress: CutProgress

    /// Below this, and below what the wanted objects may fill, a file is read at once rather than piece by piece.
    private static let bytesPerObject = 80 << 10

    /// Makes the product of a request.
    ///
    /// - Parameters:
    ///   - report: Called after every object.
    ///   - isCancelled: Asked before every object; true ends the work with the error cancelled.
    /// - Throws: ``CutMergeError``; then nothing is left on disk.
    package static func cut(
        _ request: CutRequest, report: (CutProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(CutMergeError) -> CutSummary {
        var request = request.canonical
        try checkAttributes(of: request)
        do {
            // Each round finds all damaged files there are; damage that moves is not for us to follow.
            for _ in 0..<4 {
                do {
                    var cutter = try Cutter(request)
                    for (index, file) in request.files.enumerated() where file.layout == .keyed {
                        try cutter.cut(file, index, report: report, isCancelled: isCancelled)
                    }
                    try cutter.restoreReferences(request, isCancelled: isCancelled)
                    try cutter.cutRecords(of: request, report: report, isCancelled: isCancelled)
                    return try cutter.finish(request)
                } catch let damaged as RecordCut.DamagedFiles {
                    request = request.without(damaged)
                }
            }
            throw CutMergeError.crashed
        } catch let error as CutMergeError {
            throw error
        } catch let error as HDF5Error {
            if error.code == .tooLarge, let limit = request.byteLimit { throw .tooLarge(limit: limit) }
            throw .notWritten(error)
        } catch {
            throw .cancelled
        }
    }

    private init(_ request: CutRequest) throws(HDF5Error) {
        product = try HDF5Writer(creating: request.product, atMost: request.byteLimit)
        progress = CutProgress(done: 0, total: request.files.reduce(0) { $0 + Self.objects(in: $1) })
    }

    /// Distinct objects among the cuts, which are sorted.
    private static func objects(in file: CutRequest.SourceFile) -> Int {
        zip(file.cuts, file.cuts.dropFirst()).reduce(file.cuts.isEmpty ? 0 : 1) { $0 + ($1.0.key == $1.1.key ? 0 : 1) }
    }

    // MARK: - Files

    private mutating func cut(
        _ file: CutRequest.SourceFile, _ index: Int, report: (CutProgress) -> Void, isCancelled: () -> Bool
    ) throws {
        guard !isCancelled() else { throw CutMergeError.cancelled }
        if let fault = SourceCheck.fault(of: file) { return fail(file, fault, report) }
        let source: HDF5File
        do throws(HDF5Error) {
            source = try Self.open(file)
        } catch {
            return fail(file, error.message, report)
        }
        names.turn(to: file.name)
        var last: (key: String, outcome: Outcome)?
        for cut in file.cuts {
            if let last, last.key == cut.key {
                add(cut, of: file, last.outcome)
                continue
            }
            guard !isCancelled() else { throw CutMergeError.cancelled }
            let outcome = try copy(cut.key, from: source, of: file, index)
            add(cut, of: file, outcome)
            last = (cut.key, outcome)
            progress.done += 1
            report(progress)
        }
    }

    private mutating func fail(_ file: CutRequest.SourceFile, _ reason: String, _ report: (CutProgress) -> Void) {
        for cut in file.cuts { add(cut, of: file, Outcome(status: .unreadable, reason: reason)) }
        progress.done += Self.objects(in: file)
        report(progress)
    }

    private static func open(_ file: CutRequest.SourceFile) throws(HDF5Error) -> HDF5File {
        let wanted = objects(in: file) * bytesPerObject
        let source = try HDF5File(path: file.path, access: .wholeUpTo(wanted))
        try source.expect(bytes: file.bytes)
        return source
    }

    /// References are lost in copying; most archives have none.
    private func restoreReferences(_ request: CutRequest, isCancelled: () -> Bool) throws {
        guard !copies.isEmpty, try product.mayHoldReferences() else { return }
        for (index, copies) in copies.sorted(by: { $0.key < $1.key }) {
            guard !isCancelled() else { throw CutMergeError.cancelled }
            try product.restoreReferences(of: copies, from: try Self.open(request.files[index]))
        }
    }

    private mutating func cutRecords(
        of request: CutRequest, report: (CutProgress) -> Void, isCancelled: () -> Bool
    ) throws {
        guard request.files.contains(where: { $0.layout != .keyed }) else { return }
        var records = RecordCut(request)
        try records.find(isCancelled: isCancelled)
        var progress = progress
        let made = try records.copy(
            to: product, &names,
            progress: { done in
                progress.done += done
                report(progress)
            }, isCancelled: isCancelled)
        self.progress = progress
        rows += made.rows
        objects += made.objects
    }

    // MARK: - Objects

    /// What became of an object.
    private struct Outcome {
        var status: ManifestRow.Status
        var path = ""
        var reason = ""
    }

    private mutating func copy(
        _ key: String, from source: borrowing HDF5File, of file: CutRequest.SourceFile, _ index: Int
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
            copies[index, default: []].append((path, place))
            objects += 1
            return Outcome(status: .ok, path: place, reason: place == path ? "" : "another file's object has the name \"\(path)\"")
        }
    }

    private mutating func add(_ cut: CutRequest.Cut, of file: CutRequest.SourceFile, _ outcome: Outcome) {
        rows.append(ManifestRow(cut, of: file, path: outcome.path, status: outcome.status, reason: outcome.reason))
    }

    // MARK: - The end

    private consuming func finish(_ request: CutRequest) throws -> CutSummary {
        rows.append(contentsOf: request.refused)
        guard objects > 0 else { throw CutMergeError.nothingCut(rows) }
        try Manifest.write(rows, to: product)
        for (name, text) in Self.attributes(of: request) { try product.root.set(HDF5Attribute(name, .string(text))) }
        let (objects, rows) = (objects, rows)
        return CutSummary(objects: objects, bytes: try product.commit(durably: false), rows: rows)
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

extension CutRequest {
    /// The request with the rows of these files refused.
    fileprivate func without(_ damaged: RecordCut.DamagedFiles) -> CutRequest {
        var rest = self
        rest.files = files.enumerated().filter { damaged.reasons[$0.offset] == nil }.map(\.element)
        for (index, reason) in damaged.reasons {
            rest.refused += files[index].cuts.map { ManifestRow($0, of: files[index], status: .unreadable, reason: reason) }
        }
        return rest.canonical
    }
}
