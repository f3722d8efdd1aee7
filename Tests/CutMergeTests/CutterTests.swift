import CutMerge
import Foundation
import HDF5
import Testing

@Suite("Cutting and merging")
struct CutterTests {
    @Test("copies every object whole, at its own path")
    func exact() throws {
        try withFolder { folder in
            let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 3, transitsPerFile: 7, files: 3)
            let summary = try Cutter.cut(request)
            #expect(summary.objects == 30)
            #expect(summary.rows.allSatisfy { $0.status == .ok })
            let product = try HDF5File(path: request.product)
            #expect(product.bytes == summary.bytes)
            #expect(try product.names().count == 31)
            for file in request.files {
                let original = try HDF5File(path: file.path)
                for cut in file.cuts { #expect(try product.describe(cut.key) == original.describe(cut.key), "\(cut.key)") }
            }
            #expect(try contents(of: folder) == ["p.h5"])
        }
    }

    @Test("writes the manifest and the root's attributes")
    func manifest() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2, transitsPerFile: 1, files: 1)
            request.query = "SELECT * FROM gaia.completesource -- " + String(repeating: "long ", count: 30_000)
            request.credits = [CutRequest.Credit(name: "credit", text: "ESA/Gaia/DPAC")]
            request.refused = [
                ManifestRow(id: Samples.uuid(9), table: "gaia.astroelementary", status: .dropped, reason: "its source is not selected"),
                ManifestRow(id: Samples.uuid(8), table: "gaia.astroelementary", status: .notAuthorised),
            ]
            let summary = try Cutter.cut(request)
            var product = try HDF5File(path: request.product)
            #expect(try Manifest.read(from: &product) == summary.rows)
            #expect(summary.rows.map(\.status) == [.ok, .ok, .ok, .notAuthorised, .dropped])
            let transit = try #require(summary.rows.first)
            #expect(transit.sourceFile == "AstroElementary_134755_0006.h5")
            #expect(transit.key == "/AstroElementaryImpl_0")
            #expect(transit.path == "/AstroElementaryImpl_0")
            #expect(transit.checksum == "sha256:AstroElementary_134755_0006.h5")
            #expect(
                try product.attributes() == [
                    HDF5Attribute("collection", .string("gaia")), HDF5Attribute("credit", .string("ESA/Gaia/DPAC")),
                    HDF5Attribute("query", .string(request.query ?? "")), HDF5Attribute("software", .string("Almagest")),
                    HDF5Attribute("software_version", .string("1.0")),
                ])
        }
    }

    @Test("makes the same bytes again, a second later and from rows in any order")
    func deterministic() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/a.h5", sourcesPerFile: 20, transitsPerFile: 30, files: 4)
            request.refused = (0..<5).map { ManifestRow(id: Samples.uuid($0), table: "t", status: .dropped, reason: "\($0)") }
            let first = try Cutter.cut(request)
            Thread.sleep(forTimeInterval: 1.1)
            var generator = SystemRandomNumberGenerator()
            request.product = "\(folder)/b.h5"
            request.files.shuffle(using: &generator)
            request.refused.shuffle(using: &generator)
            // Each file in two parts, some rows twice, the leading slash left out.
            request.files = request.files.flatMap { file -> [CutRequest.SourceFile] in
                var (one, two) = (file, file)
                one.cuts = file.cuts.shuffled().map { CutRequest.Cut(id: $0.id, table: $0.table, key: String($0.key.dropFirst())) }
                two.cuts = Array(file.cuts.prefix(3))
                return [two, one]
            }
            let second = try Cutter.cut(request)
            #expect(first == second)
            #expect(try Data(contentsOf: URL(filePath: "\(folder)/a.h5")) == Data(contentsOf: URL(filePath: "\(folder)/b.h5")))
        }
    }

    @Test("keeps two objects of one name from different files, the second under its file's name")
    func collision() throws {
        try withFolder { folder in
            let names = ["AstroElementary_134755_0006", "AstroElementary_134756_0006", "AstroElementary_134757_0006"]
            for (index, name) in names.enumerated() {
                let writer = try HDF5Writer(creating: "\(folder)/\(name).h5")
                try writer.root.write(.int64(Int64(index)), to: "AstroElementaryImpl_5")
                try writer.root.write(.int64(Int64(index)), to: "manifest")
                let group = try writer.root.createGroup("holder")
                try group.write(.int64(Int64(index)), to: "a")
                if index < 2 { try group.write(.int64(Int64(index)), to: "b") }
                _ = try writer.commit()
            }
            let keys = [
                ["AstroElementaryImpl_5", "manifest", "holder/a"], ["AstroElementaryImpl_5", "holder/a", "holder/b"],
                ["holder", "holder/a", "AstroElementaryImpl_5"],
            ]
            let files = zip(names, keys).map { name, keys in
                CutRequest.SourceFile(
                    path: "\(folder)/\(name).h5", name: "\(name).h5", checksum: "c",
                    cuts: keys.map { CutRequest.Cut(id: Samples.uuid($0.hashValue), table: "t", key: $0) })
            }
            let summary = try Cutter.cut(
                CutRequest(product: "\(folder)/p.h5", collection: "c", software: "s", softwareVersion: "1", files: files))
            #expect(
                summary.rows.map(\.path) == [
                    "/AstroElementaryImpl_5", "/holder/a", "/manifest__AstroElementary_134755_0006",
                    "/AstroElementaryImpl_5__AstroElementary_134756_0006", "/holder/a__AstroElementary_134756_0006", "/holder/b",
                    "/AstroElementaryImpl_5__AstroElementary_134757_0006", "/holder__AstroElementary_134757_0006",
                    "/holder__AstroElementary_134757_0006/a",
                ])
            #expect(summary.rows.allSatisfy { $0.status == .ok })
            #expect(summary.rows[3].reason == "another file's object has the name \"/AstroElementaryImpl_5\"")
            let product = try HDF5File(path: "\(folder)/p.h5")
            for row in summary.rows {
                let original = try HDF5File(path: "\(folder)/\(row.sourceFile)")
                #expect(try product.describe(row.path) == original.describe(row.key))
            }
        }
    }

    @Test("fails no other rows than those of a file whose root is damaged")
    func damagedRoot() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2, transitsPerFile: 2, files: 2)
            var bytes = try Data(contentsOf: URL(filePath: request.files[0].path))
            // In the root's header, which stands behind the superblock and has a checksum.
            bytes[60] ^= 1
            try bytes.write(to: URL(filePath: "\(folder)/damaged.h5"))
            request.files[0].path = "\(folder)/damaged.h5"
            let summary = try Cutter.cut(request)
            for row in summary.rows {
                #expect(row.status == (row.sourceFile == request.files[0].name ? .unreadable : .ok))
                #expect(row.reason.isEmpty == (row.status == .ok))
            }
            #expect(summary.rows.contains { $0.status == .unreadable })
        }
    }

    @Test("tells a missing object from a missing and from a damaged file, and cuts the rest")
    func faults() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2, transitsPerFile: 2, files: 3)
            let good = request.files[0]
            request.files[0].cuts.append(CutRequest.Cut(id: Samples.uuid(1), table: "t", key: "/CompleteSourceImpl_1"))
            request.files[0].cuts.append(CutRequest.Cut(id: Samples.uuid(2), table: "t", key: "/CompleteSourceImpl_5369/no"))
            request.files[0].cuts.append(CutRequest.Cut(id: Samples.uuid(3), table: "t", key: "/nowhere/CompleteSourceImpl_1"))
            request.files[0].cuts.append(CutRequest.Cut(id: Samples.uuid(4), table: "t", key: "/"))
            request.files[1].path = "\(folder)/gone.h5"
            try Data(contentsOf: URL(filePath: request.files[2].path)).prefix(500_000).write(to: URL(filePath: "\(folder)/short.h5"))
            request.files[2].path = "\(folder)/short.h5"
            request.files[3].bytes = 12
            let summary = try Cutter.cut(request)
            func rows(_ index: Int) -> [ManifestRow] { summary.rows.filter { $0.sourceFile == request.files[index].name } }
            #expect(rows(0).count { $0.status == .ok } == good.cuts.count)
            #expect(rows(0).filter { $0.status == .notFound }.map(\.id) == [4, 1, 2, 3].map(Samples.uuid))
            for index in 1...3 {
                #expect(rows(index).count == request.files[index].cuts.count)
                #expect(rows(index).allSatisfy { $0.status == .unreadable && $0.path.isEmpty && !$0.reason.isEmpty })
            }
            #expect(rows(3).allSatisfy { $0.reason.contains("12 are on record") })
            #expect(summary.rows.allSatisfy { !$0.reason.contains(folder) })
            #expect(summary.objects == summary.rows.count { $0.status == .ok })
            let product = try HDF5File(path: request.product)
            #expect(try product.names().count == summary.objects + 1)
        }
    }

    @Test("fails the rows of the damaged objects only, and the product is the same each time")
    func damaged() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 200, transitsPerFile: 0, files: 1)
            var bytes = try Data(contentsOf: URL(filePath: request.files[0].path))
            var start = 400_000
            while let found = bytes.range(of: Data("OHDR".utf8), in: start..<420_000) {
                bytes[found.lowerBound + 8] ^= 0x10
                start = found.upperBound
            }
            let original = try HDF5File(path: request.files[0].path)
            request.files[0].path = "\(folder)/flipped.h5"
            try bytes.write(to: URL(filePath: request.files[0].path))
            let summary = try Cutter.cut(request)
            let unreadable = summary.rows.filter { $0.status == .unreadable }
            #expect((1..<30).contains(unreadable.count))
            #expect(summary.objects == 200 - unreadable.count)
            let product = try HDF5File(path: request.product)
            for row in summary.rows where row.status == .ok {
                #expect(try product.describe(row.path) == original.describe(row.key))
            }
            let first = try Data(contentsOf: URL(filePath: request.product))
            #expect(try Cutter.cut(request) == summary)
            #expect(try Data(contentsOf: URL(filePath: request.product)) == first)
        }
    }

    @Test("throws when nothing could be cut and leaves nothing behind")
    func nothing() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 2, transitsPerFile: 0, files: 1)
            request.files[0].cuts = [CutRequest.Cut(id: Samples.uuid(1), table: "t", key: "/no")]
            let error = #expect(throws: CutMergeError.self) { try Cutter.cut(request) }
            #expect(error?.code == .nothingCut)
            #expect(error?.description == "the row could not be cut: no object \"/no\" in \"CompleteSource_130097_0003.h5\"")
            request.files = []
            #expect(throws: CutMergeError.self) { try Cutter.cut(request) }
            #expect(try contents(of: folder).isEmpty)
        }
    }

    @Test("leaves nothing behind when cancelled half-way, and reports each object")
    func cancelled() throws {
        try withFolder { folder in
            let request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 5, transitsPerFile: 5, files: 2)
            var steps: [CutProgress] = []
            let error = #expect(throws: CutMergeError.self) {
                try Cutter.cut(request, report: { steps.append($0) }, isCancelled: { steps.count == 7 })
            }
            #expect(error?.code == .cancelled)
            #expect(steps == (1...7).map { CutProgress(done: $0, total: 20) })
            #expect(try contents(of: folder).isEmpty)
            steps = []
            _ = try Cutter.cut(request, report: { steps.append($0) })
            #expect(steps.last == CutProgress(done: 20, total: 20))
        }
    }

    @Test("keeps an older product when the new one fails, and refuses a credit under a reserved name")
    func older() throws {
        try withFolder { folder in
            var request = try Samples.request(product: "\(folder)/p.h5", sourcesPerFile: 1, transitsPerFile: 0, files: 1)
            _ = try Cutter.cut(request)
            let before = try Data(contentsOf: URL(filePath: request.product))
            request.credits = [CutRequest.Credit(name: "software", text: "mine")]
            let error = #expect(throws: CutMergeError.self) { try Cutter.cut(request) }
            #expect(error?.code == .attributeTaken)
            request.credits = []
            #expect(throws: CutMergeError.self) { try Cutter.cut(request, isCancelled: { true }) }
            #expect(try Data(contentsOf: URL(filePath: request.product)) == before)
            #expect(try contents(of: folder) == ["p.h5"])
        }
    }

    @Test("survives the way to a worker, and nothing else is taken for a request")
    func bytes() throws {
        var request = try Samples.request(product: "p.h5", sourcesPerFile: 1, transitsPerFile: 2, files: 2)
        request.query = "SELECT 'r\u{e9}ason'"
        request.byteLimit = 7
        request.credits = [CutRequest.Credit(name: "credit", text: "ESA")]
        request.files[0].layout = .columns(group: "/", key: "source_id", isByKey: true)
        request.files[1].recorded = 1_700_000_000
        request.files[1].layout = .table(dataset: "/stars", key: nil)
        request.refused = [ManifestRow(id: Samples.uuid(9), table: "t", status: .dropped, reason: "r")]
        let bytes = request.bytes
        #expect(CutRequest(bytes: bytes) == request)
        for count in 0..<bytes.count { #expect(CutRequest(bytes: Array(bytes.prefix(count))) == nil) }
        #expect(CutRequest(bytes: bytes + [0]) == nil)
        #expect(CutRequest(bytes: [UInt8](repeating: 0xFF, count: 100)) == nil)
        #expect(request.canonical == request.canonical.canonical)
    }
}
