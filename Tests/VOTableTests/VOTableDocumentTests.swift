import NIOCore
import TableModel
import Testing
import VOTable
import XML

@Suite("VOTable documents")
struct VOTableDocumentTests {
    private static let columns: [Field] = [
        Field(
            Column("source_id", .bigint, ucd: "meta.id;meta.main", description: "Gaia's number for the source"), id: "id_column"),
        Field(Column("ra", .double, unit: "deg", ucd: "pos.eq.ra;meta.main", utype: "x:ra")),
        Field(Column("when", .timestamp)),
        Field(Column("counts", .array(.smallint, count: 10))),
    ]

    @Test("carry rows of every serialization between opening and closing", arguments: Serialization.allCases)
    func envelope(serialization: Serialization) {
        let document = VOTableDocument(
            serialization: serialization, infos: [Info("standardID", "ivo://ivoa.net/std/TAP")], tableName: "result", fields: Self.columns)
        let opening = String(buffer: document.opening())
        let closing = String(buffer: document.closing())
        #expect(
            opening.hasPrefix(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
                <RESOURCE type="results">
                <INFO name="QUERY_STATUS" value="OK"/>
                <INFO name="standardID" value="ivo://ivoa.net/std/TAP"/>
                <TABLE name="result">
                <FIELD name="source_id" ID="id_column" datatype="long" ucd="meta.id;meta.main">
                <DESCRIPTION>Gaia's number for the source</DESCRIPTION>

                """))
        #expect(opening.contains("<FIELD name=\"ra\" datatype=\"double\" unit=\"deg\" ucd=\"pos.eq.ra;meta.main\" utype=\"x:ra\"/>"))
        #expect(opening.contains("<FIELD name=\"when\" datatype=\"char\" arraysize=\"*\" xtype=\"timestamp\"/>"))
        #expect(opening.contains("<VALUES null=\"-9223372036854775808\"/>") == (serialization == .binary))
        #expect(opening.contains("<VALUES null=\"-32768\"/>"))
        let name = serialization.rawValue
        switch serialization {
        case .tabledata:
            #expect(opening.hasSuffix("<DATA>\n<TABLEDATA>\n"))
            #expect(closing == "\n</TABLEDATA>\n</DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n")
        case .binary, .binary2:
            #expect(opening.hasSuffix("<DATA>\n<\(name)>\n<STREAM encoding=\"base64\">\n"))
            #expect(closing == "\n</STREAM>\n</\(name)>\n</DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n")
        }
    }

    @Test("are written from a known frame as they would be by themselves", arguments: Serialization.allCases)
    func frame(serialization: Serialization) {
        func document(query: String, client: String) -> VOTableDocument {
            VOTableDocument(
                serialization: serialization, infos: [Info("QUERY", query), Info("credit", "a & b")], fields: Self.columns,
                services: [
                    ServiceDescriptor(
                        id: "links", name: "links", description: "Links", accessURL: "http://localhost/datalink",
                        inputs: [.init("clientId", .fixed(client)), .init("again", .fixed(client))])
                ])
        }
        let marks = VOTableFrame.Marks(query: "4C4A6E1B", client: "7d0f7a52")
        let frame = VOTableFrame(document(query: marks.query, client: marks.client), marks: marks)
        for (query, client) in [("SELECT 1", "c"), ("a < 'b' AND \"c\" > 1\n\t-- & \u{1} é", "1234"), ("", "")] as [(String, String)] {
            let whole = document(query: query, client: client)
            var opening = ByteBuffer()
            frame.writeOpening(query: query, client: client, into: &opening)
            #expect(String(buffer: opening) == String(buffer: whole.opening()))
            for status in [QueryStatus.ok, .overflow("too many"), .error("failed")] {
                var closing = ByteBuffer()
                frame.writeClosing(status, infos: [Info("warning", "w")], query: query, client: client, into: &closing)
                #expect(String(buffer: closing) == String(buffer: whole.closing(status, infos: [Info("warning", "w")])))
            }
        }
    }

    @Test("tell an overflow and a late failure after the table, inside the results")
    func lateStatus() {
        let document = VOTableDocument(serialization: .tabledata, fields: Self.columns)
        #expect(
            String(buffer: document.closing(.overflow(nil))).hasSuffix(
                "</TABLE>\n<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>\n</RESOURCE>\n</VOTABLE>\n"))
        #expect(
            String(buffer: document.closing(.error("division by zero"))).hasSuffix(
                "</TABLE>\n<INFO name=\"QUERY_STATUS\" value=\"ERROR\">division by zero</INFO>\n</RESOURCE>\n</VOTABLE>\n"))
    }

    @Test("carry a failure without a table")
    func errorDocument() {
        #expect(
            String(buffer: VOTableDocument.error("unknown table \"a<b\"", infos: [Info("QUERY", "SELECT 1\nFROM \"a<b\"")])) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
                <RESOURCE type="results">
                <INFO name="QUERY_STATUS" value="ERROR">unknown table "a&lt;b"</INFO>
                <INFO name="QUERY" value="SELECT 1&#10;FROM &quot;a&lt;b&quot;"/>
                </RESOURCE>
                </VOTABLE>

                """)
    }

    @Test("append services after the results, with their three kinds of input")
    func services() {
        let service = ServiceDescriptor(
            id: "links", name: "links", description: "Files of each row", standardID: "ivo://ivoa.net/std/DataLink#links-1.1",
            accessURL: "https://host/datalink?a=b", contentType: "application/x-votable+xml;content=datalink",
            inputs: [
                .init("ID", .column(id: "id_column"), ucd: "meta.id;meta.main"),
                .init("clientId", .fixed("c")),
                .init(
                    "LEVEL", .user(options: ["a", "b"], min: "1", max: "2"), type: VOTableType(.int), unit: "m", description: "how deep"),
            ])
        let document = VOTableDocument(serialization: .binary2, fields: Self.columns, services: [service])
        #expect(
            String(buffer: document.closing()).hasSuffix(
                """
                </RESOURCE>
                <RESOURCE type="meta" utype="adhoc:service" ID="links" name="links">
                <DESCRIPTION>Files of each row</DESCRIPTION>
                <PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/DataLink#links-1.1"/>
                <PARAM name="accessURL" datatype="char" arraysize="*" value="https://host/datalink?a=b"/>
                <PARAM name="contentType" datatype="char" arraysize="*" value="application/x-votable+xml;content=datalink"/>
                <GROUP name="inputParams">
                <PARAM name="ID" datatype="char" arraysize="*" ucd="meta.id;meta.main" ref="id_column" value="">
                </PARAM>
                <PARAM name="clientId" datatype="char" arraysize="*" value="c">
                </PARAM>
                <PARAM name="LEVEL" datatype="int" unit="m" value="">
                <DESCRIPTION>how deep</DESCRIPTION>
                <VALUES>
                <MIN value="1"/>
                <MAX value="2"/>
                <OPTION value="a"/>
                <OPTION value="b"/>
                </VALUES>
                </PARAM>
                </GROUP>
                </RESOURCE>
                </VOTABLE>

                """))
    }
}
