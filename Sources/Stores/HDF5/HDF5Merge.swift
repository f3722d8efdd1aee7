/// A new HDF5 file that objects of other files are copied into by their bytes, before anything else is written to it.
///
/// That goes at the speed of memory, but for objects of the plain kind only; the others are libhdf5's to copy, into what ``finish()`` gives.
/// The outcome is the same: the objects with all that is below them, as they are.
package struct HDF5Merge: ~Copyable {
    private let draft: Draft
    private let image: PlainImage

    /// Starts the file; as ``HDF5Writer/init(creating:atMost:)``.
    package init(creating path: String, atMost limit: Int? = nil) throws(HDF5Error) {
        let draft = try Draft(of: path, limit: limit)
        guard let image = try? PlainImage(draft.image) else {
            try draft.checkDisk()
            throw .notWritten(draft.name, detail: "no memory")
        }
        self.image = image
        self.draft = draft
    }

    /// Copies an object with all that is below it, as it is: types, storage, filters, attributes and links.
    ///
    /// Groups above `target` are made as needed. A soft link stays a link.
    ///
    /// - Returns: false when the object is not plain, or damaged, or the target's name is taken; then nothing is copied.
    /// - Throws: ``HDF5Error``: missingObject when there is none, notWritten for this file's fault (a full disk), after which the merge is of no use.
    package func copy(_ key: String, from source: HDF5Source, to target: String) throws(HDF5Error) -> Bool {
        guard let key = ObjectName.absolute(key), let target = ObjectName.absolute(target) else { throw .unfitName(key) }
        guard let file = source.plain else { return false }
        let outcome = image.copy(key, from: file, to: target)
        try draft.checkDisk()
        if case .missing = outcome { throw .missingObject(key, in: source.name) }
        if case .copied = outcome { return true }
        return false
    }

    /// The file with all that was copied, for what else it is to have.
    package consuming func finish() throws(HDF5Error) -> HDF5Writer {
        var begun = 0
        if image.hasObjects {
            guard let end = try? image.finish() else {
                try draft.checkDisk()
                throw .notWritten(draft.name, detail: "no memory")
            }
            begun = end
        }
        try draft.checkDisk()
        return try HDF5Writer(draft, begun: begun)
    }
}

/// A file that objects are copied from by their bytes.
package final class HDF5Source {
    /// The file's name without its folder, for messages.
    package let name: String
    /// Nil when the file is one that only libhdf5 can read.
    let plain: StoredFile?

    /// Whether something of that path is in the file; nil when only libhdf5 can tell.
    package func contains(_ path: String) -> Bool? {
        guard let plain else { return nil }
        do throws(NotPlain) { return try plain.find(path) != nil } catch { return nil }
    }

    /// Opens the file at `path`. Throws ``HDF5Error`` with the code missingFile or unreadableFile.
    ///
    /// - Parameter bytes: on record; a file of another size is unreadable. Nil to leave that unchecked.
    package init(path: String, expecting bytes: Int? = nil) throws(HDF5Error) {
        name = FilePath.name(of: path)
        let found = try HDF5File.size(path: path, name: name)
        plain = try? StoredFile(path: path)
        // What is no HDF5 at all, libhdf5 can tell.
        if plain == nil { _ = try HDF5File(path: path) }
        if let bytes, bytes != found { throw .otherSize(name, found: found, expected: bytes) }
    }
}
