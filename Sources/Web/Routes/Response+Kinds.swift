import Compression
import Formats
import HTTPTypes
import Hummingbird
import NIOCore
import TAP
import Uploads

extension Response {
    /// A query's result, as it comes: compressed where the client offers it and the format is not so already.
    ///
    /// A format that can't say within itself that rows are missing has it said by the trailer Query-Status (RFC 9110 §6.5), for
    /// those who look; and a result that fails is broken off, without the end that chunks and gzip have.
    ///
    /// - Parameters:
    ///   - token: lives until the last byte is written, or the client has gone.
    ///   - lease: the tables that the query reads, kept as long.
    init(
        streaming query: RunningQuery, for request: Request, compression: CompressionPolicy, while token: ClientLimit.Token? = nil,
        keeping lease: UploadLease? = nil
    ) {
        var headers: HTTPFields = [.contentType: query.mediaType, .vary: "Accept, Accept-Encoding"]
        if !query.format.isVOTable { headers[.contentDisposition] = query.disposition }
        let offered = request.headers[values: .acceptEncoding].joined(separator: ",")
        let isWorthIt = compression != .never && !query.format.isCompressed
        if isWorthIt, let coding = ContentCoding.preferred(acceptEncoding: offered) {
            headers[.contentEncoding] = coding.rawValue
            self.init(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    let watch = HangUp.current?.watch { query.interrupt() }
                    defer { withExtendedLifetime((token, lease, watch)) {} }
                    let stream = CompressedStream(coding, isAdaptive: compression == .adaptive)
                    let ending = try await query.stream { part in
                        try await stream.write(part) { try await writer.write($0) }
                    }
                    try await stream.finish { try await writer.write($0) }
                    try await writer.finish(ending.trailers)
                })
            return
        }
        self.init(
            status: .ok, headers: headers,
            body: ResponseBody(contentLength: query.contentLength) { writer in
                let watch = HangUp.current?.watch { query.interrupt() }
                defer { withExtendedLifetime((token, lease, watch)) {} }
                let ending = try await query.stream { try await writer.write($0) }
                try await writer.finish(query.contentLength == nil ? ending.trailers : nil)
            })
    }

    /// A VOSI document.
    init(xml document: ByteBuffer) {
        self.init(status: .ok, headers: [.contentType: "text/xml; charset=UTF-8"], body: ResponseBody(byteBuffer: document))
    }

    /// A page for a person.
    init(page: ByteBuffer, status: HTTPResponse.Status = .ok) {
        self.init(status: status, headers: [.contentType: "text/html; charset=utf-8"], body: ResponseBody(byteBuffer: page))
    }
}

extension RunningQuery {
    /// Whether a browser saves or shows the result, and under which name.
    var disposition: String {
        "\(format.isDownload ? "attachment" : "inline"); filename=\"\(fileName)\""
    }
}

extension RunningQuery.Ending {
    /// `Query-Status: OVERFLOW; the result was cut after 10 rows, the MAXREC of the request`
    var trailers: HTTPFields? {
        guard let overflow, let name = HTTPField.Name("Query-Status") else { return nil }
        return [name: "OVERFLOW; \(overflow)"]
    }
}
