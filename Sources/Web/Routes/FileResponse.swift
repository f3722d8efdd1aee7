import Files
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// An immutable file as HTTP hands it out: whole, in a range, or only its head (RFC 9110 §13, §14; RFC 9530).
struct FileResponse: Sendable {
    /// Absolute.
    var path: String
    /// Bytes.
    var size: Int
    /// SHA-256 in hexadecimal; the strong ETag and the digests are made of it.
    var checksum: String
    var mediaType: String
    /// The name under which a browser saves it.
    var name: String
    /// Whether the same address gives the same bytes tomorrow.
    var lasts = true
    /// Whether a browser shows it in place of saving it.
    var isShown = false
    /// When size and checksum were true, where others than the archive may have written to the file since.
    var taken: Date?

    func response(to request: Request, context: ArchiveContext) async throws -> Response {
        let etag = "\"\(checksum)\""
        var headers: HTTPFields = [
            .contentType: mediaType, .acceptRanges: "bytes", .eTag: etag,
            .contentDisposition: (isShown ? "inline" : "attachment") + Self.fileName(name),
            .cacheControl: lasts ? "public, max-age=86400" : "no-cache",
        ]
        let digests = Digests(request, checksum: checksum)
        digests.describe(into: &headers)
        if let wanted = request.headers[.ifMatch], !Self.matches(wanted, etag, weakly: false) {
            throw Failure(
                status: .preconditionFailed, message: "the file \(name) is another than If-Match names; its ETag is \(etag)", form: .text)
        }
        if let known = request.headers[.ifNoneMatch], Self.matches(known, etag) {
            return Response(status: .notModified, headers: headers)
        }
        var range = 0..<size
        var status = HTTPResponse.Status.ok
        let condition = request.headers[.ifRange]
        if let asked = request.headers[.range], condition == nil || condition == etag {
            switch ByteRange(asked, size: size) {
            case .whole: break
            case .part(let part):
                range = Range(part)
                status = .partialContent
                headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(size)"
            case .unsatisfiable:
                return Response(
                    status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)", .acceptRanges: "bytes", .eTag: etag])
            }
        }
        headers[.contentLength] = String(range.count)
        do {
            return try await response(status, range, isHead: request.method == .head, headers, digests, on: context.channel)
        } catch let error as FileError {
            if let detail = error.detail { context.logger.error("a file can't be read", metadata: ["detail": "\(detail)"]) }
            throw Failure(error)
        }
    }

    private func response(
        _ status: HTTPResponse.Status, _ range: Range<Int>, isHead: Bool, _ headers: HTTPFields, _ digests: Digests, on channel: any Channel
    ) async throws -> Response {
        var headers = headers
        let record = FileStore.Record(size: size, checksum: checksum, taken: taken)
        if isHead || range.count > Self.mostInMemory {
            let file = try await FileStore.shared.open(path, name: name, as: record)
            if range.count == size { digests.describeContent(checksum: checksum, into: &headers) }
            if isHead { return Response(status: status, headers: headers) }
            return Response(
                status: status, headers: headers,
                body: ResponseBody(contentLength: range.count) { writer in
                    try await FileTransfer(file: file, channel: channel).write(range, to: &writer)
                    try await writer.finish(nil)
                })
        }
        let bytes = try await FileStore.shared.read(range, of: path, name: name, as: record)
        digests.describeContent(bytes, isWhole: range.count == size, checksum: checksum, into: &headers)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Bytes up to which an answer is read as a whole before it is begun.
    private static let mostInMemory = 256 * 1024

    /// Whether a header such as If-None-Match names the tag.
    static func matches(_ header: String, _ etag: String, weakly: Bool = true) -> Bool {
        header.split(separator: ",").contains { candidate in
            let tag = candidate.trimmingCharacters(in: .whitespaces)
            return tag == "*" || tag == etag || weakly && tag == "W/\(etag)"
        }
    }

    /// `a.h5` gives `; filename="a.h5"`; a name with other characters is told a second time as RFC 6266 §4.3 has it.
    static func fileName(_ name: String) -> String {
        let plain = String(decoding: name.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        let field = "; filename=\"\(plain)\""
        guard plain != name, let encoded = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else { return field }
        return field + "; filename*=UTF-8''\(encoded)"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20...0x7E ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
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
        guard let match = header.wholeMatch(of: /\s*[Bb][Yy][Tt][Ee][Ss]\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*/) else { return }
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
