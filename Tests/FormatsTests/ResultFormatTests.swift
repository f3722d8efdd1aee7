import Formats
import Testing

@Suite("The choice of a format")
struct ResultFormatTests {
    @Test(
        "follows short names and media types",
        arguments: [
            (nil, .binary2, "application/x-votable+xml"), ("votable", .binary2, "application/x-votable+xml"),
            ("text/xml", .binary2, "text/xml"), ("VOTABLE/TD", .tableData, "application/x-votable+xml;serialization=TABLEDATA"),
            ("application/x-votable+xml; serialization=tabledata", .tableData, "application/x-votable+xml;serialization=TABLEDATA"),
            ("csv", .csv, "text/csv;header=present"), ("votable/b", .binary, "application/x-votable+xml;serialization=BINARY"),
            ("application/x-votable+xml;content=datalink", .binary2, "application/x-votable+xml"),
            ("Application/FITS", .fits, "application/fits"), ("fits", .fits, "application/fits"), ("json", .json, "application/json"),
            ("application/vnd.apache.parquet", .parquet, "application/vnd.apache.parquet"), ("text", .text, "text/plain;charset=utf-8"),
            ("text/plain", .text, "text/plain;charset=utf-8"), ("text/html", .html, "text/html;charset=utf-8"),
            ("text/csv; header=present", .csv, "text/csv;header=present"),
        ] as [(String?, ResultFormat.Kind, String)])
    func choice(asked: String?, kind: ResultFormat.Kind, mediaType: String) throws {
        let format = try ResultFormat.asked(asked)
        #expect(format.kind == kind)
        #expect(format.mediaType == mediaType)
    }

    @Test("refuses what is not offered and names what is")
    func refusal() {
        let error = #expect(throws: FormatError.self) { try ResultFormat.asked("application/pdf") }
        #expect(
            error?.description
                == "the format \"application/pdf\" is not offered; RESPONSEFORMAT can be votable, votable/b, votable/td, csv, tsv, fits, json, parquet, text, html"
        )
    }

    @Test(
        "follows Accept only where it names a format",
        arguments: [
            (nil, .binary2), ("*/*", .binary2), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .binary2),
            ("application/json", .json), ("application/json;q=0.5, text/csv", .csv), ("text/csv;q=0", .binary2),
            ("application/x-votable+xml;serialization=TABLEDATA;q=0.9, */*;q=0.1", .tableData), ("image/png", .binary2),
        ] as [(String?, ResultFormat.Kind)])
    func accept(header: String?, kind: ResultFormat.Kind) {
        #expect(ResultFormat.preferred(accept: header).kind == kind)
    }
}
