import Crypto
import Foundation
import Testing

@testable import Files

/// A folder that goes with the test.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "almagest-files-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }
}

@Suite("Files are handed out as they were recorded")
struct FileStoreTests {
    private let store = FileStore()
    private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

    private func record(_ bytes: [UInt8] = Self.bytes, taken: Date? = nil) -> FileStore.Record {
        FileStore.Record(
            size: bytes.count, checksum: SHA256.hash(data: bytes).map { String(format: "%02x", Int($0)) }.joined(), taken: taken)
    }

    @Test("whole and in part")
    func parts() async throws {
        let folder = try Folder()
        let path = try folder.write(Self.bytes, to: "a")
        let file = try await store.open(path, name: "a", as: record())
        for range in [0..<300_000, 0..<1, 299_999..<300_000, 4095..<131_073, 7..<7] {
            #expect(try await store.read(range, of: file) == Array(Self.bytes[range]))
            #expect(try await store.read(range, of: path, name: "a", as: record()) == Array(Self.bytes[range]))
        }
        try await store.fetch(0..<300_000, of: file)
    }

    @Test("and not with another size, nor when they are no files")
    func others() async throws {
        let folder = try Folder()
        let path = try folder.write(Array(Self.bytes.dropLast()), to: "a")
        mkfifo("\(folder.path)/pipe", 0o600)
        let cases: [(String, FileError.Code)] = [
            (path, .changed), ("\(folder.path)/none", .unreadable), ("\(folder.path)/pipe", .unreadable), (folder.path, .unreadable),
        ]
        for (path, code) in cases {
            let error = await #expect(throws: FileError.self) { try await store.open(path, name: "a", as: record()) }
            #expect(error?.code == code)
            #expect(error?.message.contains(folder.path) == false)
        }
    }

    @Test("and when they were touched since, only with the same checksum")
    func touched() async throws {
        let folder = try Folder()
        var other = Self.bytes
        other[150_000] ^= 1
        let (same, flipped) = (try folder.write(Self.bytes, to: "same"), try folder.write(other, to: "flipped"))
        let before = record(taken: .distantPast)
        #expect(try await store.read(10..<20, of: same, name: "same", as: before) == Array(Self.bytes[10..<20]))
        for _ in 0..<2 {
            let error = await #expect(throws: FileError.self) { try await store.open(flipped, name: "flipped", as: before) }
            #expect(error?.code == .changed)
        }
        // Nothing was written since: the checksum is as good as the record.
        #expect(try await store.open(flipped, name: "flipped", as: record(taken: .distantFuture)).size == 300_000)
        // Mended, it is served again.
        _ = try folder.write(Self.bytes, to: "flipped")
        #expect(try await store.open(flipped, name: "flipped", as: before).size == 300_000)
    }

    @Test("but not when they are written to or cut while they are read")
    func writtenMeanwhile() async throws {
        let folder = try Folder()
        let changes: [@Sendable (FileHandle) throws -> Void] = [
            { try $0.truncate(atOffset: 100_000) },
            { file in
                try file.seek(toOffset: 5)
                try file.write(contentsOf: [1, 2, 3])
            },
        ]
        for (number, change) in changes.enumerated() {
            let path = try folder.write(Self.bytes, to: "\(number)")
            let file = try await store.open(path, name: "a", as: record())
            #expect(file.isUnchanged)
            // The clock of file systems moves a few times in a hundredth of a second.
            try await Task.sleep(for: .milliseconds(50))
            let writer = try #require(FileHandle(forUpdatingAtPath: path))
            try change(writer)
            try writer.close()
            #expect(!file.isUnchanged)
            let reading = await #expect(throws: FileError.self) { try await store.read(0..<10, of: file) }
            let fetching = await #expect(throws: FileError.self) { try await store.fetch(0..<10, of: file) }
            #expect(reading?.code == .changed && fetching?.code == .changed)
        }
    }

    @Test("and to the end when another file takes their name")
    func replaced() async throws {
        let folder = try Folder()
        let path = try folder.write(Self.bytes, to: "a")
        let file = try await store.open(path, name: "a", as: record())
        let other = try folder.write(Array(repeating: 0, count: 300_000), to: "b")
        #expect(rename(other, path) == 0)
        #expect(try await store.read(0..<300_000, of: file) == Self.bytes)
    }

    @Test("and who can't wait for a checksum is told to come again")
    func patience() async throws {
        let folder = try Folder()
        let path = try folder.write([], to: "large")
        let writer = try #require(FileHandle(forUpdatingAtPath: path))
        try writer.truncate(atOffset: 1 << 30)
        try writer.close()
        let record = FileStore.Record(size: 1 << 30, checksum: "", taken: .distantPast)
        let error = await #expect(throws: FileError.self) {
            try await FileStore(patience: .zero).open(path, name: "large", as: record)
        }
        #expect(error?.code == .underVerification)
    }
}
