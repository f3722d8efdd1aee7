import Crypto
import Executors
import Foundation
import HDF5
import Synchronization

/// Products on disk: each made once for all who ask for it at the same time, and kept as long as there is room.
///
/// What a product holds decides its name, so the same rows of the same query and files give the same product.
package final class ProductStore: Sendable {
    package struct Settings: Sendable {
        /// Where products lie; made when missing.
        package var folder: String
        /// Bytes that the folder may hold; the products used longest ago go first.
        package var capacity: Int

        package init(folder: String, capacity: Int) {
            self.folder = folder
            self.capacity = capacity
        }
    }

    /// A product that is on disk, whole.
    package struct Product: Hashable, Sendable {
        package var path: String
        /// As it is offered for saving: `gaia_cutmerge_<hash>.h5`.
        package var name: String
        package var size: Int
        /// SHA-256 of the bytes, in lower-case hexadecimal.
        package var checksum: String
        /// False when a file could not be read: asked for again, it is made again.
        package var isComplete: Bool
    }

    /// Makes a product, on the calling thread.
    package typealias Cutting = @Sendable (CutRequest) throws(CutMergeError) -> CutSummary

    private let settings: Settings
    private let threads: ThreadPool
    private let cut: Cutting
    private let making = Mutex<[String: Task<Product, any Error>]>([:])

    /// Opens the folder, and clears it of what processes that died have left.
    ///
    /// - Parameters:
    ///   - threads: products made at the same time.
    ///   - cut: how they are made; called on one of the threads.
    package init(settings: Settings, threads: Int, cut: @escaping Cutting) throws {
        self.settings = settings
        self.threads = ThreadPool(threads: threads, name: "cutmerge")
        self.cut = cut
        try FileManager.default.createDirectory(atPath: settings.folder, withIntermediateDirectories: true)
        clear()
    }

    /// Finds or makes the product of a request, whose ``CutRequest/product`` is set here.
    ///
    /// - Throws: ``CutMergeError``.
    package func product(of request: CutRequest) async throws -> Product {
        let key = try Self.key(of: request)
        let task = making.withLock { running in
            if let task = running[key] { return task }
            let task = Task { [self] in
                defer { making.withLock { _ = $0.removeValue(forKey: key) } }
                return try await threads.run { [self] in try find(key, request) ?? make(key, request) }
            }
            running[key] = task
            return task
        }
        return try await task.value
    }

    /// SHA-256 over all that decides the bytes: the rows, their files by checksum, the query, the software.
    private static func key(of request: CutRequest) throws -> String {
        var content = request.canonical
        content.product = ""
        for index in content.files.indices { content.files[index].path = "" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return SHA256.hash(data: try encoder.encode(content)).hexadecimal
    }

    // MARK: - Files

    private func name(_ key: String, _ request: CutRequest) -> String {
        "\(request.collection)_cutmerge_\(key.prefix(16)).h5"
    }

    private func find(_ key: String, _ request: CutRequest) throws -> Product? {
        let name = name(key, request)
        let path = "\(settings.folder)/\(name)"
        guard let facts = try? Data(contentsOf: URL(filePath: path + ".json")),
            let kept = try? JSONDecoder().decode(Facts.self, from: facts),
            kept.key == key, let size = Self.size(path), size == kept.size
        else { return nil }
        // The time of the last use; what was used longest ago is the first to go.
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
        return Product(path: path, name: name, size: size, checksum: kept.checksum, isComplete: true)
    }

    private func make(_ key: String, _ request: CutRequest) throws -> Product {
        let name = name(key, request)
        var request = request
        request.product = "\(settings.folder)/\(name)"
        let summary = try cut(request)
        let checksum = try Self.checksum(request.product)
        // A product with rows that could not be read is handed out, with its manifest, but made anew when asked for again.
        let isComplete = !summary.rows.contains { $0.status == .unreadable }
        if isComplete {
            let facts = Facts(key: key, size: summary.bytes, checksum: checksum)
            try JSONEncoder().encode(facts).write(to: URL(filePath: request.product + ".json"), options: .atomic)
        }
        makeRoom(keeping: name)
        return Product(path: request.product, name: name, size: summary.bytes, checksum: checksum, isComplete: isComplete)
    }

    /// Written beside a product once that is whole.
    private struct Facts: Codable {
        var key: String
        var size: Int
        var checksum: String
    }

    private func makeRoom(keeping kept: String) {
        let folder = URL(filePath: settings.folder)
        let entries =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.contentModificationDateKey, .fileSizeKey])) ?? []
        let products = entries.filter { $0.pathExtension == "h5" }.compactMap { url -> (url: URL, used: Date, size: Int)? in
            guard let values = try? url.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey]),
                let used = values.contentModificationDate, let size = values.fileSize
            else { return nil }
            return (url, used, size)
        }
        var total = products.reduce(0) { $0 + $1.size }
        for product in products.sorted(by: { $0.used < $1.used }) where total > settings.capacity {
            guard product.url.lastPathComponent != kept else { continue }
            // Whoever reads it now keeps it open; the name alone goes.
            try? FileManager.default.removeItem(at: product.url)
            try? FileManager.default.removeItem(at: product.url.appendingPathExtension("json"))
            total -= product.size
        }
    }

    /// Age from which on nobody is at work on an unfinished file any more.
    private static let leftOver: TimeInterval = 3600

    /// Removes unfinished files, and products without their facts: nobody will be given them again. Other servers may be at work in the
    /// same folder, so what is young stays.
    private func clear() {
        let entries =
            (try? FileManager.default.contentsOfDirectory(
                at: URL(filePath: settings.folder), includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
        let names = Set(entries.map(\.lastPathComponent))
        for entry in entries {
            let name = entry.lastPathComponent
            guard name.hasSuffix(HDF5Writer.temporarySuffix) || entry.pathExtension == "h5" && !names.contains(name + ".json"),
                let written = try? entry.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate,
                written < Date(timeIntervalSinceNow: -Self.leftOver)
            else { continue }
            try? FileManager.default.removeItem(at: entry)
        }
    }

    private static func size(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
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
    fileprivate var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
