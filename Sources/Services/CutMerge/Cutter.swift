import HDF5

/// Cuts objects out of data files and merges them into one product.
///
/// Objects keep their path and everything in them; records of tables and columns stand in datasets like the original ones, those of all files one after
/// the other. Files are read in order of their names. A file that is missing or damaged fails its own rows;
/// `/manifest` (``Manifest``) says what became of every row. The product appears at its path only when it is complete.
/// Everything happens on the calling thread, which libhdf5 blocks.
package struct Cutter {
    private var names = ProductNames()
    /// What became of the objects of keyed files, in the order of the request.
    private var fates: [Fate] = []
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
                    var cutter = Cutter(request)
                    let merge = try HDF5Merge(creating: request.product, atMost: request.byteLimit)
                    for (index, file) in request.files.enumerated() where file.layout == .keyed {
                        try cutter.cut(file, index, to: merge, report: report, isCancelled: isCancelled)
                    }
                    let product = try merge.finish()
                    try cutter.cutLate(request, to: product, report: report, isCancelled: isCancelled)
                    try cutter.restoreReferences(in: product, request, isCancelled: isCancelled)
                    try cutter.cutRecords(of: request, to: product, report: report, isCancelled: isCancelled)
                    return try cutter.finish(product, request)
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

    private init(_ request: CutRequest) {
        progress = CutProgress(done: 0, total: request.files.reduce(0) { $0 + Self.objects(in: $1).count })
    }

    /// The cuts, which are sorted, of each object.
    private static func objects(in file: CutRequest.SourceFile) -> [Range<Int>] {
        var objects: [Range<Int>] = []
        objects.reserveCapacity(file.cuts.count)
        for index in file.cuts.indices {
            if let last = objects.last, file.cuts[last.lowerBound].key == file.cuts[index].key {
                objects[objects.count - 1] = last.lowerBound..<index + 1
            } else {
                objects.append(index..<index + 1)
            }
        }
        return objects
    }

    // MARK: - Files

    /// Copies what can be copied by its bytes.
    private mutating func cut(
        _ file: CutRequest.SourceFile, _ index: Int, to merge: borrowing HDF5Merge, report: (CutProgress) -> Void, isCancelled: () -> Bool
    ) throws {
        guard !isCancelled() else { throw CutMergeError.cancelled }
        let source: HDF5Source
        do throws(HDF5Error) {
            if let fault = SourceCheck.fault(of: file) { return fail(file, index, fault, report) }
            source = try HDF5Source(path: file.path, expecting: file.bytes)
        } catch {
            return fail(file, index, error.message, report)
        }
        names.turn(to: file.name)
        var late: Set<String> = []
        for cuts in Self.objects(in: file) {
            guard !isCancelled() else { throw CutMergeError.cancelled }
            var fate = Fate(file: index, cuts: cuts)
            try copy(file.cuts[cuts.lowerBound].key, from: source, to: merge, of: file, &fate, &late)
            fates.append(fate)
            if !fate.isLate { note(report) }
        }
    }

    /// Copies, with libhdf5, what was left to it.
    private mutating func cutLate(
        _ request: CutRequest, to product: borrowing HDF5Writer, report: (CutProgress) -> Void, isCancelled: () -> Bool
    ) throws {
        let late = Dictionary(grouping: fates.indices.filter { fates[$0].isLate }) { fates[$0].file }
        for (index, late) in late.sorted(by: { $0.key < $1.key }) {
            let file = request.files[index]
            let source: HDF5File
            do throws(HDF5Error) {
                source = try Self.open(file, for: late.count)
            } catch {
                for number in late {
                    fates[number].fail(.unreadable, error.message)
                    note(report)
                }
                continue
            }
            names.turn(to: file.name)
            for number in late {
                guard !isCancelled() else { throw CutMergeError.cancelled }
                var fate = fates[number]
                try copyLate(file.cuts[fate.cuts.lowerBound].key, from: source, to: product, of: file, &fate)
                fates[number] = fate
                note(report)
            }
        }
    }

    private mutating func note(_ report: (CutProgress) -> Void) {
        progress.done += 1
        report(progress)
    }

    private mutating func fail(_ file: CutRequest.SourceFile, _ index: Int, _ reason: String, _ report: (CutProgress) -> Void) {
        for cuts in Self.objects(in: file) {
            fates.append(Fate(file: index, cuts: cuts, status: .unreadable, reason: reason))
            progress.done += 1
        }
        report(progress)
    }

    /// - Parameter count: how many of its objects are wanted.
    private static func open(_ file: CutRequest.SourceFile, for count: Int) throws(HDF5Error) -> HDF5File {
        let source = try HDF5File(path: file.path, access: .wholeUpTo(count * bytesPerObject))
        try source.expect(bytes: file.bytes)
        return source
    }

    /// References are lost in copying; most archives have none.
    private func restoreReferences(
        in product: borrowing HDF5Writer, _ request: CutRequest, isCancelled: () -> Bool
    ) throws {
        guard !copies.isEmpty, try product.mayHoldReferences() else { return }
        for (index, copies) in copies.sorted(by: { $0.key < $1.key }) {
            guard !isCancelled() else { throw CutMergeError.cancelled }
            try product.restoreReferences(of: copies, from: try Self.open(request.files[index], for: copies.count))
        }
    }

    private mutating func cutRecords(
        of request: CutRequest, to product: borrowing HDF5Writer, report: (CutProgress) -> Void, isCancelled: () -> Bool
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
    private struct Fate {
        let file: Int
        /// The rows whose object it is.
        let cuts: Range<Int>
        var status = ManifestRow.Status.ok
        var path = ""
        var reason = ""
        /// It is libhdf5's to copy, once all others are.
        var isLate = false
        /// It is in another object that was copied, which only libhdf5 can tell.
        var isPart = false

        mutating func fail(_ status: ManifestRow.Status, _ reason: String) {
            (self.status, self.reason, path) = (status, reason, "")
        }
    }

    /// - Parameter late: paths of the file's objects that are left to libhdf5.
    private mutating func copy(
        _ key: String, from source: HDF5Source, to merge: borrowing HDF5Merge, of file: CutRequest.SourceFile, _ fate: inout Fate,
        _ late: inout Set<String>
    ) throws(HDF5Error) {
        guard let path = ObjectName.absolute(key) else { return fate.fail(.notFound, "the row's key names no object") }
        // What is part of one that libhdf5 copies is found in that copy, if it succeeds.
        if !late.isEmpty, Self.ancestors(of: path).contains(where: late.contains) {
            fate.isLate = true
            return
        }
        switch names.place(path) {
        case .within(let place):
            // Part of an object that is in the product already; it may still be missing there.
            fate.path = place
            switch source.contains(path) {
            case true?: break
            case false?: fate.fail(.notFound, Self.missing(path, file))
            case nil: (fate.isLate, fate.isPart) = (true, true)
            }
        case .free(let place):
            do throws(HDF5Error) {
                guard try merge.copy(path, from: source, to: place) else {
                    late.insert(path)
                    fate.isLate = true
                    return
                }
            } catch {
                return try Self.fail(&fate, error)
            }
            take(path, at: place, &fate)
        }
    }

    private static func ancestors(of path: String) -> [String] {
        path.indices.dropFirst().filter { path[$0] == "/" }.map { String(path[..<$0]) }
    }

    private static func missing(_ path: String, _ file: CutRequest.SourceFile) -> String { "no object \"\(path)\" in \"\(file.name)\"" }

    /// Notes that an object is in the product.
    private mutating func take(_ path: String, at place: String, _ fate: inout Fate) {
        names.take(path, at: place)
        copies[fate.file, default: []].append((path, place))
        objects += 1
        fate.path = place
        if place != path { fate.reason = "another file's object has the name \"\(path)\"" }
    }

    private mutating func copyLate(
        _ key: String, from source: borrowing HDF5File, to product: borrowing HDF5Writer, of file: CutRequest.SourceFile, _ fate: inout Fate
    ) throws(HDF5Error) {
        guard let path = ObjectName.absolute(key) else { return }
        switch fate.isPart ? .within(fate.path) : names.place(path) {
        case .within(let place):
            fate.path = place
            if try !product.contains(place) { fate.fail(.notFound, Self.missing(path, file)) }
        case .free(let place):
            do throws(HDF5Error) {
                try product.copy(path, from: source, to: place)
            } catch {
                return try Self.fail(&fate, error)
            }
            take(path, at: place, &fate)
        }
    }

    /// What is the source's fault is the object's fate.
    private static func fail(_ fate: inout Fate, _ error: HDF5Error) throws(HDF5Error) {
        switch error.code {
        case .missingObject: fate.fail(.notFound, error.message)
        case .damagedObject: fate.fail(.unreadable, error.message)
        default: throw error
        }
    }

    // MARK: - The end

    private mutating func finish(_ product: consuming HDF5Writer, _ request: CutRequest) throws -> CutSummary {
        for fate in fates {
            let file = request.files[fate.file]
            rows += file.cuts[fate.cuts].map { ManifestRow($0, of: file, path: fate.path, status: fate.status, reason: fate.reason) }
        }
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
