import Foundation
import HDF5
import Testing

@Suite("Writing HDF5")
struct WritingTests {
    private static let values: [(String, HDF5Value)] = [
        ("int", .int64(-5)), ("uint", .uint64(.max)), ("float", .float(1.5)), ("double", .double(.pi)), ("text", .string("Pléiades ✓")),
        ("ints", .int64s([1, -2, 3])), ("uints", .uint64s([1, .max])), ("floats", .floats([0.5, .infinity])),
        ("doubles", .doubles([0.25, -0.0])), ("texts", .strings(["", "a", "βγ"])), ("empty", .doubles([])),
    ]

    @Test("gives back every kind of value as dataset and as attribute")
    func values() throws {
        try withFolder { folder in
            let path = "\(folder)/values.h5"
            let writer = try HDF5Writer(creating: path)
            let group = try writer.root.createGroup("object")
            for (name, value) in Self.values {
                try group.write(value, to: name)
                try group.set(HDF5Attribute(name, value))
            }
            let bytes = try writer.commit()
            var file = try HDF5File(path: path)
            #expect(file.bytes == bytes)
            let record = try file.record("object")
            let attributes = try Dictionary(uniqueKeysWithValues: file.attributes(of: "object").map { ($0.name, $0.value) })
            for (name, value) in Self.values {
                #expect(record[name] == value)
                #expect(attributes[name] == value)
            }
            #expect(try contents(of: folder) == ["values.h5"])
        }
    }

    @Test("stores numbers in the width and byte order asked for")
    func types() throws {
        try withFolder { folder in
            let path = "\(folder)/types.h5"
            let types: [StoredType] = [
                .int8, .int16, .int32, .int64, .integer(bytes: 2, signed: false), .integer(bytes: 4, bigEndian: true),
                .float, .double, .float(bytes: 8, bigEndian: true), .float(bytes: 4, bigEndian: true),
            ]
            let writer = try HDF5Writer(creating: path)
            for (index, type) in types.enumerated() { try writer.root.write(.int64(100), to: "\(index)", as: type) }
            let group = try writer.root.createGroup("group")
            for (index, type) in types.enumerated() { try group.write(.int64(100), to: "\(index)", as: type) }
            _ = try writer.commit()
            var file = try HDF5File(path: path)
            let record = try file.record("group")
            #expect(record.values.map { $0.integer ?? Int64($0.number ?? 0) } == types.map { _ in 100 })
            for (index, type) in types.enumerated() {
                guard case .dataset(let content, _) = try file.describe("\(index)").kind else {
                    Issue.record("not a dataset")
                    return
                }
                #expect(content.type == type)
                #expect(content.bytes.count == type.bytes)
            }
        }
    }

    @Test("makes the same bytes from the same calls, a second later too")
    func deterministic() throws {
        try withFolder { folder in
            let paths = ["\(folder)/a.h5", "\(folder)/b.h5"]
            for path in paths {
                if path != paths[0] { Thread.sleep(forTimeInterval: 1.1) }
                try Zoo.write(to: path)
            }
            #expect(try Data(contentsOf: URL(filePath: paths[0])) == Data(contentsOf: URL(filePath: paths[1])))
        }
    }

    @Test("copies objects of every kind as they are")
    func copy() throws {
        try withFolder { folder in
            try Zoo.write(to: "\(folder)/zoo.h5")
            let source = try HDF5File(path: "\(folder)/zoo.h5")
            let writer = try HDF5Writer(creating: "\(folder)/copy.h5")
            for name in try source.names() { try writer.copy(name, from: source, to: "deep/er/\(name)") }
            _ = try writer.commit()
            let copy = try HDF5File(path: "\(folder)/copy.h5")
            for name in try source.names() {
                let original = try source.describe(name)
                #expect(try copy.describe("deep/er/\(name)") == original, "\(name)")
            }
        }
    }

    @Test("leaves nothing behind unless committed")
    func dropped() throws {
        try withFolder { folder in
            do {
                let writer = try HDF5Writer(creating: "\(folder)/never.h5")
                try writer.root.write(.int64(1), to: "a")
                #expect(try contents(of: folder).count == 1)
            }
            #expect(try contents(of: folder).isEmpty)
        }
    }

