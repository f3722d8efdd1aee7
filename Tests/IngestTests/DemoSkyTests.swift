import Foundation
import HDF5
import Ingest
import Testing

@Suite("The demo sky")
struct DemoSkyTests {
    @Test("has the real files' names, fields, types and attributes")
    func shape() throws {
        let data = try #require(
            ProcessInfo.processInfo.environment["ALMAGEST_TEST_DATA"], "set ALMAGEST_TEST_DATA to the sample files' folder")
        try withDemoFolder { folder in
            let paths = try DemoSky(files: 1, sourcesPerFile: 120).write(into: folder)
            #expect(paths == ["\(folder)/CompleteSource_200001_0003.h5", "\(folder)/AstroElementary_204659_0006.h5"])
            for (path, real, kind) in [
                (paths[0], "CompleteSource_130097_0003.h5", "CompleteSourceImpl_5369"),
                (paths[1], "AstroElementary_134755_0006.h5", "AstroElementaryImpl_0"),
            ] {
                let demo = try HDF5File(path: path)
                let file = try HDF5File(path: "\(data)/\(real)")
                #expect(try demo.attributes().map(\.name) == file.attributes().map(\.name))
                #expect(try demo.attributes().first { $0.name == "data_model" } == file.attributes().first { $0.name == "data_model" })
                #expect(try demo.names().first == kind)
                let (demoFields, realFields) = try (fields(of: demo), fields(of: file))
                #expect(!realFields.isEmpty)
                #expect(demoFields == realFields)
            }
        }
    }

    /// Every field that occurs in a file, with its type, shape, storage and attributes.
    private func fields(of file: borrowing HDF5File) throws -> Set<String> {
        var fields: Set<String> = []
        for name in try file.names() {
            let object = try file.describe(name)
            switch object.kind {
            case .group(let members):
                for case let member in members {
                    guard case .object(let field) = member.target, case .dataset(let content, let storage) = field.kind else { continue }
                    let units = field.attributes.map {
                        "\($0.name) \($0.content.type) \(String(decoding: $0.content.bytes, as: UTF8.self))"
                    }
                    fields.insert("\(member.name) \(content.type) \(content.shape ?? [-1]) \(storage) \(units)")
                }
            case .dataset(let content, let storage):
                fields.insert("\(content.type) \(content.shape ?? [-1]) \(storage)")
            case .namedType:
                Issue.record("a named type")
            }
        }
        return fields
    }

    @Test("is the same from the same seed, and another from another")
    func deterministic() throws {
        try withDemoFolder { folder in
            let sky = DemoSky(seed: 7, files: 2, sourcesPerFile: 40)
            let first = try sky.write(into: "\(folder)/a").map { try Data(contentsOf: URL(filePath: $0)) }
            let second = try sky.write(into: "\(folder)/b").map { try Data(contentsOf: URL(filePath: $0)) }
            let other = try DemoSky(seed: 8, files: 2, sourcesPerFile: 40).write(into: "\(folder)/c").map {
                try Data(contentsOf: URL(filePath: $0))
            }
            #expect(first == second)
            #expect(zip(first, other).allSatisfy { $0 != $1 })
        }
    }

    @Test("is physically plausible")
    func plausible() throws {
        try withDemoFolder { folder in
            let paths = try DemoSky(files: 4, sourcesPerFile: 300).write(into: folder)
            var sources: [HDF5Record] = []
            var transits: [Int64: [HDF5Record]] = [:]
            var transitIDs: Set<Int64> = []
            for path in paths {
                var file = try HDF5File(path: path, access: .whole)
                for name in try file.names() {
                    let record = try file.record(name)
                    if path.contains("CompleteSource") {
                        sources.append(record)
                    } else {
                        transits[record["source_id"]?.integer ?? 0, default: []].append(record)
                        transitIDs.insert(record["transit_id"]?.integer ?? 0)
                    }
                }
            }
            #expect(sources.count == 1200)
            #expect(Set(sources.compactMap { $0["source_id"]?.integer }).count == 1200)
            #expect(transitIDs.count == transits.values.reduce(0) { $0 + $1.count })

            // Every source is seen at least eight times, as often by one field of view as by the other, and over years.
            #expect(transits.count == 1200)
            for seen in transits.values {
                #expect(seen.count >= 8)
                #expect(seen.count { $0["fov"] == .int64(1) } == seen.count { $0["fov"] == .int64(2) })
                #expect(seen.allSatisfy { (0..<1038 * 86_400_000_000_000).contains($0["obs_time"]?.integer ?? -1) })
            }

            // A cluster stands where the Pleiades do, and moves with them.
            let members = sources.filter { near($0, ra: 56.75, dec: 24.12, within: 3) && abs(($0["varpi"]?.number ?? 0) - 7.36) < 0.5 }
            #expect(members.count > 40)
            let motions = members.compactMap { $0["mu_alpha_star"]?.number }.sorted()
            #expect(abs(motions[motions.count / 2] - 19.9) < 2)

            // Errors grow with magnitude; faint sources have no radial velocity, and most bright ones do.
            let bright = sources.filter { ($0["phot_g_mean_mag"]?.number ?? 99) < 12 }
            let faint = sources.filter { ($0["phot_g_mean_mag"]?.number ?? 0) > 18 }
            #expect(bright.count > 20 && faint.count > 200)
            #expect(mean(bright, "alpha_star_error") * 10 < mean(faint, "alpha_star_error"))
            #expect(faint.allSatisfy { $0["radial_velocity"] == nil })
            #expect(bright.count { $0["radial_velocity"] != nil } > bright.count * 3 / 4)
            #expect(sources.contains { $0["varpi"] == nil })
        }
    }

    private func near(_ source: HDF5Record, ra: Double, dec: Double, within radius: Double) -> Bool {
        guard let alpha = source["alpha"]?.number, let delta = source["delta"]?.number else { return false }
        let (x, y) = ((alpha * 180 / .pi - ra) * cos(dec * .pi / 180), delta * 180 / .pi - dec)
        return x * x + y * y < radius * radius
    }

    private func mean(_ sources: [HDF5Record], _ field: String) -> Double {
        sources.reduce(0) { $0 + ($1[field]?.number ?? 0) } / Double(sources.count)
    }

    @Test("stops when told to, leaving whole files only, and reports each file")
    func cancelled() throws {
        try withDemoFolder { folder in
            var steps: [DemoSky.Progress] = []
            #expect(throws: CancellationError.self) {
                try DemoSky(files: 3, sourcesPerFile: 10).write(
                    into: folder, report: { steps.append($0) }, isCancelled: { steps.count == 3 })
            }
            #expect(steps.map(\.filesDone) == [1, 2, 3])
            #expect(steps.allSatisfy { $0.filesTotal == 6 })
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.count == 3)
            #expect(files.allSatisfy { $0.hasSuffix(".h5") && !$0.hasPrefix(".") })
        }
    }

    private func withDemoFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "almagest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path())
    }
}
