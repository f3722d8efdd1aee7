import Testing

@testable import Routes

@Suite("Forms in parts")
struct MultipartReaderTests {
    private static let body = """
        preamble\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--Bx is no boundary\r\n--B\r
        content-type: text/xml\r\ncontent-disposition: form-data; filename="x;y.vot"; name=file\r\n\r\n<a/>\n--\r\n\r\n--B--\r\nepilogue
        """

    @Test("are the same in whatever pieces they come", arguments: 1...40)
    func pieces(size: Int) throws {
        var reader = MultipartReader(boundary: "B")
        var parts: [(MultipartReader.Part, [UInt8])] = []
        var ends = 0
        let bytes = Array(Self.body.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            for event in try reader.feed(bytes[start..<min(start + size, bytes.count)]) {
                switch event {
                case .begin(let part): parts.append((part, []))
                case .content(let content): parts[parts.count - 1].1 += content
                case .end: ends += 1
                }
            }
        }
        #expect(reader.isComplete && ends == 2)
        #expect(parts.map(\.0.name) == ["a", "file"] && parts[1].0.filename == "x;y.vot" && parts[1].0.contentType == "text/xml")
        #expect(parts.map { String(decoding: $0.1, as: UTF8.self) } == ["one\r\n--Bx is no boundary", "<a/>\n--\r\n"])
    }

    @Test(
        "name their parts in quotes or without, escaped or not",
        arguments: [
            (#"form-data; name="a \"b\"""#, #"a "b""#), ("form-data; name=plain; filename=x", "plain"),
            (#"form-data; filename="name=x"; NAME="y""#, "y"),
            (#"form-data;name="C:\x""#, #"C:\x"#),
        ] as [(String, String)])
    func names(header: String, name: String) {
        #expect(MultipartReader.parameter("name", of: header[...]) == name)
    }

    @Test("with endless headers are refused")
    func headers() {
        var reader = MultipartReader(boundary: "B")
        #expect(throws: Failure.self) { try reader.feed(Array("--B\r\n".utf8) + [UInt8](repeating: 0x61, count: 20_000)) }
    }
}
