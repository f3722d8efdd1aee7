import Foundation
import HDF5
import Testing

@Suite("Damaged HDF5 files")
struct DamageTests {
    @Test("throw when they are cut short", arguments: [0, 1, 100, 4096, 200_000, 1_000_000])
    func truncated(bytes: Int) throws {
        try withFolder { folder in
            let whole = try Data(contentsOf: URL(filePath: Samples.sources))
            let path = "\(folder)/short.h5"
            try whole.prefix(bytes).write(to: URL(filePath: path))
            let error = #expect(throws: HDF5Error.self) { _ = try HDF5File(path: path) }
            #expect(error?.code == .unreadableFile)
            #expect(error?.description.contains(folder) == false)
        }
    }

    @Test("throw at the object whose header is damaged and serve the others")
    func header() throws {
        try withFolder { folder in
            let path = "\(folder)/flipped.h5"
            var bytes = try Data(contentsOf: URL(filePath: Samples.sources))
            // Object headers carry a checksum; damage every one in the middle of the file.
            var damaged = 0
            let signature = Data("OHDR".utf8)
            var start = 400_000
            while let found = bytes.range(of: signature, in: start..<500_000) {
                bytes[found.lowerBound + 8] ^= 0x10
                damaged += 1
                start = found.upperBound
            }
            #expect(damaged > 10)
            try bytes.write(to: URL(filePath: path))
            for access in [HDF5File.Access.whole, .inPieces] {
                var file = try HDF5File(path: path, access: access)
                var original = try HDF5File(path: Samples.sources)
                var (good, bad) = (0, 0)
                for name in try file.names() {
                    do {
                        let record = try file.record(name)
                        #expect(try record.values == original.record(name).values)
                        good += 1
                    } catch let error as HDF5Error {
                        #expect(error.code == .damagedObject)
                        #expect(error.description.contains("flipped.h5"))
                        bad += 1
                    }
                }
                #expect(good > 50)
                #expect(bad > 5)
            }
        }
    }

    @Test("are no files at all when they are of another format")
    func otherFormat() throws {
        try withFolder { folder in
            let path = "\(folder)/table.fits"
            try Data("SIMPLE  =                    T".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: HDF5Error.self) { _ = try HDF5File(path: path) }
            #expect(error?.code == .unreadableFile)
            #expect(error?.detail?.isEmpty == false)
        }
    }
}
