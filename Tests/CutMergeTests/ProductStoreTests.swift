import CutMerge
import Foundation
import Glibc
import HDF5
import Synchronization
import Testing

@Suite("Products on disk")
struct ProductStoreTests {
    @Test("clears away at the start what dead processes have left, and nothing that somebody is at work on")
    func leftovers() throws {
        try withFolder { folder in
            let names = [
                ".gaia_cutmerge_1.h5.77-abc\(HDF5Writer.temporarySuffix)", ".gaia_cutmerge_2.h5.lock", "gaia_cutmerge_2.h5",
                "gaia_cutmerge_3.h5",
                "gaia_cutmerge_3.h5.json", "notes.txt",
            ]
            for state in ["dead", "alive"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(state)", withIntermediateDirectories: true)
                var held: [Int32] = []
                for name in names {
                    let descriptor = open("\(folder)/\(state)/\(name)", O_CREAT | O_RDWR, 0o644)
                    if state == "alive" { flock(descriptor, LOCK_EX) }
                    held.append(descriptor)
                }
                _ = try Self.store("\(folder)/\(state)")
                for descriptor in held { close(descriptor) }
            }
            #expect(try contents(of: "\(folder)/alive") == names)
            #expect(try contents(of: "\(folder)/dead") == ["gaia_cutmerge_3.h5", "gaia_cutmerge_3.h5.json", "notes.txt"])
        }
    }

