import Crypto
import Executors
import Foundation
package import Logging

/// Products on disk: each made once for all who ask for it at the same time, in all server processes, and kept as long as there is room.
///
/// What a product holds decides its name, so the same rows of the same query and files give the same product.
package final class ProductStore: Sendable {
    package struct Settings: Sendable {
        /// Where products lie; made when missing.
        package var folder: String
        /// Bytes that the folder may hold; the products used longest ago go first.
        package var capacity: Int
        /// Products that may wait to be made; what is beyond is refused.
        package var queue: Int
        /// Products used less long ago stay, whatever the capacity.
        package var grace: Duration

        package init(folder: String, capacity: Int, queue: Int = 200, grace: Duration = .seconds(60)) {
            self.folder = folder
            self.capacity = capacity
            self.queue = queue
            self.grace = grace
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

    /// What a product is called before it is made.
    package struct Name: Hashable, Sendable {
        /// SHA-256 over all that decides the bytes: the rows, their files by checksum, the query, the software.
        let key: String
        let file: String

        package init(of request: CutRequest) {
            var content = request.canonical
            content.product = ""
            content.byteLimit = nil
            for index in content.files.indices {
                content.files[index].path = ""
                content.files[index].recorded = nil
            }
            key = SHA256.hash(data: content.bytes).hexadecimal
            file = "\(request.collection)_cutmerge_\(key.prefix(16)).h5"
        }
    }

    /// Makes a product, on the calling thread.
    package typealias Cutting = @Sendable (CutRequest, CutControl) throws(CutMergeError) -> CutSummary

    private let folder: ProductFolder
    private let makers: ThreadPool
    /// Looking a product up never waits for one that is made.
    private let seekers = ThreadPool(threads: 2, name: "products")
    private let queue: CutQueue
    private let cut: Cutting
    private let makings = SharedMakings<Name, Product>()
    private let logger: Logger

    /// Opens the folder, and clears it of what processes that died have left.
    ///
    /// - Parameters:
    ///   - threads: products made at the same time.
    ///   - cut: how they are made; called on one of the threads.
    package init(
        settings: Settings, threads: Int, logger: Logger = Logger(label: "almagest.cutmerge"), cut: @escaping Cutting
    ) throws {
        folder = ProductFolder(path: settings.folder, capacity: settings.capacity, grace: settings.grace)
        makers = ThreadPool(threads: threads, name: "cutmerge")
        queue = CutQueue(places: threads, waiting: settings.queue)
        self.cut = cut
        self.logger = logger
        try FileManager.default.createDirectory(atPath: settings.folder, withIntermediateDirectories: true)
        folder.sweep()
    }

    /// Products that wait for their turn, for those who look on from outside.
    package var waiting: Int { queue.waiting }

    /// The product of that name, if it is there.
    package func find(_ name: Name) async throws -> Product? {
        await seekers.run { [folder] in folder.find(name) }
    }

    /// Finds or makes the product of a request, whose ``CutRequest/product`` is set here.
    ///
    /// When the caller is cancelled and nobody else waits for the product, its making ends.
    ///
    /// - Parameters:
    ///   - name: where the caller has computed it already.
    ///   - progress: called some times per second at most while it is made.
    /// - Throws: ``CutMergeError``, CancellationError.
    package func product(
        of request: CutRequest, named name: Name? = nil, progress: @escaping @Sendable (CutProgress) -> Void = { _ in }
    ) async throws -> Product {
        let name = name ?? Name(of: request)
        if let product = try await find(name) { return product }
        return try await makings.value(for: name, report: progress) { [self] control in try await make(name, request, control) }
    }

    private func make(_ name: Name, _ request: CutRequest, _ control: CutControl) async throws -> Product {
        let lock = try await lock(name)
        defer { withExtendedLifetime(lock) {} }
        // Another process may have been at it.
        if let product = try await find(name) { return product }
        let objects = request.files.reduce(0) { $0 + $1.cuts.count }
        return try await queue.run(objects: objects) {
            try await makers.run { [self] in
                guard !control.isCancelled() else { throw CutMergeError.cancelled }
                let start = ContinuousClock.now
                var request = request
                request.product = folder.path(of: name)
                let summary = try cut(request, control)
                let made = ContinuousClock.now
                let product = try folder.keep(name, summary)
                logger.info(
                    "a product was made",
                    metadata: [
                        "product": "\(name.file)", "objects": "\(summary.objects)", "bytes": "\(summary.bytes)",
                        "cut_ms": "\(Self.milliseconds(made - start))", "kept_ms": "\(Self.milliseconds(.now - made))",
                    ])
                return product
            }
        }
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1000
    }

    /// Time between two looks at what another process makes.
    private static let pause = Duration.milliseconds(50)

    private func lock(_ name: Name) async throws -> FileLock {
        while true {
            let result = await seekers.run { [folder] in Result { () throws(FileLock.Failure) in try folder.lock(name) } }
            switch result {
            case .success(let lock): return lock
            case .failure(.taken): try await Task.sleep(for: Self.pause)
            case .failure(.impossible(let reason)): throw CutMergeError.noFolder(reason)
            }
        }
    }
}
