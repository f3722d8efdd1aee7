import Formats
import Foundation
import NIOCore
import TableModel
import Testing
import VOTable

@Suite("Result encoders")
struct EncoderTests {
    static let tag = TableTag(schema: "gaia", table: "completesource")
    static let form = AccessURLForm(prefix: "http://a/datalink?id=", suffix: "&clientId=c")

    private func encode(_ format: ResultFormat, _ types: [ValueType], _ rows: [TestRow], status: QueryStatus = .ok) throws -> String {
        let fields = types.enumerated().map { Field(Column("c\($0.offset)", $0.element)) }
        let encoder = format.encoder(for: ResultDocument(fields: fields), accessURL: Self.form)
        var buffer = ByteBuffer()
        encoder.writeHead(into: &buffer)
        for row in rows {
            try row.bytes.withUnsafeBytes { bytes in try encoder.append(row: bytes) }
            // Draining after each row meets every remainder of the base64 groups.
            encoder.drain(into: &buffer)
        }
        #expect(encoder.writeTail(status, into: &buffer))
        return String(buffer: buffer)
    }

    /// The bytes between the STREAM tags.
    private func stream(_ document: String) throws -> [UInt8] {
        let start = try #require(document.range(of: "base64\">"))
        let end = try #require(document.range(of: "</STREAM>"))
        let text = document[start.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
        return Array(try #require(Data(base64Encoded: text)))
    }

    @Test("BINARY2 passes numbers on, flags NULLs and keeps their cells")
    func binary2() throws {
        var row = TestRow()
        row.add(Int16(-2))
        row.add(Int32(7))
        row.addNull()
        row.add(1.5)
        row.addNull()
        row.add("héllo")
        row.add([1])
        row.addNull()
        row.add(array: [10, -20])
        let types: [ValueType] = [.smallint, .integer, .bigint, .double, .real, .varchar(nil), .boolean, .timestamp, .point]
        let bytes = try stream(encode(.binary2, types, [row, row]))
        var expected: [UInt8] = [0b0010_1001, 0]
        expected += [0xFF, 0xFE] + [0, 0, 0, 7] + [UInt8](repeating: 0, count: 8) + [0x3F, 0xF8, 0, 0, 0, 0, 0, 0]
        expected += [0x7F, 0xC0, 0, 0] + [0, 0, 0, 6] + Array("héllo".utf8) + [UInt8(ascii: "T")] + [0, 0, 0, 0]
        expected += [0x40, 0x24, 0, 0, 0, 0, 0, 0, 0xC0, 0x34, 0, 0, 0, 0, 0, 0]
        #expect(bytes == expected + expected)
    }

    @Test("identifiers and access_urls are made from the row's key in every format", arguments: [ResultFormat.binary2, .tableData, .csv])
    func identifiers(format: ResultFormat) throws {
        var row = TestRow()
        row.add(Int64(66_703_118_144_313_472))
        row.add(Int64(66_703_118_144_313_472))
        let document = try encode(format, [.rowIdentifier(Self.tag), .accessURL(Self.tag)], [row])
        let uuid = "86adbb65-00ec-8fa2-87b9-9c6201d39fe7"
        if format == .binary2 {
            let url = "http://a/datalink?id=\(uuid)&clientId=c"
            #expect(try stream(document) == [0] + Array(uuid.utf8) + [0, 0, 0, UInt8(url.utf8.count)] + Array(url.utf8))
        } else {
            let ampersand = format == .csv ? "&" : "&amp;"
            #expect(document.contains("http://a/datalink?id=\(uuid)\(ampersand)clientId=c"))
        }
    }

    @Test(
        "numbers are written so that they read back the same",
        arguments: [
            (0.1, "0.1"), (1e300, "1e+300"), (-0.0, "-0.0"), (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (56.75, "56.75"),
        ] as [(Double, String)])
    func doubles(value: Double, text: String) throws {
        var row = TestRow()
        row.add(value)
        #expect(try encode(.csv, [.double], [row]) == "c0\r\n\(text)\r\n")
        #expect(try encode(.tableData, [.double], [row]).contains("<TD>\(text)</TD>"))
    }

    @Test(
        "whole numbers of every length are written",
        arguments: [0, 9, 10, -1, 99, 100, 999_999_999_999_999_999, 1_000_000_000_000_000_000, .max, .min] as [Int64])
    func integers(value: Int64) throws {
        var row = TestRow()
        row.add(value)
        #expect(try encode(.csv, [.bigint], [row]) == "c0\r\n\(value)\r\n")
    }

    @Test(
        "timestamps follow the calendar",
        arguments: [
            (0, "2000-01-01T00:00:00"), (-1, "1999-12-31T23:59:59.999999"), (500_000, "2000-01-01T00:00:00.500"),
            (5_097_600_000_000, "2000-02-29T00:00:00"), (459_648_000_000_000, "2014-07-26T00:00:00"),
            (-63_082_281_600_000_000, "0001-01-01T00:00:00"), (252_455_615_999_999_999, "9999-12-31T23:59:59.999999"),
        ] as [(Int64, String)])
    func timestamps(microseconds: Int64, text: String) throws {
        var row = TestRow()
        row.add(microseconds)
        #expect(try encode(.csv, [.timestamp], [row]) == "c0\r\n\(text)\r\n")
    }

    @Test("a NULL among whole numbers becomes the value that the field declares for it")
    func missingElements() throws {
        var row = TestRow()
        row.add(shorts: [7, nil, -3])
        let type = ValueType.array(.smallint, count: 3)
        #expect(try stream(encode(.binary2, [type], [row])) == [0, 0, 7, 0x80, 0, 0xFF, 0xFD])
        let document = try encode(.tableData, [type], [row])
        #expect(document.contains("<TD>7 -32768 -3</TD>"))
        #expect(document.contains("<VALUES null=\"-32768\"/>"))
    }

    @Test("CSV quotes what needs it and tells an empty text from NULL")
    func csv() throws {
        var row = TestRow()
        row.add("a,\"b\"\r\n")
        row.add("")
        row.addNull()
        row.add("plain")
        let document = try encode(.csv, Array(repeating: .varchar(nil), count: 4), [row])
        #expect(document == "c0,c1,c2,c3\r\n\"a,\"\"b\"\"\r\n\",\"\",,plain\r\n")
    }

    @Test("TABLEDATA escapes markup and replaces what XML forbids")
    func escaping() throws {
        var row = TestRow()
        row.add("a<b> & \u{1}\u{FFFE}c")
        #expect(try encode(.tableData, [.varchar(nil)], [row]).contains("<TD>a&lt;b&gt; &amp; \u{FFFD}\u{FFFD}c</TD>"))
    }

    @Test("a row that does not fit its columns is an error, not a read beyond its end")
    func damaged() throws {
        var row = TestRow()
        row.add(Int32(1))
        #expect(throws: FormatError.self) { try encode(.binary2, [.bigint], [row]) }
        #expect(throws: FormatError.self) { try encode(.binary2, [.integer, .integer], [row]) }
        row.bytes.removeLast()
        for format in ResultFormat.offered {
            #expect(throws: FormatError.self) { try encode(format, [.integer], [row]) }
        }
    }

    @Test("every length of base64 comes out as Foundation reads it", arguments: 0...40)
    func base64(count: Int) throws {
        var row = TestRow()
        let text = String(repeating: "\u{7F}z0", count: 20).prefix(count)
        row.add(String(text))
        #expect(try stream(encode(.binary2, [.varchar(nil)], [row])) == [0, 0, 0, 0, UInt8(count)] + Array(text.utf8))
    }

    @Test("a failure after rows is told inside the VOTable, and can't be told in CSV")
    func lateFailure() throws {
        var row = TestRow()
        row.add(Int32(1))
        let document = try encode(.tableData, [.integer], [row], status: .error("division by zero"))
        #expect(document.contains("value=\"ERROR\">division by zero</INFO>"))
        let encoder = ResultFormat.csv.encoder(for: ResultDocument(fields: [Field(Column("a", .integer))]), accessURL: Self.form)
        var buffer = ByteBuffer()
        #expect(!encoder.writeTail(.error("x"), into: &buffer))
    }
}

@Suite("The choice of a format")
struct ResultFormatTests {
    @Test(
        "follows short names and media types",
        arguments: [
            (nil, .binary2, "application/x-votable+xml"), ("votable", .binary2, "application/x-votable+xml"),
            ("text/xml", .binary2, "text/xml"), ("VOTABLE/TD", .tableData, "application/x-votable+xml;serialization=TABLEDATA"),
            ("application/x-votable+xml; serialization=tabledata", .tableData, "application/x-votable+xml;serialization=TABLEDATA"),
            ("csv", .csv, "text/csv;header=present"), ("text/csv; header=present", .csv, "text/csv;header=present"),
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
            error?.description == "the format \"application/pdf\" is not offered; RESPONSEFORMAT can be votable, votable/td, csv, tsv, html"
        )
    }
}
