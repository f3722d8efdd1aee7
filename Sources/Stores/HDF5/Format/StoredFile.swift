import Glibc

/// An HDF5 file, mapped into memory and read without libhdf5.
final class StoredFile {
    let bytes: StoredBytes
    private let mapping: UnsafeMutableRawPointer
    private let mapped: Int
    private let root: Int
    /// The links of groups that were looked into, by the groups' addresses.
    private var groups: [Int: StoredLinks] = [:]

    /// - Throws: ``NotPlain`` also where the file can't be opened at all.
    init(path: String) throws(NotPlain) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw NotPlain(.damaged) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { throw NotPlain(.damaged) }
        let size = Int(status.st_size)
        guard let mapping = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), mapping != MAP_FAILED else { throw NotPlain(.noMemory) }
        do throws(NotPlain) {
            let (bytes, root) = try Self.look(into: StoredBytes(start: UnsafeRawPointer(mapping), count: size))
            (self.bytes, self.root, self.mapping, mapped) = (bytes, root, mapping, size)
        } catch {
            munmap(mapping, size)
            throw error
        }
    }

    deinit { munmap(mapping, mapped) }

    /// Reads the superblock (HDF5 File Format Specification 3.0 §II.A), which stands at the beginning or behind a user block.
    private static func look(into file: StoredBytes) throws(NotPlain) -> (bytes: StoredBytes, root: Int) {
        var base = 0
        while try file.load(base, as: UInt64.self) != Superblock.signature { base = base == 0 ? 512 : base * 2 }
        let bytes = StoredBytes(start: file.start + base, count: file.count - base)
        let version: UInt8 = try bytes.load(8)
        let isOld = version < 2
        guard version <= 3 else { throw NotPlain(.unknownVersion) }
        // Offsets and lengths of 8 bytes.
        guard try bytes.load(isOld ? 13 : 9, as: UInt16.self) == 0x0808 else { throw NotPlain(.unknownVersion) }
        if !isOld { try bytes.verify(0..<44) }
        // Somebody writes to it, or died while writing.
        if version == 3, try bytes.load(11, as: UInt8.self) != 0 { throw NotPlain(.damaged) }
        let places = version == 0 ? 24 : version == 1 ? 28 : 12
        guard try bytes.length(places) == base else { throw NotPlain(.damaged) }
        // A file that was cut short is for libhdf5 to explain. The end is told from the very beginning.
        guard try bytes.length(places + 16) <= file.count else { throw NotPlain(.beyondTheEnd) }
        return (bytes, try bytes.target(isOld ? places + 40 : places + 24))
    }

    /// The address of the object of an absolute path; nil when there is none.
    func find(_ path: String) throws(NotPlain) -> Int? {
        var address = root
        for step in path.utf8.split(separator: UInt8(ascii: "/")) {
            guard let found = try find(Substring(step), in: address) else { return nil }
            address = found
        }
        return address
    }

    private func find(_ name: Substring, in group: Int) throws(NotPlain) -> Int? {
        var name = name
        guard let links = try links(of: group) else { return nil }
        let found: Result<Int?, NotPlain> = name.withUTF8 { name in
            do throws(NotPlain) { return .success(try links.find(UnsafeRawBufferPointer(name), in: bytes)) } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    private func links(of group: Int) throws(NotPlain) -> StoredLinks? {
        if let known = groups[group] { return known }
        let links = try StoredLinks(try ObjectHeader(at: group, in: bytes), in: bytes)
        if let links { groups[group] = links }
        return links
    }
}
