import CHDF5

/// Records in the making: the datasets of a file's records once more, in another file, with some of the rows.
///
/// The datasets are as in the file that it is made like: types, shapes beyond the first dimension, chunks, filters, fill values, attributes and
/// links. It is filled from that file and from others with the same columns. Of no use once the writer is gone.
package final class RecordDraft {
    /// Rows that it will have.
    package let count: Int
    private let model: HDF5Records
    private let file: hid_t
    private let name: String
    /// Absolute; empty for the root.
    private let base: String
    private let groups: [SharedHandle]
    private let columns: [DraftColumn]

    init(like model: HDF5Records, at base: String, count: Int, in file: hid_t, named name: String) throws(HDF5Error) {
        func failure(_ detail: String?) -> HDF5Error { .notWritten(name, detail: detail) }
        self.count = count
        self.model = model
        self.file = file
        self.name = name
        self.base = base == "/" ? "" : base
        let references = ReferenceMap(from: model.file.handle.id, to: file, keepsRegions: false)
        var columns: [DraftColumn] = []
        var groups: [SharedHandle] = []
        switch model.arrangement {
        case .table:
            guard let table = model.columns.first else { throw failure(nil) }
            columns = [try DraftColumn(like: table, at: base, count: count, in: file, named: name)]
            references.add(object: table.dataset.id, at: base)
        case .columns:
            for group in model.groups where !(group.path.isEmpty && self.base.isEmpty) {
                groups.append(try Self.group(group.path.isEmpty ? base : "\(self.base)/\(group.path)", in: file, orThrow: failure))
            }
            for column in model.columns {
                let path = "\(self.base)/\(column.shape.path)"
                columns.append(try DraftColumn(like: column, at: path, count: count, in: file, named: name))
                references.add(object: column.dataset.id, at: path)
            }
        }
        self.columns = columns
        self.groups = groups
        try copyAttributes(AttributeCopy(references: references, failure: failure))
        try addAliases(orThrow: failure)
    }

    private static func group(
        _ path: String, in file: hid_t, orThrow failure: (_ detail: String?) -> HDF5Error
    ) throws(HDF5Error) -> SharedHandle {
        let isThere = try Location.contains(path, in: file, orThrow: failure)
        if isThere { return SharedHandle(try Handle(H5Gopen2(file, path, Library.standard), orThrow: failure)) }
        let links = try Handle(H5Pcreate(almagest_h5p_link_create()), orThrow: failure)
        try Library.check(H5Pset_create_intermediate_group(links.id, 1), orThrow: failure)
        let properties = try Handle(H5Pcreate(almagest_h5p_group_create()), orThrow: failure)
        try Library.check(H5Pset_obj_track_times(properties.id, false), orThrow: failure)
        return SharedHandle(try Handle(H5Gcreate2(file, path, links.id, properties.id, Library.standard), orThrow: failure))
    }

    /// All datasets are there by now, so that attributes that refer to them, as those of dimension scales do, keep their sense.
    private func copyAttributes(_ copy: AttributeCopy) throws(HDF5Error) {
        for (column, original) in zip(columns, model.columns) { try copy.copy(from: original.dataset.id, to: column.dataset.id) }
        // The root's own say what the product is, and not what one of its files was.
        let originals = model.groups.filter { !($0.path.isEmpty && base.isEmpty) }
        for (group, original) in zip(groups, originals) { try copy.copy(from: original.handle.id, to: group.id) }
    }

    private func addAliases(orThrow failure: (_ detail: String?) -> HDF5Error) throws(HDF5Error) {
        for alias in model.aliases {
            let path = "\(base)/\(alias.path)"
            guard try !Location.contains(path, in: file, orThrow: failure) else { continue }
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
            if !parent.isEmpty {
                let hasParent = try Location.contains(parent, in: file, orThrow: failure)
                guard hasParent else { continue }
            }
            let status =
                alias.isHard
                ? H5Lcreate_hard(file, "\(base)/\(alias.target)", file, path, Library.standard, Library.standard)
                : H5Lcreate_soft(alias.target, file, path, Library.standard, Library.standard)
            try Library.check(status, orThrow: failure)
        }
    }

    /// Whether the rows of these records can stand here too.
    package func takes(_ records: HDF5Records) -> Bool {
        records.hasColumns(like: model)
    }

    /// Appends rows, whose numbers rise.
    ///
    /// Throws ``HDF5Error`` (damagedObject) for the source's fault, after which the draft is of no use, as after any other error.
    ///
    /// - Parameter isCancelled: asked before each column; true leaves the rest undone.
    package func append(_ rows: [Int], of records: HDF5Records, isCancelled: () -> Bool = { false }) throws(HDF5Error) {
        try Library.enter()
        guard records.hasColumns(like: model) else { throw .notWritten(name, detail: "other columns") }
        var references: ReferenceMap?
        for (column, source) in zip(columns, records.columns) where !isCancelled() {
            if source.shape.type.hasReferences, references == nil {
                references = ReferenceMap(from: records.file.handle.id, to: file, keepsRegions: false)
                for (original, column) in zip(records.columns, columns) { references?.add(object: original.dataset.id, at: column.path) }
            }
            try column.append(rows, from: source, of: records, references)
        }
    }

    /// Writes what is left.
    package func finish() throws(HDF5Error) {
        try Library.enter()
        for column in columns { try column.flush() }
    }
}

extension HDF5Writer {
    /// Begins records like those of another file: at the path of a table, or in a group for columns, `/` for the root.
    ///
    /// - Parameter count: rows that will be appended.
    package func createRecords(like model: HDF5Records, at path: String, count: Int) throws(HDF5Error) -> RecordDraft {
        try Library.enter()
        if case .table = model.arrangement { try makeGroups(above: path) }
        let draft = try RecordDraft(like: model, at: path, count: count, in: file, named: fileName)
        try checkDisk()
        return draft
    }
}