    @Test("refuses a name that is taken and a folder that is not there")
    func refuses() throws {
        try withFolder { folder in
            let writer = try HDF5Writer(creating: "\(folder)/a.h5")
            try writer.root.write(.int64(1), to: "a")
            let taken = #expect(throws: HDF5Error.self) { try writer.root.write(.int64(2), to: "a") }
            #expect(taken?.code == .nameTaken)
            #expect(taken?.description == "\"/a\" exists already in \"a.h5\"")
            let nowhere = #expect(throws: HDF5Error.self) { _ = try HDF5Writer(creating: "\(folder)/no/a.h5") }
            #expect(nowhere?.code == .notWritten)
            #expect(nowhere?.description == "file \"a.h5\" can't be written: no such file or directory")
        }
    }

    @Test("reads a table of records back")
    func table() throws {
        try withFolder { folder in
            let type = StoredType.packed([("n", .int32), ("name", .string(bytes: 5)), ("pair", .array(.double, shape: [2]))])
            do {
                let writer = try HDF5Writer(creating: "\(folder)/t.h5")
                let ready = try HDF5Type(type)
                // More rows than one batch holds.
                try writer.root.writeRows(60_000, to: "t", as: ready) { rows, bytes in
                    for (offset, row) in rows.enumerated() {
                        let base = offset * type.bytes
                        bytes.storeBytes(of: Int32(row), toByteOffset: base, as: Int32.self)
                        bytes.storeBytes(of: UInt8(ascii: "x"), toByteOffset: base + 4, as: UInt8.self)
                        bytes.storeBytes(of: Double(row) / 2, toByteOffset: base + 9, as: Double.self)
                    }
                }
                _ = try writer.commit()
            }
            var file = try HDF5File(path: "\(folder)/t.h5")
            let records = try file.table("t")
            #expect(records.count == 60_000)
            #expect(records.enumerated().allSatisfy { $1["n"] == .int64(Int64($0)) && $1["pair"] == .doubles([Double($0) / 2, 0]) })
            #expect(records.last?["name"] == .string("x"))
        }
    }
}

/// A file with an object of every kind that this room can write.
enum Zoo {
    static func write(to path: String) throws {
        let writer = try HDF5Writer(creating: path)
        let group = try writer.root.createGroup("group")
        try group.write(
            .double(1.25), to: "scalar", attributes: [HDF5Attribute("unit", .string("mas/yr")), HDF5Attribute("n", .int64s([1, 2]))])
        try group.write(.int64s(Array(0..<5000)), to: "chunked", storage: .chunked(512))
        try group.write(.doubles((0..<3000).map { Double($0 % 7) }), to: "packed", storage: .chunked(256, deflate: 4))
        try group.write(.int64s([1, 2, 3]), to: "compact", as: .int16, storage: .compact)
        try group.write(.strings(["one", "", "drei"]), to: "texts")
        try group.set(HDF5Attribute("comment", .string("a group")))
        let inner = try group.createGroup("inner")
        try inner.write(.float(0.5), to: "deep")
        try group.link("soft", toPath: "inner/deep")
        try group.link("dangling", toPath: "/no/where")
        try group.link("hard", toObject: "scalar")
        let type = StoredType.packed([
            ("id", .int64), ("window", .array(.int16, shape: [10])),
            ("inner", .packed([("x", .float), ("y", .float(bytes: 8, bigEndian: true))])), ("name", .string(bytes: 8)),
        ])
        let bytes = (0..<type.bytes).map { UInt8(truncatingIfNeeded: $0) }
        let ready = try HDF5Type(type)
        try bytes.withUnsafeBytes { try writer.root.write($0, to: "compound", as: ready) }
        try writer.root.write(
            .string("alone"), to: "text", attributes: [HDF5Attribute("long", .string(String(repeating: "x", count: 70_000)))])
        _ = try writer.commit()
    }
}
