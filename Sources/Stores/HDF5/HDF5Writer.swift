import CHDF5

/// A new HDF5 file in the making.
///
/// It is written under a temporary name beside its path (`.NAME.….part`) and gets its own name only from ``commit()``, when it is
/// whole and on disk. Without that it is removed at the end of the writer's life. No object carries a clock time, so the same calls
/// make the same bytes. Every call blocks, as in ``HDF5File``.
package struct HDF5Writer: ~Copyable {
    /// Where objects are put.
    package let root: HDF5Group
    private let copying: Handle
    private var draft: Draft

    /// The ending of temporary names.
    package static let temporarySuffix = ".part"

    /// Starts the file. Throws ``HDF5Error`` with the code notWritten when the folder is missing, not writable or full.
    ///
    /// - Parameter limit: bytes that the file may have; what would go beyond throws ``HDF5Error`` with the code tooLarge. Nil for any number.
    package init(creating path: String, atMost limit: Int? = nil) throws(HDF5Error) {
        try self.init(try Draft(of: path, limit: limit))
    }

    /// Goes on with a file of so many bytes that was begun without libhdf5.
    init(_ draft: consuming Draft, begun: Int = 0) throws(HDF5Error) {
        try Library.enter()
        var draft = draft
        try draft.open(begun: begun)
        let name = draft.name
        let copying = try Handle(H5Pcreate(almagest_h5p_object_copy())) { .notWritten(name, detail: $0) }
        let properties = try WriterProperties(file: name)
        let root = try Handle(H5Gopen2(draft.file, "/", Library.standard)) { .notWritten(name, detail: $0) }
        self.copying = copying
        self.root = HDF5Group(root, path: "", properties: properties)
        self.draft = draft
    }

    /// Completes the file: writes what is left and gives it its name, in place of an older file. Returns its size in bytes.
    ///
    /// Throws ``HDF5Error`` with the code notWritten; then nothing is left.
    ///
    /// - Parameter durably: whether to wait until the disk has it. Without that the file is whole for every process, but not after a crash of the
    ///   operating system.
    package consuming func commit(durably: Bool = true) throws(HDF5Error) -> Int {
        try Library.enter()
        return try draft.commit(durably: durably)
    }

    /// Removes an unfinished file unless a writer is still at work on it.
    package static func removeAbandoned(_ temporary: String) {
        Draft.removeAbandoned(temporary)
    }
}

// MARK: - Copying

extension HDF5Writer {
    /// Copies an object with all that is below it, as it is: types, storage, filters, attributes and links.
    ///
    /// Groups above `target` are made as needed. Throws ``HDF5Error``: missingObject or damagedObject for the source's fault, notWritten for this file's
    /// (a full disk), after which the writer is of no use. A soft link stays a link; a reference becomes null, until ``restoreReferences(of:from:)``.
    package func copy(_ key: String, from source: borrowing HDF5File, to target: String) throws(HDF5Error) {
        try Library.enter()
        guard let key = ObjectName.absolute(key), let target = ObjectName.absolute(target) else { throw .unfitName(key) }
        if target.utf8.dropFirst().contains(UInt8(ascii: "/")) {
            guard try source.contains(key) else { throw .missingObject(key, in: source.name) }
            try makeGroups(above: target)
        }
        let status = H5Ocopy(source.handle.id, key, draft.file, target, copying.id, Library.standard)
        try draft.checkDisk()
        guard status < 0 else { return }
        let detail = Library.explanation()
        if try contains(target) { throw .nameTaken(target, in: draft.name) }
        guard try source.contains(key) else { throw .missingObject(key, in: source.name) }
        throw .damagedObject(key, in: source.name, detail: detail)
    }

    var file: hid_t { draft.file }
    var fileName: String { draft.name }
    var image: FileImage { draft.image }

    /// Throws when the disk has not taken everything so far.
    package func checkDisk() throws(HDF5Error) {
        try draft.checkDisk()
    }

    /// Whether something of that path has been written.
    package func contains(_ path: String) throws(HDF5Error) -> Bool {
        guard let path = ObjectName.absolute(path) else { return false }
        let name = draft.name
        return try Location.contains(path, in: draft.file) { .notWritten(name, detail: $0) }
    }

    func makeGroups(above target: String) throws(HDF5Error) {
        guard let end = target.lastIndex(of: "/"), end > target.startIndex else { return }
        let parent = String(target[..<end])
        guard try !contains(parent) else { return }
        try makeGroups(above: parent)
        _ = try root.createGroup(String(parent.dropFirst()))
    }
}
