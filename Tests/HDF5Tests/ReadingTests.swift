import HDF5
import Testing

@Suite("Reading HDF5")
struct ReadingTests {
    @Test("lists the objects at the root in natural order")
    func names() throws {
        let file = try HDF5File(path: Samples.sources)
        let names = try file.names()
        #expect(names == (5369..<5569).map { "CompleteSourceImpl_\($0)" })
        let transits = try HDF5File(path: Samples.transits).names()
        #expect(transits.count > 600)
        #expect(transits == (0..<transits.count).map { "AstroElementaryImpl_\($0)" })
    }

    @Test("gives a group's scalar datasets as one record, absent fields absent")
    func group() throws {
        var file = try HDF5File(path: Samples.sources)
        let record = try file.record("CompleteSourceImpl_5369")
        #expect(record.layout.names.count == 13)
        guard case .int64(let id) = record["source_id"] else {
            Issue.record("source_id is not an int64")
            return
        }
        #expect(id == 65_017_902_123_081_728)
        let alpha = try #require(record["alpha"]?.number)
        #expect(abs(alpha * 180 / .pi - 56.75) < 3)
        #expect(record["radial_velocity"] == nil)
        #expect(record["no_such_field"] == nil)
    }

    @Test("shares the layout between records of the same shape")
    func layout() throws {
        var file = try HDF5File(path: Samples.transits, access: .whole)
        let first = try file.record("AstroElementaryImpl_0")
        let second = try file.record("/AstroElementaryImpl_1")
        #expect(first.layout === second.layout)
        #expect(first.values != second.values)
    }

    @Test("gives a compound's members with their types kept and arrays as arrays")
    func compound() throws {
        var file = try HDF5File(path: Samples.transits)
        let record = try file.record("AstroElementaryImpl_0")
        #expect(
            record.layout.names == [
                "transit_id", "source_id", "obs_time", "fov", "ccd_row", "heal_pix_fov", "flags", "ac_win_coord", "g_flux",
            ])
        let fov = try #require(record["fov"]?.integer)
        let row = try #require(record["ccd_row"]?.integer)
        let time = try #require(record["obs_time"]?.integer)
        let transit = try #require(record["transit_id"]?.integer)
        #expect((1...2).contains(fov))
        #expect((1...7).contains(row))
        // Gaia packs time, field of view and row into the transit's number: three members agree.
        #expect(transit >> 17 == time / 204_800)
        #expect(transit >> 15 & 3 == fov)
        #expect(transit >> 12 & 7 == row)
        guard case .int64s(let window) = record["ac_win_coord"], case .float(let flux) = record["g_flux"] else {
            Issue.record("types are lost: \(record.values)")
            return
        }
        #expect(window.count == 10)
        #expect(window.allSatisfy { (13..<1979).contains($0) })
        #expect(flux > 0)
    }

    @Test("reads the root's attributes and the fields' units")
    func attributes() throws {
        let file = try HDF5File(path: Samples.sources)
        #expect(
            try file.attributes() == [
                HDF5Attribute("credit", .string("ESA/Gaia/DPAC")), HDF5Attribute("data_model", .string("gaia.CompleteSource")),
                HDF5Attribute("run", .int64(130097)),
            ])
        let units = try file.units("CompleteSourceImpl_5369")
        #expect(units["alpha"] == "rad")
        #expect(units["mu_delta"] == "mas/yr")
        #expect(units["source_id"] == nil)
        #expect(units.count == 12)
    }

    @Test("reads the same whole and in pieces")
    func access() throws {
        var whole = try HDF5File(path: Samples.sources, access: .whole)
        var pieces = try HDF5File(path: Samples.sources, access: .inPieces)
        for name in try whole.names() {
            #expect(try whole.record(name).values == pieces.record(name).values)
        }
    }

    @Test("describes a compressed column with its chunks and filters")
    func columnar() throws {
        let file = try HDF5File(path: Samples.path("GaiaSource_columnar.h5"))
        let description = try file.describe("source_id")
        guard case .dataset(let content, let storage) = description.kind else {
            Issue.record("not a dataset")
            return
        }
        #expect(content.type == .int64)
        #expect(content.shape == [50_000])
        #expect(content.bytes.count == 400_000)
        #expect(storage.layout == .chunked([8192]))
        #expect(storage.filters.map(\.id) == [2, 1])
    }

    @Test("says what is missing, by name and without paths")
    func missing() throws {
        let folder = try Samples.folder
        let file = #expect(throws: HDF5Error.self) { _ = try HDF5File(path: "\(folder)/CompleteSource_1_0003.h5") }
        #expect(file?.code == .missingFile)
        #expect(file?.description == "no file \"CompleteSource_1_0003.h5\"")
        let object = #expect(throws: HDF5Error.self) {
            var file = try HDF5File(path: Samples.sources)
            _ = try file.record("CompleteSourceImpl_1")
        }
        #expect(object?.code == .missingObject)
        #expect(object?.description == "no object \"/CompleteSourceImpl_1\" in \"CompleteSource_130097_0003.h5\"")
        let name = #expect(throws: HDF5Error.self) {
            var file = try HDF5File(path: Samples.sources)
            _ = try file.record("CompleteSourceImpl_5369\0x")
        }
        #expect(name?.code == .missingObject)
        let folderAsFile = #expect(throws: HDF5Error.self) { _ = try HDF5File(path: folder) }
        #expect(folderAsFile?.code == .unreadableFile)
        #expect(folderAsFile?.description.contains("/") == false)
    }
}

@Suite("Names of objects")
struct ObjectNameTests {
    @Test("stand in natural order")
    func order() {
        let names = ["b", "Impl_10", "Impl_9", "Impl_010", "Impl_", "Impl_9x", "a2b10", "a2b9", "a10", ""]
        #expect(
            names.sorted(by: ObjectName.precedes) == ["", "Impl_", "Impl_9", "Impl_9x", "Impl_010", "Impl_10", "a2b9", "a2b10", "a10", "b"])
    }

    @Test("are in a strict order whatever they are")
    func strict() {
        let names = ["", "0", "00", "000", "1", "01", "a", "a0", "a00", "0a", "00a", "1a", "01a", "a1b", "a01b", "/", "/1", "_"]
        for left in names {
            for right in names {
                #expect((left == right) == !(ObjectName.precedes(left, right) || ObjectName.precedes(right, left)), "\(left) \(right)")
                #expect(!(ObjectName.precedes(left, right) && ObjectName.precedes(right, left)), "\(left) \(right)")
                for third in names where ObjectName.precedes(left, right) && ObjectName.precedes(right, third) {
                    #expect(ObjectName.precedes(left, third), "\(left) \(right) \(third)")
                }
            }
        }
    }

    @Test("become absolute paths", arguments: absolutePaths)
    func absolute(key: String, path: String) {
        #expect(ObjectName.absolute(key) == path)
    }

    @Test("are refused when they name nothing", arguments: ["", "/", ".", "a\0b"])
    func nothing(key: String) {
        #expect(ObjectName.absolute(key) == nil)
    }
}

private let absolutePaths: [(String, String)] = [
    ("a", "/a"), ("/a", "/a"), ("//a/./b/", "/a/b"), ("a.b", "/a.b"), ("/a/.b", "/a/.b"), ("./a", "/a"), ("/a/.", "/a"), ("a.", "/a."),
    (".a", "/.a"), ("a//b", "/a/b"), ("a/b", "/a/b"),
]
