import Crypto
import Foundation
import Glibc
import HDF5

/// The folder that products lie in, which several server processes may share.
///
/// Beside a product `X.h5` stands `X.h5.json` once it is whole, and `.X.h5.lock` while a process is at work on it. All calls block.
struct ProductFolder: Sendable {
    let path: String
    let capacity: Int
    /// Products used less long ago stay, whatever the capacity: somebody may be about to open them.
    let grace: Duration

    /// Written beside a product once that is whole.
    private struct Facts: Codable {
        var key: String
        var size: Int
        var checksum: String
        /// The run of the operating system in which the product was written. After a crash of that it may be damaged on disk.
        var boot: String
    }

    func path(of name: ProductStore.Name) -> String {
        "\(path)/\(name.file)"
    }

    func lock(_ name: ProductStore.Name) throws(FileLock.Failure) -> FileLock {
        try FileLock(lockPath(name.file))
    }

    private func lockPath(_ file: String) -> String {
        "\(path)/.\(file).lock"
    }

    func find(_ name: ProductStore.Name) -> ProductStore.Product? {
        let path = path(of: name)
        guard let data = try? Data(contentsOf: URL(filePath: path + ".json")),
            var facts = try? JSONDecoder().decode(Facts.self, from: data),
            facts.key == name.key, Self.size(path) == facts.size
        else { return nil }
        if facts.boot != Self.boot {
            guard (try? Self.checksum(path)) == facts.checksum else { return nil }
            facts.boot = Self.boot
            try? record(facts, at: path)
        }
        // The time of the last use; what was used longest ago is the first to go. The product itself stays untouched for those who read it.
        utimes(path + ".json", nil)
        return ProductStore.Product(path: path, name: name.file, size: facts.size, checksum: facts.checksum, isComplete: true)
    }

    /// Enters a product that has just been made into the books.
    ///
    /// One with rows that could not be read is handed out, with its manifest, but made anew when asked for again.
    func keep(_ name: ProductStore.Name, _ summary: CutSummary) throws -> ProductStore.Product {
        let path = path(of: name)
        let checksum = try Self.checksum(path)
        let isComplete = summary.unreadable == 0
        if isComplete {
            try record(Facts(key: name.key, size: summary.bytes, checksum: checksum, boot: Self.boot), at: path)
        } else {
            unlink(path + ".json")
        }
        makeRoom(keeping: name.file)
        return ProductStore.Product(path: path, name: name.file, size: summary.bytes, checksum: checksum, isComplete: isComplete)
    }

    private func record(_ facts: Facts, at path: String) throws {
        try JSONEncoder().encode(facts).write(to: URL(filePath: path + ".json"), options: .atomic)
    }

    // MARK: - Room

    private func makeRoom(keeping kept: String) {
        // One process at a time, or two would remove twice as much as there is too much.
        guard let lock = try? FileLock("\(path)/.room.lock") else { return }
        defer { withExtendedLifetime(lock) {} }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let products = names.filter { $0.hasSuffix(".h5") }.compactMap { name -> (name: String, used: Date, size: Int)? in
            let product = "\(path)/\(name)"
            // One with rows that could not be read has no facts, and is used once.
            guard let size = Self.size(product), let used = Self.written(product + ".json") ?? Self.written(product) else { return nil }
            return (name, used, size)
        }
        var total = products.reduce(0) { $0 + $1.size }
        let old = Date(timeIntervalSinceNow: -(grace / .seconds(1)))
        for product in products.sorted(by: { $0.used < $1.used }) where total > capacity {
            guard product.name != kept, product.used <= old else { continue }
            // One without facts may be on its way into the books.
            let lock = try? FileLock(lockPath(product.name))
            guard lock != nil || access("\(path)/\(product.name).json", F_OK) == 0 else { continue }
            defer { withExtendedLifetime(lock) {} }
            // Whoever reads it now keeps it open; the name alone goes.
            remove("\(path)/\(product.name)")
            total -= product.size
        }
    }

    private func remove(_ product: String) {
        // In this order, so that what has facts is there.
        unlink(product + ".json")
        unlink(product)
    }

    /// Removes what processes that died have left: unfinished files, products without their facts (nobody is given them again), locks.
    /// What other processes are at work on is locked, and stays.
    func sweep() {
        let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
        for name in names {
            let entry = "\(path)/\(name)"
            if name.hasSuffix(HDF5Writer.temporarySuffix) {
                HDF5Writer.removeAbandoned(entry)
            } else if name.hasPrefix("."), name.hasSuffix(".lock") {
                _ = try? FileLock(entry)
            } else if name.hasSuffix(".h5"), !names.contains(name + ".json"), let lock = try? FileLock(lockPath(name)) {
                // Finished since the names were read?
                if access(entry + ".json", F_OK) != 0 { unlink(entry) }
                withExtendedLifetime(lock) {}
            }
        }
    }

    // MARK: - Files

    private static let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""

    private static func size(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private static func written(_ path: String) -> Date? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
    }

    private static func checksum(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        var hash = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
        return hash.finalize().hexadecimal
    }
}

extension SHA256.Digest {
    /// Lower-case digits.
    var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
