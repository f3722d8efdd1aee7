import Foundation
import HDF5
import Ingest
import Postgres
import TAPSchema
import TableModel
import Testing

@Suite("Ingest of the sample files")
struct IngestionTests {
    private static let sources = "CompleteSource_130097_0003.h5"
    private static let transits = "AstroElementary_134755_0006.h5"

    @Test("makes a row of each object, with the object's values and its file's facts")
    func all() throws {
        let archive = try TestArchive()
        var last: IngestProgress?
        let summary = try archive.ingest([sampleFolder]) { last = $0 }
        #expect(summary.isComplete && summary.ingested == 24 && summary.ignored == 1)
        #expect(summary.unknownFields.isEmpty && summary.passedOver == 0)
        #expect(last?.filesDone == 24 && last?.files == 24 && last?.rows == summary.rows)
        var expected = ["gaia.completesource": 0, "gaia.astroelementary": 0]
        for file in summary.files {
            let names = try HDF5File(path: file.path).names()
            expected[file.table ?? "", default: 0] += names.count
        }
        for (table, count) in expected { #expect(try archive.count(table) == count) }
        #expect(summary.rows == expected.values.reduce(0, +))
        #expect(try archive.count("gaia.crossmatch") == expected["gaia.astroelementary"])
        #expect(try archive.count("gaia.crossmatch WHERE source_key_name IS NULL") == 0)
        let read = try CatalogueReader.read(on: archive.session)
        #expect(read.catalogue.table(schema: "gaia", name: "completesource")?.nrows == expected["gaia.completesource"])
        #expect(read.catalogue.table(schema: "gaia", name: "crossmatch")?.nrows == expected["gaia.astroelementary"])
        #expect(try SchemaAudit.report(on: archive.session).faults == [])
    }

    @Test("keeps every value of a source, and NULL where the object has none")
    func sourceValues() throws {
        let archive = try TestArchive()
        try archive.ingest([archive.sample(Self.sources)])
        let rows = RowTable(try #require(try TestArchive.gaia().table(named: "completesource")))
        let fields = try #require(rows).written.filter { $0.value != .objectName }.map(\.name)
        let result = try archive.session.query(
            "SELECT key_name, \(fields.map { "\"\($0)\"" }.joined(separator: ", ")), ra, \"dec\" FROM gaia.completesource ORDER BY source_id"
        )
        var file = try HDF5File(path: archive.sample(Self.sources))
        #expect(try result.count == file.names().count)
        var absent = 0
        for row in 0..<result.count {
            let record = try file.record(try #require(result.string(row, 0)))
            for (index, field) in fields.enumerated() {
                let value = record[field]
                if value == nil { absent += 1 }
                if field == "source_id" {
                    #expect(result.int(row, index + 1) == value?.integer)
                } else {
                    #expect(result.double(row, index + 1) == value?.number, "\(field)")
                }
            }
            let alpha = try #require(record["alpha"]?.number)
            #expect(abs((result.double(row, fields.count + 1) ?? 0) - alpha * 180 / .pi) < 1e-12)
        }
        #expect(absent > result.count)
    }

    @Test("keeps every value of a transit, arrays and times among them")
    func transitValues() throws {
        let archive = try TestArchive()
        try archive.ingest([archive.sample(Self.transits)])
        let result = try archive.session.query(
            """
            SELECT key_name, transit_id, source_id, ac_win_coord, fov, ccd_row, heal_pix_fov, flags, g_flux,
                (extract(epoch FROM transit_time - TIMESTAMP '2014-07-25') * 1000000)::bigint FROM gaia.astroelementary
            """)
        var file = try HDF5File(path: archive.sample(Self.transits))
        #expect(try result.count == file.names().count)
        for row in 0..<result.count {
            let record = try file.record(try #require(result.string(row, 0)))
            for (column, field) in [(1, "transit_id"), (2, "source_id"), (4, "fov"), (5, "ccd_row"), (6, "heal_pix_fov"), (7, "flags")] {
                #expect(result.int(row, column) == record[field]?.integer, "\(field)")
            }
            guard case .int64s(let coordinates)? = record["ac_win_coord"], case .float(let flux)? = record["g_flux"] else {
                Issue.record("another shape of transit")
                return
            }
            #expect(result.string(row, 3) == "{\(coordinates.map(String.init).joined(separator: ","))}")
            #expect(result.string(row, 8).flatMap { Float($0) } == flux)
            #expect(result.int(row, 9) == record["obs_time"]?.integer.map { $0 / 1000 })
        }
    }

    @Test("records the facts of a file once, and the rows find them")
    func facts() throws {
        let archive = try TestArchive()
        try archive.ingest([archive.sample(Self.sources), archive.sample(Self.transits)])
        let file = try #require(try FileFacts.find(didName: Self.sources, on: archive.session))
        #expect(file.didScope == "gaia" && file.didRSE == "local" && file.collection == "gaia" && file.table == "gaia.completesource")
        #expect(file.name == Self.sources && file.fileExtension == "h5" && file.version == "0003" && file.format == "application/x-hdf5")
        let bytes = try FileManager.default.attributesOfItem(atPath: archive.sample(Self.sources))[.size] as? Int
        #expect(file.size == bytes)
        #expect(file.location == URL(filePath: archive.sample(Self.sources)).resolvingSymlinksInPath().path)
        #expect(
            try archive.session.query("SELECT facts ->> 'run' FROM almagest.files WHERE did_name = $1", [.text(Self.sources)]).string(0, 0)
                == "130097")
        let sum = try archive.session.query("SELECT DISTINCT checksum, file_name, did_name FROM gaia.completesource")
        #expect(sum.count == 1 && sum.string(0, 0) == file.checksum && sum.string(0, 1) == Self.sources)
        // PostgreSQL's own SHA-256 of the same bytes.
        let content = try Data(contentsOf: URL(filePath: archive.sample(Self.sources)))
        let hex = content.map { String(format: "%02x", $0) }.joined()
        #expect(try archive.session.query("SELECT encode(sha256(decode($1, 'hex')), 'hex')", [.text(hex)]).string(0, 0) == file.checksum)
    }

    @Test("leads from a row's key to its object and from there to its relations")
    func holdings() throws {
        let archive = try TestArchive()
        try archive.ingest([sampleFolder])
        let holdings = try CatalogueReader.read(on: archive.session).holdings
        let sources = try #require(holdings[TableTag(schema: "gaia", table: "completesource")])
        let some = try archive.session.query("SELECT source_id, key_name, file_name FROM gaia.completesource ORDER BY random() LIMIT 5")
        let keys = (0..<5).compactMap { some.int($0, 0) }
        let found = try sources.objects(of: keys + [keys[0], -1], on: archive.session)
        #expect(found.objects.count == 5)
        for row in 0..<5 {
            let object = try #require(found.objects.first { $0.key == some.int(row, 0) })
            #expect(object.keyName == some.string(row, 1))
            #expect(found.files[object.fileID]?.name == some.string(row, 2))
            #expect(try HDF5File(path: try #require(found.files[object.fileID]).location).contains(object.keyName))
        }
        let relation = try #require(sources.relation(named: "transits"))
        let related = try sources.related(relation, to: keys, on: archive.session)
        let expected = try archive.session.query("SELECT count(*) FROM gaia.crossmatch WHERE source_id = ANY($1)", [.intArray(keys)])
        #expect(related.values.map(\.count).reduce(0, +) == Int(expected.int(0, 0) ?? -1))
        let transits = try #require(holdings[relation.target])
        let back = try transits.related(try #require(transits.relations.first), to: Array(related.values.joined()), on: archive.session)
        #expect(Set(back.values.joined()) == Set(related.keys))
    }

    @Test("changes nothing when it is run again")
    func again() throws {
        let archive = try TestArchive()
        let paths = [archive.sample(Self.sources), archive.sample(Self.transits)]
        try archive.ingest(paths)
        let before = try state(archive)
        let summary = try archive.ingest(paths)
        #expect(summary.unchanged == 2 && summary.rows == 0 && summary.isComplete)
        #expect(try state(archive) == before)
    }

    @Test("refuses another content under a known name and leaves all as it was")
    func changed() throws {
        let archive = try TestArchive()
        try archive.ingest([archive.sample(Self.sources)])
        let before = try state(archive)
        let path = try archive.copy(Self.sources)
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        let summary = try archive.ingest([path])
        #expect(summary.refused == 1 && !summary.isComplete)
        #expect(summary.message().hasPrefix("\"\(Self.sources)\" is in the archive with another content"))
        #expect(try state(archive) == before)
    }

    @Test("finds a file that was moved, and keeps to the old place while the file is there")
    func moved() throws {
        let archive = try TestArchive()
        let path = try archive.copy(Self.sources)
        try archive.ingest([path])
        #expect(try archive.ingest([archive.sample(Self.sources)]).unchanged == 1)
        #expect(try FileFacts.find(didName: Self.sources, on: archive.session)?.location.hasSuffix(path) == true)
        try FileManager.default.removeItem(atPath: path)
        #expect(try archive.ingest([archive.sample(Self.sources)]).relocated == 1)
        let location = try FileFacts.find(didName: Self.sources, on: archive.session)?.location
        #expect(location == URL(filePath: archive.sample(Self.sources)).resolvingSymlinksInPath().path)
        #expect(try archive.count("gaia.completesource") == 200)
    }

    /// Everything that a further run could change.
    private func state(_ archive: TestArchive) throws -> [String?] {
        let result = try archive.session.query(
            """
            SELECT (SELECT value::text FROM almagest.generation), (SELECT md5(string_agg(f::text, '' ORDER BY file_id)) FROM almagest.files f),
                (SELECT md5(string_agg(r::text, '' ORDER BY source_id)) FROM gaia_rows.completesource r),
                (SELECT md5(string_agg(r::text, '' ORDER BY transit_id)) FROM gaia_rows.astroelementary r)
            """)
        return (0..<4).map { result.string(0, $0) }
    }
}
