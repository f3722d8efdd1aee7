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
}
