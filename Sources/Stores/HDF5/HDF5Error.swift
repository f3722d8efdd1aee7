/// Why a file, or something in it, could not be read or written.
package struct HDF5Error: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, Codable {
        case missingFile
        case unreadableFile
        case missingObject
        case damagedObject
        case unsupportedType
        case tooLarge
        case nameTaken
        case notWritten
        case unfitLibrary
    }

    package let code: Code
    /// A fact in lower case; files by name, never by path.
    package let message: String
    /// What would work, where something would.
    package let hint: String?
    /// What libhdf5 or the system said, with paths: for the log, not for strangers.
    package let detail: String?

    private init(_ code: Code, _ message: String, hint: String? = nil, detail: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.detail = detail
    }

    /// Safe for strangers.
    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

// MARK: - All wording

extension HDF5Error {
    static func missingFile(_ file: String) -> Self {
        Self(.missingFile, "no file \"\(file)\"")
    }

    static func unreadableFile(_ file: String, because reason: String, detail: String? = nil) -> Self {
        Self(.unreadableFile, "file \"\(file)\" can't be read: \(reason)", detail: detail)
    }

    static func notHDF5(_ file: String, detail: String?) -> Self {
        Self(
            .unreadableFile, "file \"\(file)\" can't be opened as HDF5: it is of another format, cut short or damaged",
            hint: "compare its checksum with the original's", detail: detail)
    }

    static func missingObject(_ path: String, in file: String) -> Self {
        Self(.missingObject, "no object \"\(path)\" in \"\(file)\"")
    }

    static func otherSize(_ file: String, found: Int, expected: Int) -> Self {
        Self(.unreadableFile, "file \"\(file)\" has \(found) bytes where \(expected) are on record: it is damaged or another file")
    }

    static func damagedObject(_ path: String, in file: String, detail: String?) -> Self {
        // libhdf5's words for what a later one has written.
        if let detail, detail.contains("bad version number") || detail.contains("unknown version") {
            return Self(
                .damagedObject, "object \"\(path)\" in \"\(file)\" can't be read: it is written in a newer form of HDF5, or damaged",
                hint: "write it for HDF5 1.10, as h5py does with libver=(\"v108\", \"v110\")", detail: detail)
        }
        return Self(
            .damagedObject, "object \"\(path)\" in \"\(file)\" can't be read: the file is damaged there",
            hint: "compare the file's checksum with the original's", detail: detail)
    }

    static func unsupportedObject(_ path: String, in file: String, found: String) -> Self {
        Self(
            .unsupportedType, "object \"\(path)\" in \"\(file)\" is \(found)",
            hint: "a record is a group of datasets or a scalar compound dataset")
    }

    static func unsupportedType(_ path: String, in file: String, type: StoredType) -> Self {
        Self(.unsupportedType, "object \"\(path)\" in \"\(file)\" has the type \(type), which has no value here")
    }

    static func ambiguousKey(_ field: String, _ value: Int64, in file: String) -> Self {
        Self(.unsupportedType, "\(field) = \(value) stands twice in \"\(file)\"", hint: "a row is found by a value that no other row has")
    }

    static func missingFilter(_ path: String, in file: String, filter: Int32, name: String) -> Self {
        Self(
            .damagedObject,
            "dataset \"\(path)\" in \"\(file)\" is compressed by a filter that is not installed (\(name.isEmpty ? "number \(filter)" : name))",
            hint: "its plugin for libhdf5 has to be in HDF5_PLUGIN_PATH")
    }

    static func tooLarge(_ path: String, in file: String, bytes: Int) -> Self {
        Self(.tooLarge, "object \"\(path)\" in \"\(file)\" claims \(bytes) bytes, more than is read at once")
    }

    static func tooLarge(_ file: String, limit: Int) -> Self {
        Self(.tooLarge, "file \"\(file)\" would have more than the \(limit) bytes that it may have")
    }

    static func tooDeep(_ path: String, in file: String) -> Self {
        Self(.tooLarge, "the groups below \"\(path)\" in \"\(file)\" are nested too deeply, or in a circle")
    }

    static func nameTaken(_ path: String, in file: String) -> Self {
        Self(.nameTaken, "\"\(path)\" exists already in \"\(file)\"")
    }

    static func unfitName(_ path: String) -> Self {
        Self(.missingObject, "\"\(path.filter { $0 != "\0" })\" names no object", hint: "a name is not empty and holds no zero byte")
    }

    static func notCreated(_ file: String, because reason: String, detail: String? = nil) -> Self {
        Self(.notWritten, "file \"\(file)\" can't be written: \(reason)", detail: detail)
    }

    static func notWritten(_ file: String, detail: String?) -> Self {
        Self(.notWritten, "file \"\(file)\" can't be written", detail: detail)
    }

    static func unfitValue(_ path: String, type: StoredType) -> Self {
        Self(.unsupportedType, "the value for \"\(path)\" does not fit the type \(type)")
    }

    static var unfitLibrary: Self {
        Self(
            .unfitLibrary, "libhdf5 is built without thread safety",
            hint: "install Debian's libhdf5-103-1, or build with --enable-threadsafe")
    }
}
