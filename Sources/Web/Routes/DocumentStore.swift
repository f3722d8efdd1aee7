import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Documents about the catalogue, made once for each of its generations.
///
/// In memory only: a new generation lets go of all that were made before.
final class DocumentStore: Sendable {
    private struct State {
        var generation: Int64 = -1
        var documents: [String: StoredDocument] = [:]
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: tells the documents of one generation apart; there are no more of them than tables and kinds of document.
    ///   - make: writes the document where it is not there yet; that of many tables takes long, and so is made aside.
    func document(_ name: String, in generation: Int64, make: () -> ByteBuffer) async throws -> StoredDocument {
        if let known = state.withLock({ $0.generation == generation ? $0.documents[name] : nil }) { return known }
        let made = try await aside { StoredDocument(make()) }
        state.withLock { state in
            if state.generation < generation { state = State(generation: generation) }
            if state.generation == generation { state.documents[name] = made }
        }
        return made
    }
}

/// A document and its ETag, which is made of its bytes and so the same on every server.
struct StoredDocument: Sendable {
    let bytes: ByteBuffer
    let etag: String

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
        let digest = SHA256.hash(data: Data(bytes.readableBytesView)).prefix(16)
        etag = "\"\(digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())\""
    }

    /// The document, or 304 for who has it (RFC 9110 §13.1.2).
    func response(to request: Request, mediaType: String) -> Response {
        var headers: HTTPFields = [.eTag: etag, .cacheControl: "no-cache"]
        if let known = request.headers[.ifNoneMatch], FileResponse.matches(known, etag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = mediaType
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }
}
