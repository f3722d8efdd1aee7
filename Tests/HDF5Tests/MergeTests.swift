import Foundation
import HDF5
import Testing

@Suite("Merging HDF5 files")
struct MergeTests {
    /// Objects that are copied by their bytes, and others that libhdf5 has to copy.
    private static func write(to path: String, plain: Int, chunked: Int) throws {
        let writer = try HDF5Writer(creating: path)
        for index in 0..<plain {
            let group = try writer.root.createGroup("plain_\(index)")
            try group.write(.double(Double(index)), to: "alpha", attributes: [HDF5Attribute("unit", .string("mas"))])
            try group.write(.strings(["a", "longer \(index)"]), to: "texts")
        }
        for index in 0..<chunked {
            try writer.root.write(.doubles((0..<100).map(Double.init)), to: "chunked_\(index)", storage: .chunked(10, deflate: 1))
        }
        _ = try writer.commit()
    }

    @Test("copies plain objects by their bytes, and libhdf5 goes on from there", arguments: [(5, 1), (500, 20), (3, 0), (0, 3)])
    func turn(plain: Int, chunked: Int) throws {
        try withFolder { folder in
            try Self.write(to: "\(folder)/a.h5", plain: plain, chunked: chunked)
            let source = try HDF5Source(path: "\(folder)/a.h5")
            let merge = try HDF5Merge(creating: "\(folder)/b.h5")
            for index in 0..<plain {
                let isCopied = try merge.copy(
                    "plain_\(index)", from: source, to: index % 2 == 0 ? "plain_\(index)" : "deep/er/plain_\(index)")
                #expect(isCopied)
            }
            for index in 0..<chunked {
                let isCopied = try merge.copy("chunked_\(index)", from: source, to: "chunked_\(index)")
                #expect(!isCopied)
            }
            let writer = try merge.finish()
            let original = try HDF5File(path: "\(folder)/a.h5")
            for index in 0..<chunked { try writer.copy("chunked_\(index)", from: original, to: "chunked_\(index)") }
            for index in 0..<plain { try writer.copy("plain_\(index)", from: original, to: "again_\(index)") }
            try writer.root.write(.int64(1), to: "manifest")
            try writer.root.set(HDF5Attribute("query", .string(String(repeating: "long ", count: 30_000))))
            let bytes = try writer.commit()
            let copy = try HDF5File(path: "\(folder)/b.h5")
            #expect(copy.bytes == bytes)
            for index in 0..<plain {
                let expected = try original.describe("plain_\(index)")
                #expect(try copy.describe(index % 2 == 0 ? "plain_\(index)" : "deep/er/plain_\(index)") == expected)
                #expect(try copy.describe("again_\(index)") == expected)
            }
            for index in 0..<chunked { #expect(try copy.describe("chunked_\(index)") == original.describe("chunked_\(index)")) }
        }
    }

    @Test("copies from damaged files what is whole there, and never fails itself", arguments: ["zoo", "sources", "transits"])
    func damage(kind: String) throws {
        try withFolder { folder in
            let original = kind == "sources" ? try Samples.sources : kind == "transits" ? try Samples.transits : "\(folder)/zoo.h5"
            if kind == "zoo" { try Self.write(to: original, plain: 40, chunked: 4) }
            let whole = try Data(contentsOf: URL(filePath: original))
            let names = try HDF5File(path: original).names().prefix(60)
            var chance = Chance(state: 7)
            var copied = 0
            for round in 0..<60 {
                // Few bytes, where structures are dense: at the beginning, which has the root's, and behind.
                var bytes = whole
                for _ in 0..<(1 + round % 5) * 20 {
                    bytes[Int.random(in: 48..<min(bytes.count, 200_000), using: &chance)] = .random(in: 0...255, using: &chance)
                }
                let path = "\(folder)/damaged.h5"
                try bytes.write(to: URL(filePath: path))
                guard let source = try? HDF5Source(path: path) else { continue }
                let merge = try HDF5Merge(creating: "\(folder)/product.h5")
                for name in names {
                    do throws(HDF5Error) {
                        if try merge.copy(name, from: source, to: name) { copied += 1 }
                    } catch {
                        #expect(error.code == .missingObject)
                    }
                }
                let writer = try merge.finish()
                try writer.root.write(.int64(1), to: "manifest")
                _ = try writer.commit()
                #expect(try HDF5File(path: "\(folder)/product.h5").contains("manifest"))
            }
            #expect(copied > 60)
        }
    }
}

/// Numbers that look like chance and are the same each time.
private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
    }
}
