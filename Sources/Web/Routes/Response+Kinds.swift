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
        var headers = query.headers
        if let coding = query.coding(for: request, compression) {
            headers[.contentEncoding] = coding.rawValue
            self.init(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    let watch = HangUp.current?.watch { query.interrupt() }
                    defer { withExtendedLifetime((token, lease, watch)) {} }
                    let stream = CompressedStream(coding, isAdaptive: compression == .adaptive)
                    let ending = try await query.stream { part in
                        token?.renew()
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
                let ending = try await query.stream { part in
                    token?.renew()
                    try await writer.write(part)
                }
                try await writer.finish(query.contentLength == nil ? ending.trailers : nil)
            })
    }

    /// A result that is there as a whole: with its length, in one piece.
    ///
    /// One that was cut comes in chunks all the same, since what says so everywhere is a trailer.
    static func whole(
        _ bytes: ByteBuffer, _ ending: RunningQuery.Ending, of query: RunningQuery, for request: Request, compression: CompressionPolicy
    ) async throws -> Response {
        var headers = query.headers
        var bytes = bytes
        if compression == .always || bytes.readableBytes >= leastCompressed, let coding = query.coding(for: request, compression) {
            headers[.contentEncoding] = coding.rawValue
            // Milliseconds, which others on the event loop need not wait for.
            bytes = try await aside { [bytes] in
                let encoder = coding.encoder()
                var encoded = encoder.encode(bytes, flush: false)
                encoded.writeImmutableBuffer(encoder.finish())
                return encoded
            }
        }
        guard let trailers = ending.trailers else {
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { [bytes] writer in
                try await writer.write(bytes)
                try await writer.finish(trailers)
            })
    }

    /// A packet holds about as many bytes, whatever they are.
    private static let leastCompressed = 1400

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
    fileprivate var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: mediaType, .vary: "Accept, Accept-Encoding"]
        if !format.isVOTable { headers[.contentDisposition] = disposition }
        return headers
    }

    /// What the client offers, where the format is not compressed already.
    fileprivate func coding(for request: Request, _ compression: CompressionPolicy) -> ContentCoding? {
        guard compression != .never, !format.isCompressed else { return nil }
        let offered = request.headers[values: .acceptEncoding].joined(separator: ",")
        return offered.isEmpty ? nil : ContentCoding.preferred(acceptEncoding: offered)
    }

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
