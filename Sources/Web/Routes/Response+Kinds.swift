import HTTPTypes
import Hummingbird
import NIOCore
import TAP

extension Response {
    /// A query's result, as it comes.
    ///
    /// - Parameter token: lives until the last byte is written, or the client has gone.
    init(streaming query: RunningQuery, while token: ClientLimit.Token? = nil) {
        self.init(
            status: .ok, headers: [.contentType: query.mediaType],
            body: ResponseBody { writer in
                defer { withExtendedLifetime(token) {} }
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
