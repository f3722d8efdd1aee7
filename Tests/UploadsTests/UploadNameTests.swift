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
