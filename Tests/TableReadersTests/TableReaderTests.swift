import TableInput
import TableModel
import Testing

@Suite("Tables that are read")
struct TableReaderTests {
    private static func document(_ fields: String, _ data: String) -> String {
        "<VOTABLE><RESOURCE><TABLE>\(fields)<DATA>\(data)</DATA></TABLE></RESOURCE></VOTABLE>"
    }

    @Test("come out the same however small the pieces are that they arrive in", arguments: [1, 2, 3, 5, 64, 10_000])
    func pieces(step: Int) throws {
        let rows = (0..<300).map { "<TR><TD>\($0)</TD><TD>w&amp;\($0)</TD><TD/></TR>" }.joined()
        let fields = "<FIELD name='n' datatype='int'/><FIELD name='w' datatype='char' arraysize='*'/><FIELD name='d' datatype='double'/>"
        let table = try Collected.read(Self.document(fields, "<TABLEDATA>\(rows)</TABLEDATA>"), step: step)
        #expect(table.rows.count == 300 && table.int(299, 0) == 299 && table.text(7, 1) == "w&7" && table.double(1, 2) == nil)
        let csv = try Collected.read("n,w\r\n" + (0..<300).map { "\($0),\"a\"\"\($0)\"\r\n" }.joined(), step: step)
        #expect(csv.rows.count == 300 && csv.int(299, 0) == 299 && csv.text(7, 1) == "a\"7")
    }

    @Test("in BINARY2 carry NULLs by their flags, whatever lies in the cells")
    func flags() throws {
        // Two rows of a short and a text: (1, "ab"), (NULL, NULL).
        let bytes: [UInt8] = [0x00, 0, 1, 0, 0, 0, 2, 0x61, 0x62, 0xC0, 0, 9, 0, 0, 0, 0]
        let fields = "<FIELD name='s' datatype='short'/><FIELD name='w' datatype='char' arraysize='*'/>"
        let table = try Collected.read(
            Self.document(fields, "<BINARY2><STREAM encoding='base64'>\(base64(bytes))</STREAM></BINARY2>"), step: 3)
        #expect(table.int(0, 0) == 1 && table.text(0, 1) == "ab" && table.rows[1] == [nil, nil])
    }

    @Test("declare their columns as exactly as a result can give them back")
    func declarations() throws {
        let cases: [(String, ValueType, VOTableType?)] = [
            ("datatype='float'", .real, nil), ("datatype='unsignedByte'", .smallint, nil),
            ("datatype='char' arraysize='12'", .varchar(12), nil),
            ("datatype='long' arraysize='2x3'", .array(.bigint, count: 6), VOTableType(.long, arraysize: "2x3")),
            ("datatype='double' arraysize='1'", .double, nil), ("datatype='double' arraysize='2' xtype='POINT'", .point, nil),
            (
                "datatype='double' arraysize='2' xtype='interval'", .array(.double, count: 2),
                VOTableType(.double, arraysize: "2", xtype: "interval")
            ),
            ("datatype='char' arraysize='*' xtype='adql:TIMESTAMP'", .timestamp, nil),
            ("datatype='unicodeChar' arraysize='9'", .varchar(nil), VOTableType(.unicodeChar, arraysize: "*")),
        ]
        for (attributes, type, declared) in cases {
            let column = try Collected.read(Self.document("<FIELD name='x' \(attributes)/>", "<TABLEDATA/>")).table.columns[0]
            #expect(column.type == type && column.declared == declared, "\(attributes)")
        }
    }

    @Test("that are large keep memory flat: rows are handed on in batches")
    func batches() throws {
        final class Counting: TableSink {
            var largest = 0
            var rows = 0
            func begin(_ table: IncomingTable) {}
            func take(_ batch: CopyRows) {
                largest = max(largest, batch.bytes.count)
                rows += batch.rows
                batch.removeAll()
            }
        }
        let row: [UInt8] = [UInt8](repeating: 7, count: 48)
        let stream = base64((0..<40_000).flatMap { _ in row })
        let fields = (0..<6).map { "<FIELD name='c\($0)' datatype='double'/>" }.joined()
        let sink = Counting()
        try read(Array(Self.document(fields, "<BINARY><STREAM encoding='base64'>\(stream)</STREAM></BINARY>").utf8), into: sink)
        #expect(sink.rows == 40_000 && sink.largest < 300_000)
    }

    @Test("in text have the narrowest type that holds all of a column")
    func inference() throws {
        let text = "i,l,d,b,t,s,e\n1,3000000000,1,true,2016-01-01,1,\n,-1,1.5,f,2016-01-01T10:00:00,x,\n"
        let columns = try Collected.read(text).table.columns.map(\.type)
        #expect(columns == [.integer, .bigint, .double, .boolean, .timestamp, .varchar(nil), .varchar(nil)])
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for digit in 0..<4 { text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : "=") }
        }
        return text
    }

    private func read(_ bytes: [UInt8], into sink: any TableSink) throws {
        try Collected.read(bytes, into: sink)
    }
}
