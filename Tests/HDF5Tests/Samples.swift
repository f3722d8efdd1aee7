import Foundation
import Testing

/// The real input, named by ALMAGEST_TEST_DATA.
enum Samples {
    static var folder: String {
        get throws {
            try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATA"], "set ALMAGEST_TEST_DATA to the sample files' folder")
        }
    }

    static func path(_ name: String) throws -> String {
        try "\(folder)/\(name)"
    }

    static var sources: String { get throws { try path("CompleteSource_130097_0003.h5") } }
    static var transits: String { get throws { try path("AstroElementary_134755_0006.h5") } }
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
