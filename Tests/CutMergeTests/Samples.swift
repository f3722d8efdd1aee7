import CutMerge
import Foundation
import HDF5
import Testing

/// The real input, named by ALMAGEST_TEST_DATA.
enum Samples {
    static var folder: String {
        get throws {
            try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATA"], "set ALMAGEST_TEST_DATA to the sample files' folder")
        }
    }

    static func uuid(_ number: Int) -> String {
        "00000000-0000-8000-8000-" + String(format: "%012x", number & 0xFFFF_FFFF_FFFF)
    }

    /// A request for the first objects of so many files of each kind.
    static func request(product: String, sourcesPerFile: Int, transitsPerFile: Int, files: Int) throws -> CutRequest {
        let folder = try folder
        var number = 0
        func file(_ name: String, table: String, objects: Int) throws -> CutRequest.SourceFile {
            let path = "\(folder)/\(name)"
            let file = try HDF5File(path: path)
            let cuts = try file.names().prefix(objects).map { name in
                number += 1
                return CutRequest.Cut(id: uuid(number), table: table, key: "/\(name)")
            }
            return CutRequest.SourceFile(path: path, name: name, checksum: "sha256:\(name)", bytes: file.bytes, cuts: cuts)
        }
        var all: [CutRequest.SourceFile] = []
        for index in 0..<files {
            if sourcesPerFile > 0 {
                all.append(try file("CompleteSource_\(130_097 + index)_0003.h5", table: "gaia.completesource", objects: sourcesPerFile))
            }
            if transitsPerFile > 0 {
                all.append(try file("AstroElementary_\(134_755 + index)_0006.h5", table: "gaia.astroelementary", objects: transitsPerFile))
            }
        }
        return CutRequest(product: product, collection: "gaia", software: "Almagest", softwareVersion: "1.0", files: all)
    }
}

/// A folder of the test's own, gone when the test is over.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "almagest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path())
}

func contents(of folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}
