import HTTPTypes
import Hummingbird
import NIOCore
import TAP
import Uploads

extension Response {
    /// A query's result, as it comes.
    ///
    /// - Parameters:
    ///   - token: lives until the last byte is written, or the client has gone.
    ///   - lease: the tables that the query reads, kept as long.
    init(streaming query: RunningQuery, while token: ClientLimit.Token? = nil, keeping lease: UploadLease? = nil) {
        self.init(
            status: .ok, headers: [.contentType: query.mediaType],
            body: ResponseBody { writer in
                defer { withExtendedLifetime((token, lease)) {} }
                try await query.stream { try await writer.write($0) }
                try await writer.finish(nil)
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
