import Foundation
import HTTPTypes
import Hummingbird

/// An immutable file as HTTP hands it out: whole, in a range, or only its head (RFC 9110 §13, §14).
struct FileResponse: Sendable {
    /// Absolute.
    var path: String
    var size: Int
    /// SHA-256 in hexadecimal; the strong ETag and the Repr-Digest (RFC 9530) are made of it.
    var checksum: String
    var mediaType: String
    /// The name under which a browser saves it.
    var name: String
    /// Whether the same address gives the same bytes tomorrow.
    var lasts = true

    func response(to request: Request, context: some RequestContext) async throws -> Response {
        let etag = "\"\(checksum)\""
        var headers: HTTPFields = [
            .contentType: mediaType, .acceptRanges: "bytes", .eTag: etag, .contentDisposition: "attachment; filename=\"\(name)\"",
            .cacheControl: lasts ? "public, max-age=86400" : "no-cache",
        ]
        if let digest = Self.base64(hexadecimal: checksum), let name = HTTPField.Name("Repr-Digest") {
            headers[name] = "sha-256=:\(digest):"
        }
        if let known = request.headers[.ifNoneMatch], Self.matches(known, etag) {
            return Response(status: .notModified, headers: headers)
        }
        guard Self.sizeOnDisk(path) == size else {
            throw Failure(
                status: .serviceUnavailable,
                message: "the file \(name) can't be read at the moment; the archive's operator must look after it",
                form: .text, retryAfter: 600)
        }
        var range = 0...max(0, size - 1)
        var status = HTTPResponse.Status.ok
        let condition = request.headers[.ifRange]
        if let asked = request.headers[.range], condition == nil || condition == etag {
            switch ByteRange(asked, size: size) {
            case .whole: break
            case .part(let part):
                range = part
                status = .partialContent
                headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(size)"
            case .unsatisfiable:
                return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)"])
            }
        }
        headers[.contentLength] = String(size == 0 ? 0 : range.count)
        if request.method == .head || size == 0 { return Response(status: status, headers: headers) }
        let body = try await FileIO().loadFile(path: path, range: range, context: context, chunkLength: 512 * 1024)
        return Response(status: status, headers: headers, body: body)
    }

    /// Whether a header such as If-None-Match names the tag.
    static func matches(_ header: String, _ etag: String) -> Bool {
        header.split(separator: ",").contains { candidate in
            let tag = candidate.trimmingCharacters(in: .whitespaces)
            return tag == "*" || tag == etag || tag == "W/\(etag)"
        }
    }

    private static func sizeOnDisk(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    private static func base64(hexadecimal: String) -> String? {
        let digits = Array(hexadecimal)
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        return bytes.count == 32 ? Data(bytes).base64EncodedString() : nil
    }
}

/// What a Range header asks of a file of known size; several ranges at once count as the whole, which RFC 9110 §14.2 allows.
enum ByteRange: Equatable {
    case whole
    case part(ClosedRange<Int>)
    case unsatisfiable

    /// `bytes=0-99`, `bytes=100-`, `bytes=-100`
    init(_ header: String, size: Int) {
        self = .whole
        guard let match = header.wholeMatch(of: /\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*/) else { return }
        // A number beyond all files is as good as the largest.
        func number(_ digits: Substring) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
        switch (number(match.1), number(match.2)) {
        case (let first?, let last) where match.2.isEmpty || last != nil:
            if let last, last < first { return }
            self = first < size ? .part(first...min(last ?? size - 1, size - 1)) : .unsatisfiable
        case (nil, let suffix?) where match.1.isEmpty:
            self = suffix > 0 && size > 0 ? .part(max(0, size - suffix)...size - 1) : .unsatisfiable
        default: return
        }
    }
}
