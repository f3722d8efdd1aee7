import DataLink
import Foundation
import Testing

@Suite("Requests for links")
struct LinkRequestTests {
    @Test("take IDs as sent, each once, whatever the letter case of the parameter's name")
    func ids() throws {
        let request = try LinkRequest(parameters: [
            ("id", "B"), ("ID", "a"), ("Id", "B"), ("MAXREC", "1"), ("id", ""), ("ID", " ivo://x/y?z+1 "),
        ])
        #expect(request.ids == ["B", "a", " ivo://x/y?z+1 "])
        #expect(request.client == nil && request.format == nil)
    }

    @Test("take a client, also twice when both are the same")
    func client() throws {
        let client = UUID()
        let text = client.uuidString
        #expect(try LinkRequest(parameters: [("CLIENTID", text), ("clientId", text)]).client == client)
        for wrong in [[("clientId", "x")], [("clientId", text), ("clientId", UUID().uuidString)], [("begin", "1")]] {
            let error = #expect(throws: LinkError.self) { try LinkRequest(parameters: wrong) }
            #expect(error?.description.hasPrefix("UsageFault: ") == true)
        }
    }

    @Test(
        "choose a form by name or media type, parameters aside",
        arguments: [
            ("votable", "application/x-votable+xml;content=datalink"),
            ("VOTable", "application/x-votable+xml;content=datalink"),
            ("application/x-votable+xml", "application/x-votable+xml;content=datalink"),
            ("application/x-votable+xml; content=datalink", "application/x-votable+xml;content=datalink"),
            ("text/xml", "text/xml"), ("text/html", "text/html; charset=utf-8"), ("html", "text/html; charset=utf-8"),
        ])
    func format(value: String, contentType: String) throws {
        #expect(try LinkRequest(parameters: [("responseformat", value)]).format?.contentType == contentType)
    }

    @Test("with a form that nobody knows are refused")
    func unknownFormat() {
        let error = #expect(throws: LinkError.self) { try LinkRequest(parameters: [("RESPONSEFORMAT", "text/csv")]) }
        #expect(error?.description.hasPrefix("UsageFault: unknown RESPONSEFORMAT \"text/csv\"") == true)
    }

    @Test("from browsers get a page, from all others a VOTable")
    func accept() {
        #expect(LinkFormat.preferred(accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8") == .html)
        for accept in [nil, "*/*", "", "application/x-votable+xml, text/html", "text/xml"] {
            #expect(LinkFormat.preferred(accept: accept) == .standard)
        }
    }
}
