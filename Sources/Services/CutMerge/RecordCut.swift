import HDF5

/// The records of several files that come together in one set of datasets.
///
/// First all rows are found, so that the datasets can be made as long as they will be; then they are copied. A file that turns out to be damaged
/// while its rows are copied has taken up room by then: the product is begun anew without it (``DamagedFiles``).
struct RecordCut {
    /// Files that can't be read as far as their rows need, each with what is wrong.
    struct DamagedFiles: Error {
        var reasons: [Int: String] = [:]
    }

    /// One set of datasets in the product.
    private final class Target {
        let table: String
        let model: HDF5Records
        /// The file that it is made like.
        let first: String
        /// Rows of each file, in the order of the request.
        var parts: [(index: Int, source: HDF5Records?, rows: [Int])] = []
        var count = 0

        init(table: String, model: HDF5Records, first: String) {
            self.table = table
            self.model = model
            self.first = first
        }
    }

    private let request: CutRequest
    private var targets: [Target] = []
    /// For each file: its target, where its rows begin there, and the row of each cut.
    private var found: [Int: (target: Int, start: Int, rows: [Int?])] = [:]
    /// For each file that could not be opened: why.
    private var unreadable: [Int: String] = [:]
    /// Files that stay open between finding and copying; more are opened twice.
    private static let mostOpen = 128

    init(_ request: CutRequest) {
        self.request = request
    }

    private var files: [(index: Int, file: CutRequest.SourceFile)] {
        request.files.enumerated().filter { $0.element.layout != .keyed }.map { (index: $0.offset, file: $0.element) }
    }

    // MARK: - Finding

    mutating func find(isCancelled: () -> Bool) throws {
        var open = 0
        for (index, file) in files {
            guard !isCancelled() else { throw CutMergeError.cancelled }
            if let fault = SourceCheck.fault(of: file) {
                unreadable[index] = fault
                continue
            }
            do throws(HDF5Error) {
                let source = try Self.open(file)
                let rows = try Self.rows(of: file, in: source)
                let target = target(for: file, source)
                let wanted = Set(rows.compactMap(\.self)).sorted()
                found[index] = (target, targets[target].count, rows)
                open += 1
                targets[target].parts.append((index, open <= Self.mostOpen ? source : nil, wanted))
                targets[target].count += wanted.count
            } catch {
                unreadable[index] = error.message
            }
        }
    }

    private static func open(_ file: CutRequest.SourceFile) throws(HDF5Error) -> HDF5Records {
        let arrangement: HDF5Records.Arrangement =
            switch file.layout {
            case .columns(let group, let key, _): .columns(group: group, key: key)
            case .table(let dataset, _): .table(dataset)
            case .keyed: .table("")
            }
        return try HDF5Records(path: file.path, arrangement: arrangement, expecting: file.bytes)
    }

    /// The row of each cut; nil where there is none.
    private static func rows(of file: CutRequest.SourceFile, in source: HDF5Records) throws(HDF5Error) -> [Int?] {
        let numbers = file.cuts.map(\.number)
        let key: String? =
            switch file.layout {
            case .columns(_, let key, let isByKey): isByKey ? key : nil
            case .table(_, let key): key
            case .keyed: nil
            }
        guard let key else {
            return numbers.map { $0.flatMap { (0..<Int64(source.count)).contains($0) ? Int($0) : nil } }
        }
        let rows = try source.rows(with: numbers.compactMap(\.self), in: key)
        var next = rows.makeIterator()
        return numbers.map { $0 == nil ? nil : next.next() ?? nil }
    }

    /// Where the file's rows belong: with those of its table that have the same columns.
    private mutating func target(for file: CutRequest.SourceFile, _ source: HDF5Records) -> Int {
        let table = file.cuts.first?.table ?? ""
        if let known = targets.firstIndex(where: { $0.table == table && $0.model.isLike(source) }) { return known }
        targets.append(Target(table: table, model: source, first: file.name))
        return targets.count - 1
    }

    // MARK: - Copying

    /// Copies all rows, and gives the record of each cut for the manifest, with the number of rows that are in the product.
    ///
    /// - Throws: ``DamagedFiles``, ``CutMergeError``, ``HDF5Error`` for the product's fault.
    func copy(
        to product: borrowing HDF5Writer, _ names: inout ProductNames, progress: (Int) -> Void, isCancelled: () -> Bool
    ) throws -> (rows: [ManifestRow], objects: Int) {
        var damaged = DamagedFiles()
        var paths: [String] = []
        for target in targets {
            guard target.count > 0 else {
                paths.append("")
                continue
            }
            let path = names.placeRecords(target.model, from: target.first)
            paths.append(path)
            let draft = try product.createRecords(like: target.model, at: path, count: target.count)
            for part in target.parts where !part.rows.isEmpty {
                do throws(HDF5Error) {
                    let source = if let source = part.source { source } else { try Self.open(request.files[part.index]) }
                    try draft.append(part.rows, of: source, isCancelled: isCancelled)
                } catch {
                    guard error.code != .notWritten, error.code != .tooLarge else { throw error }
                    damaged.reasons[part.index] = error.message
                }
                try product.checkDisk()
                guard !isCancelled() else { throw CutMergeError.cancelled }
                progress(Self.objects(in: request.files[part.index]))
            }
            // What was damaged has left a gap; nothing of it is kept.
            if damaged.reasons.isEmpty { try draft.finish() }
        }
        guard damaged.reasons.isEmpty else { throw damaged }
        return (files.flatMap { manifest($0.index, $0.file, paths) }, targets.reduce(0) { $0 + $1.count })
    }

    private static func objects(in file: CutRequest.SourceFile) -> Int { file.cuts.count }

    private func manifest(_ index: Int, _ file: CutRequest.SourceFile, _ paths: [String]) -> [ManifestRow] {
        guard let found = found[index], unreadable[index] == nil else {
            return file.cuts.map { cut in
                ManifestRow(cut, of: file, status: .unreadable, reason: unreadable[index] ?? "")
            }
        }
        // Rows rise from cut to cut, or not where they are found by a key.
        let order = Set(found.rows.compactMap(\.self)).sorted()
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        return zip(file.cuts, found.rows).map { cut, row in
            guard let place = row.flatMap({ places[$0] }) else {
                return ManifestRow(cut, of: file, status: .notFound, reason: "no record \(cut.key) in \"\(file.name)\"")
            }
            return ManifestRow(cut, of: file, path: paths[found.target], row: found.start + place, status: .ok)
        }
    }
}