    @Test("has a product made once for all who ask, also through another server's store, and finds it afterwards")
    func once() async throws {
        try await withTemporaryFolder { folder in
            let counter = Counter()
            let stores = try (0..<2).map { _ in try Self.store(folder, counter) }
            let request = try Samples.request(product: "", sourcesPerFile: 5, transitsPerFile: 5, files: 2)
            let products = try await withThrowingTaskGroup { group in
                for index in 0..<100 { group.addTask { try await stores[index % 2].product(of: request) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            let product = try #require(products.first)
            #expect(products.count == 1)
            #expect(try await stores[0].product(of: request) == product)
            #expect(try await stores[1].find(ProductStore.Name(of: request)) == product)
            #expect(counter.value == 1)
            #expect(try contents(of: folder) == [product.name, product.name + ".json"])
        }
    }

    @Test("gives up a product when the last who waits for it is cancelled, and not before")
    func abandoned() async throws {
        try await withTemporaryFolder { folder in
            let (begun, ended) = (Gate(), Gate())
            let store = try ProductStore(settings: .init(folder: folder, capacity: 1 << 30), threads: 1) {
                (request, control) throws(CutMergeError) in
                control.report(CutProgress(done: 1, total: 2))
                begun.open()
                while !control.isCancelled() { usleep(1000) }
                ended.open()
                return try Cutter.cut(request, isCancelled: { true })
            }
            let request = try Samples.request(product: "", sourcesPerFile: 1, transitsPerFile: 0, files: 1)
            let heard = Counter()
            let waiters = (0..<2).map { _ in
                Task { try await store.product(of: request) { _ in heard.increment() } }
            }
            try await begun.wait()
            try await eventually { heard.value == 2 }
            waiters[0].cancel()
            await #expect(throws: CancellationError.self) { try await waiters[0].value }
            #expect(!ended.isOpen)
            waiters[1].cancel()
            await #expect(throws: CancellationError.self) { try await waiters[1].value }
            try await ended.wait()
            try await eventually { (try? contents(of: folder)) == [] }
        }
    }

    @Test("refuses what is more than may wait, and makes what waits")
    func queue() async throws {
        try await withTemporaryFolder { folder in
            let (open, began) = (Gate(), Counter())
            let store = try ProductStore(settings: .init(folder: folder, capacity: 1 << 30, queue: 1), threads: 1) {
                (request, _) throws(CutMergeError) in
                began.increment()
                while !open.isOpen { usleep(1000) }
                return try Cutter.cut(request)
            }
            let requests = try (1...3).map { try Samples.request(product: "", sourcesPerFile: $0, transitsPerFile: 0, files: 1) }
            let first = Task { try await store.product(of: requests[0]) }
            try await eventually { began.value == 1 }
            let second = Task { try await store.product(of: requests[1]) }
            try await eventually { store.waiting == 1 }
            let error = await #expect(throws: CutMergeError.self) { try await store.product(of: requests[2]) }
            #expect(error?.code == .busy)
            open.open()
            #expect(try await first.value != second.value)
            #expect(try await store.product(of: requests[2]).isComplete)
        }
    }

    @Test("keeps what was used last within its capacity, and nothing else")
    func capacity() async throws {
        try await withTemporaryFolder { folder in
            let requests = try (1...4).map { try Samples.request(product: "", sourcesPerFile: 20 + $0, transitsPerFile: 0, files: 1) }
            let size = try await Self.store("\(folder)/size").product(of: requests[3]).size
            let store = try Self.store("\(folder)/cache", capacity: 3 * size, grace: .zero)
            for request in requests.prefix(3) { _ = try await store.product(of: request) }
            // Used again, so it is not the one that goes.
            _ = try await store.product(of: requests[0])
            _ = try await store.product(of: requests[3])
            var kept: [Bool] = []
            for request in requests { kept.append(try await store.find(ProductStore.Name(of: request)) != nil) }
            #expect(kept == [true, false, true, true])
            let patient = try Self.store("\(folder)/patient", capacity: 0, grace: .seconds(3600))
            for request in requests { _ = try await patient.product(of: request) }
            #expect(try contents(of: "\(folder)/patient").count == 8)
        }
    }

    @Test("looks at a product again after the system has crashed, and makes a damaged one anew")
    func rebooted() async throws {
        try await withTemporaryFolder { folder in
            let counter = Counter()
            let store = try Self.store(folder, counter)
            let request = try Samples.request(product: "", sourcesPerFile: 3, transitsPerFile: 0, files: 1)
            let product = try await store.product(of: request)
            let facts = try String(contentsOfFile: product.path + ".json", encoding: .utf8)
            let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).trimmingCharacters(in: .newlines)
            #expect(facts.contains(boot))
            func crash() throws {
                try facts.replacingOccurrences(of: boot, with: "another").write(
                    toFile: product.path + ".json", atomically: true, encoding: .utf8)
            }
            try crash()
            var (before, after) = (stat(), stat())
            stat(product.path, &before)
            #expect(try await store.product(of: request) == product)
            #expect(counter.value == 1)
            // Whoever sends it at the moment takes a touched file for a changed one.
            stat(product.path, &after)
            #expect(before.st_ctim.tv_sec == after.st_ctim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec)
            #expect(try String(contentsOfFile: product.path + ".json", encoding: .utf8).contains(boot))
            try crash()
            let file = try FileHandle(forUpdating: URL(filePath: product.path))
            try file.seek(toOffset: 3000)
            try file.write(contentsOf: Data(repeating: 0xA5, count: 500))
            try file.close()
            #expect(try await store.product(of: request) == product)
            #expect(counter.value == 2)
        }
    }

    // MARK: - Stores

    private static func store(
        _ folder: String, _ counter: Counter = Counter(), capacity: Int = 1 << 30, grace: Duration = .seconds(60)
    ) throws -> ProductStore {
        try ProductStore(settings: .init(folder: folder, capacity: capacity, grace: grace), threads: 2) {
            (request, control) throws(CutMergeError) in
            counter.increment()
            return try Cutter.cut(request, report: control.report, isCancelled: control.isCancelled)
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }

    private final class Gate: Sendable {
        private let state = Atomic(false)
        var isOpen: Bool { state.load(ordering: .relaxed) }
        func open() { state.store(true, ordering: .relaxed) }
        func wait() async throws { try await eventually { isOpen } }
    }
}

private func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "almagest \(UUID().uuidString)").path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
}

/// Waits until it comes true, ten seconds at most.
private func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<1000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it did not come true")
}
