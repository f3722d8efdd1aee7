import NIOCore
import Testing
import XML

@Suite("XML")
struct XMLWriterTests {
    @Test(
        "text is escaped so that a parser gives it back",
        arguments: [
            ("ra < 10 & dec > 5", "ra &lt; 10 &amp; dec &gt; 5"),
            ("\"quoted\" 'too'", "\"quoted\" 'too'"),
            ("two\nlines\tand\rmore", "two\nlines\tand&#13;more"),
            ("bell \u{07} and \u{FFFF}\u{FFFE}.", "bell \u{FFFD} and \u{FFFD}\u{FFFD}."),
            ("µ Cephei, 星, \u{1F52D}, \u{FFFD}, \u{FF21}", "µ Cephei, 星, \u{1F52D}, \u{FFFD}, \u{FF21}"),
            ("", ""),
        ])
    func escapesText(text: String, expected: String) {
        var buffer = ByteBuffer()
        buffer.writeXML(text)
        #expect(String(buffer: buffer) == expected)
    }

    @Test("attributes keep their quotes and line ends, and those without a value are left out")
    func escapesAttributes() {
        var writer = XMLWriter()
        writer.element("INFO", ["name": "QUERY", "ucd": nil, "value": "SELECT \"a\"\n\tFROM <b>\r"])
        #expect(String(buffer: writer.buffer) == "<INFO name=\"QUERY\" value=\"SELECT &quot;a&quot;&#10;&#9;FROM &lt;b&gt;&#13;\"/>\n")
    }

    @Test("elements nest, and end where their closure ends")
    func nests() {
        var writer = XMLWriter()
        writer.prolog()
        writer.element("a") { writer in
            writer.element("b", text: "x")
            writer.inline("c") { $0.inline("d") }
            writer.open("e")
            writer.close()
            writer.close()  // not ours to close
            writer.open("left-open")
        }
        #expect(
            String(buffer: writer.buffer) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <a>
                <b>x</b>
                <c><d/></c><e>
                </e>
                <left-open>
                </left-open>
                </a>

                """)
    }

    @Test("a closure that fails leaves a well-formed document")
    func failsWellFormed() {
        struct Failure: Error {}
        var writer = XMLWriter()
        writer.open("a")
        #expect(throws: Failure.self) {
            try writer.element("b") { (writer: inout XMLWriter) throws(Failure) in
                writer.open("c")
                throw Failure()
            }
        }
        writer.closeAll()
        writer.close()
        #expect(String(buffer: writer.buffer) == "<a>\n<b>\n<c>\n</c>\n</b></a>\n")
    }

    @Test("a stream's elements stay open from chunk to chunk")
    func streams() {
        var writer = XMLWriter()
        writer.open("TABLE")
        let head = writer.take()
        writer.inline("TR", text: "1")
        let body = writer.take()
        writer.closeAll()
        #expect(String(buffer: head) == "<TABLE>\n")
        #expect(String(buffer: body) == "<TR>1</TR>")
        #expect(String(buffer: writer.take()) == "</TABLE>\n")
    }

    @Test("HTML closes empty elements, except the void ones")
    func html() {
        var writer = XMLWriter(dialect: .html)
        writer.prolog()
        writer.inline("td")
        writer.inline("br")
        writer.inline("a", ["href": "/x?a=1&b=2"], text: "R&D")
        #expect(String(buffer: writer.buffer) == "<!DOCTYPE html>\n<td></td><br><a href=\"/x?a=1&amp;b=2\">R&amp;D</a>")
    }
}
