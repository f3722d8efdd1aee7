import CutMerge
import Foundation
import HDF5
import Synchronization
import Testing

@Suite("Products on disk")
struct ProductStoreTests {
    @Test("clears away at the start what is old and was left unfinished, and nothing else")
    func leftovers() throws {
        try withFolder { folder in
            let names = [
                ".gaia_cutmerge_1.h5.77-abc\(HDF5Writer.temporarySuffix)", "gaia_cutmerge_2.h5", "gaia_cutmerge_3.h5",
                "gaia_cutmerge_3.h5.json",
                "notes.txt",
            ]
            for age in ["old", "new"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(age)", withIntermediateDirectories: true)
                for name in names {
                    let path = "\(folder)/\(age)/\(name)"
                    try Data().write(to: URL(filePath: path))
                    let date = Date(timeIntervalSinceNow: age == "old" ? -3700 : -3500)
                    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
                }
                _ = try ProductStore(settings: .init(folder: "\(folder)/\(age)", capacity: 1), threads: 1) {
                    request throws(CutMergeError) in
                    try Cutter.cut(request)
                }
            }
            #expect(try contents(of: "\(folder)/new") == names)
            #expect(try contents(of: "\(folder)/old") == ["gaia_cutmerge_3.h5", "gaia_cutmerge_3.h5.json", "notes.txt"])
        }
    }

    @Test("has a product made once for all who ask, and finds it afterwards")
    func once() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "almagest \(UUID().uuidString)").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let counter = Counter()
        let store = try ProductStore(settings: .init(folder: folder, capacity: 1 << 30), threads: 2) { request throws(CutMergeError) in
            counter.value.add(1, ordering: .relaxed)
            return try Cutter.cut(request)
        }
        let request = try Samples.request(product: "", sourcesPerFile: 5, transitsPerFile: 5, files: 2)
        let products = try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await store.product(of: request) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let product = try #require(products.first)
        #expect(products.count == 1)
        #expect(try await store.product(of: request) == product)
        #expect(counter.value.load(ordering: .relaxed) == 1)
        #expect(try contents(of: folder) == [product.name, product.name + ".json"])
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }
}
