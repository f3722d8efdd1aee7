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
        let encoder = try format.encoder(for: ResultDocument(fields: fields), accessURL: Self.form)
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
        row.add("hello")
        row.add([1])
        row.addNull()
        row.add(array: [10, -20])
        let types: [ValueType] = [.smallint, .integer, .bigint, .double, .real, .varchar(nil), .boolean, .timestamp, .point]
        let bytes = try stream(encode(.binary2, types, [row, row]))
        var expected: [UInt8] = [0b0010_1001, 0]
        expected += [0xFF, 0xFE] + [0, 0, 0, 7] + [UInt8](repeating: 0, count: 8) + [0x3F, 0xF8, 0, 0, 0, 0, 0, 0]
        expected += [0x7F, 0xC0, 0, 0] + [0, 0, 0, 5] + Array("hello".utf8) + [UInt8(ascii: "T")] + [0, 0, 0, 0]
        expected += [0x40, 0x24, 0, 0, 0, 0, 0, 0, 0xC0, 0x34, 0, 0, 0, 0, 0, 0]
        #expect(bytes == expected + expected)
    }

    @Test("texts beyond ASCII are unicodeChar, and a late one in a column of char is told of", arguments: [ResultFormat.binary2, .binary])
    func repertoire(format: ResultFormat) throws {
        var row = TestRow()
        row.add("é\u{1F52D}")
        row.add("plain")
        row.add("ab ")
        let flags: [UInt8] = format.kind == .binary2 ? [0] : []
        var late = TestRow()
        late.add("x")
        late.add("é\u{1F52D}")
        late.add("é")
        let document = try encode(format, [.varchar(nil), .varchar(nil), .char(3)], [row, late])
        #expect(document.contains("name=\"c0\" datatype=\"unicodeChar\" arraysize=\"*\""))
        #expect(document.contains("name=\"c1\" datatype=\"char\" arraysize=\"*\""))
        #expect(document.contains("<INFO name=\"warning\" value=\"2 texts hold"))
        let text: [UInt8] = [0, 0, 0, 3, 0, 0xE9, 0xD8, 0x3D, 0xDD, 0x2D, 0, 0, 0, 5] + Array("plainab ".utf8)
        let second: [UInt8] = [0, 0, 0, 1, 0, 0x78, 0, 0, 0, 2] + Array("???  ".utf8)
        #expect(try stream(document) == flags + text + flags + second)
    }

    @Test("BINARY has no flags: NULL is the number that the field declares")
    func binary() throws {
        var row = TestRow()
        row.addNull()
        row.add(Int32(7))
        row.addNull()
        row.addNull()
        row.addNull()
        row.addNull()
        row.add(shorts: [1, nil])
        let types: [ValueType] = [.smallint, .integer, .bigint, .real, .varchar(nil), .boolean, .array(.smallint, count: 2)]
        let document = try encode(.binary, types, [row])
        let expected: [UInt8] =
            [0x80, 0, 0, 0, 0, 7, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x7F, 0xC0, 0, 0, 0, 0, 0, 0] + [UInt8(ascii: "?"), 0, 1, 0x80, 0]
        #expect(try stream(document) == expected)
        for null in ["-32768", "-2147483648", "-9223372036854775808"] { #expect(document.contains("<VALUES null=\"\(null)\"/>")) }
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

    @Test("JSON keeps every text, says NaN and infinities as strings, and NULL as null")
    func json() throws {
        var row = TestRow()
        row.add("a\"\\\u{1}\n\t\u{1F}é")
        row.add(Double.nan)
        row.add(-Double.infinity)
        row.addNull()
        row.add([1])
        row.add(array: [1.5, .nan])
        row.add(Int64(0))
        let types: [ValueType] = [.varchar(nil), .double, .double, .bigint, .boolean, .point, .timestamp]
        let document = try encode(.json, types, [row, row], status: .overflow("limit"))
        let line = #"["a\"\\\u0001\n\t\u001fé","NaN","-Infinity",null,true,[1.5,"NaN"],"2000-01-01T00:00:00"]"#
        #expect(document.contains("\"data\":[\n\(line),\n\(line)\n],"))
        let object = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
        #expect(
            (object?["metadata"] as? [[String: String]])?[5] == ["name": "c5", "datatype": "double", "arraysize": "2", "xtype": "point"])
        #expect((object?["status"] as? [String: String]) == ["name": "QUERY_STATUS", "value": "OVERFLOW", "text": "limit"])
    }

    @Test("plain text stands in columns, numbers at the right")
    func plain() throws {
        var rows: [TestRow] = []
        for (number, text) in [(Int32(7), "é"), (-12345, "a\tb\nc")] {
            var row = TestRow()
            row.add(number)
            row.add(text)
            row.addNull()
            rows.append(row)
        }
        let expected = """
                c0  c1     c2
            ------  -----  --
                 7  é      \("")
            -12345  a b c  \("")

            (2 rows)

            """
        #expect(try encode(.text, [.integer, .varchar(nil), .varchar(nil)], rows) == expected)
    }

    @Test("a NULL alone in its row of CSV leaves no empty line, which readers would skip")
    func loneNull() throws {
        var row = TestRow()
        row.addNull()
        #expect(try encode(.csv, [.integer], [row]) == "c0\r\n\"\"\r\n")
    }

    @Test("TSV has no tabulators and line ends inside cells")
    func tsv() throws {
        var row = TestRow()
        row.add("a\tb\r\nc")
        row.add("12345678\t")
        #expect(try encode(.tsv, [.varchar(nil), .varchar(nil)], [row]) == "c0\tc1\na b  c\t12345678 \n")
    }

    @Test("texts of every length around a special character come out whole", arguments: 0...20)
    func longTexts(count: Int) throws {
        let text = String(repeating: "x", count: count) + "é&\"," + String(repeating: "y", count: 20 - count)
        var row = TestRow()
        row.add(text)
        let escaped = text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
        #expect(try encode(.tableData, [.varchar(nil)], [row]).contains("<TD>\(escaped)</TD>"))
        #expect(try encode(.csv, [.varchar(nil)], [row]) == "c0\r\n\"\(text.replacing("\"", with: "\"\""))\"\r\n")
        #expect(try encode(.json, [.varchar(nil)], [row]).contains("[\"\(text.replacing("\"", with: "\\\""))\"]"))
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

    @Test("no cut or changed byte of a row makes an encoder read beyond it", arguments: ResultFormat.offered)
    func damage(format: ResultFormat) throws {
        var row = TestRow()
        row.add(Int32(1))
        row.add("text")
        row.add(array: [1, 2])
        row.add(Int64(5))
        row.add([1, 2, 3])
        let types: [ValueType] = [.integer, .varchar(nil), .polygon, .timestamp, .blob]
        _ = try encode(format, types, [row])
        for count in 0..<row.bytes.count {
            var cut = row
            cut.bytes.removeLast(row.bytes.count - count)
            #expect(throws: FormatError.self) { try encode(format, types, [cut]) }
        }
        for place in row.bytes.indices {
            for value in [0, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = row
                changed.bytes[place] = value
                // Some changes give other values, none a crash.
                _ = try? encode(format, types, [changed])
            }
        }
    }

    @Test("every length of base64 comes out as Foundation reads it", arguments: 0...40)
    func base64(count: Int) throws {
        var row = TestRow()
        let text = String(repeating: "\u{7F}z0", count: 20).prefix(count)
        row.add(String(text))
        #expect(try stream(encode(.binary2, [.varchar(nil)], [row])) == [0, 0, 0, 0, UInt8(count)] + Array(text.utf8))
    }

    @Test("a failure after rows is told inside the VOTable, and can't be told in the others")
    func lateFailure() throws {
        var row = TestRow()
        row.add(Int32(1))
        let document = try encode(.tableData, [.integer], [row], status: .error("division by zero"))
        #expect(document.contains("value=\"ERROR\">division by zero</INFO>"))
        for format in ResultFormat.offered where !format.isVOTable {
            let encoder = try format.encoder(for: ResultDocument(fields: [Field(Column("a", .integer))]), accessURL: Self.form)
            var buffer = ByteBuffer()
            #expect(!encoder.writeTail(.error("x"), into: &buffer))
        }
    }
}
