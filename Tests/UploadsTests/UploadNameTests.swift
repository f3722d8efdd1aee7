import TableModel
import Testing

@testable import Uploads

@Suite("The parameter UPLOAD")
struct UploadNameTests {
    @Test("names tables, one by one or with semicolons, which addresses may have too")
    func reading() throws {
        let read = try UploadName.read(["a,param:p;b,https://x.org/y;z=1,2;c,param:q;", " d , param:r s ", "\"E 1\",http://h/"])
        #expect(read.map(\.name) == ["a", "b", "c", "d", "E 1"])
        #expect(read.map(\.source) == [.part("p"), .address("https://x.org/y;z=1,2"), .part("q"), .part("r s"), .address("http://h/")])
    }

    @Test(
        "takes no name that a query could not write, and none twice",
        arguments: [
            "1a,param:p", "select,param:p", "a b,param:p", "a.b,param:p", ",param:p", "a", "a,", "a,param:", "a,gopher://x",
            "a,param:p;A,param:q",
        ])
    func refusals(value: String) {
        #expect(throws: UploadError.self) { try UploadName.read([value]) }
    }

    @Test("is read at once, however it is written, and refused where it is long or names too many")
    func hostile() {
        let long = 16_000
        let values: [String] = [
            String(repeating: " ", count: long), String(repeating: "a;", count: long / 2),
            "\"" + String(repeating: "\"\"", count: long / 2),
            String(repeating: ";\"", count: long / 2), "a" + String(repeating: " ", count: long) + ";b",
            "a," + String(repeating: " ", count: long),
            String(repeating: ";\"a", count: long / 3),
        ]
        // With backtracking, the first of these takes hours.
        for value in values.dropFirst() { #expect(throws: UploadError.self) { try UploadName.read([value]) } }
        #expect(throws: Never.self) { try UploadName.read([values[0]]) }
        let tooLong = #expect(throws: UploadError.self) { try UploadName.read(["a,http://" + String(repeating: "x", count: 16_384)]) }
        #expect(tooLong?.code == "upload-too-long" && tooLong?.kind == .tooLarge)
        let many = (0..<11).map { "t\($0),param:p" }
        for values in [many, [many.joined(separator: ";")], [String](repeating: "", count: 101)] {
            #expect(throws: UploadError.tooManyTables(limit: 10)) { try UploadName.read(values, limit: 10) }
        }
    }

    @Test("takes semicolons in a name, and the schema before it")
    func quoted() throws {
        let read = try UploadName.read(["x,param:p;\"a;b\",param:q; TAP_UPLOAD.c , http://h/a;;b ; "])
        #expect(read.map(\.name) == ["x", "a;b", "c"])
        #expect(read.map(\.source) == [.part("p"), .part("q"), .address("http://h/a;;b")])
    }

    @Test("columns keep their names but where no query could tell them apart")
    func columns() {
        let names = ["a", "A", "a", "", "", "column_5", "a_2", "x\u{0}y"]
        #expect(
            ColumnNames.unique(names.map { Column($0, .integer) }).map(\.name) == [
                "a", "A", "a_3", "column_4", "column_5_5", "column_5", "a_2", "xy",
            ])
    }

    @Test("positions are found by UCD before they are found by name")
    func positions() {
        let columns = [
            Column("ra", .double), Column("dec", .double), Column("x", .double, unit: "deg", ucd: "POS_EQ_RA_MAIN"),
            Column("y", .double, unit: "deg", ucd: "pos_eq_dec_main"), Column("z", .real, ucd: "pos.eq.ra;meta.main"),
        ]
        #expect(SkyPosition.find(in: columns).map { [$0.longitude, $0.latitude] } == [2, 3])
        #expect(SkyPosition.find(in: Array(columns[..<2])).map { [$0.longitude, $0.latitude] } == [0, 1])
        #expect(SkyPosition.find(in: [Column("ra", .double, unit: "rad"), Column("dec", .double, unit: "rad")]) == nil)
    }
}
