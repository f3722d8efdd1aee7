import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TAP

extension Request {
    /// The most bytes that a form may have.
    private static let largestForm = 32 * 1024 * 1024

    /// The parameters of the URL and, for POST, of the form in the body (urlencoded or multipart, DALI 1.1 §2.2), which stays with the request.
    ///
    /// - Throws: ``Failure`` for a body that is too large or of another kind.
    mutating func parameters() async throws -> TAP.Parameters {
        var pairs = try Self.decode(form: uri.query ?? "")
        guard method == .post else { return TAP.Parameters(pairs) }
        let content: ByteBuffer
        do {
            content = try await collectBody(upTo: Self.largestForm)
        } catch is NIOTooManyBytesError {
            throw Failure.tooLarge(limit: Self.largestForm)
        }
        let type = headers[.contentType] ?? "application/x-www-form-urlencoded"
        let parts = type.split(separator: ";").map { $0.trimmingPrefix(while: \.isWhitespace) }
        switch parts.first?.lowercased() {
        case "application/x-www-form-urlencoded":
            pairs += try Self.decode(form: String(buffer: content))
        case "multipart/form-data":
            guard let boundary = parts.first(where: { $0.lowercased().hasPrefix("boundary=") })?.dropFirst("boundary=".count) else {
                throw Failure.badForm("the multipart body names no boundary")
            }
            pairs += MultipartForm(content, boundary: boundary.trimmingCharacters(in: ["\""])).fields
        default:
            if content.readableBytes > 0 { throw Failure.badForm("a body of type \(type) is not read here; send a form") }
        }
        return TAP.Parameters(pairs)
    }

    /// `a=1&b=x+y%21` gives (a, 1) and (b, x y!).
    static func decode(form: String) throws(Failure) -> [(String, String)] {
        try form.split(separator: "&").map { pair throws(Failure) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (try decode(parts[0]), parts.count > 1 ? try decode(parts[1]) : "")
        }
    }

    private static func decode(_ text: Substring) throws(Failure) -> String {
        let spaced = text.contains("+") ? text.replacing("+", with: " ") : text
        guard spaced.contains("%") else { return String(spaced) }
        guard let decoded = spaced.removingPercentEncoding else {
            throw .badForm("a parameter is not valid UTF-8 behind its % signs: \(text.prefix(80))")
        }
        return decoded
    }
}

/// The text fields of a `multipart/form-data` body (RFC 7578).
struct MultipartForm {
    private(set) var fields: [(String, String)] = []

    init(_ body: ByteBuffer, boundary: String) {
        let bytes = Data(body.readableBytesView)
        let delimiter = Data("--\(boundary)".utf8)
        var position = bytes.range(of: delimiter)?.upperBound
        while let start = position, let next = bytes.range(of: delimiter, in: start..<bytes.endIndex) {
            add(part: bytes[start..<next.lowerBound])
            position = next.upperBound
        }
    }

    /// A part is a line end, headers, an empty line, the content, and a line end.
    private mutating func add(part: Data) {
        guard let gap = part.range(of: Data("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: part[part.startIndex..<gap.lowerBound], as: UTF8.self)
        var content = part[gap.upperBound...]
        if content.suffix(2) == Data("\r\n".utf8) { content = content.dropLast(2) }
        guard let disposition = head.split(separator: "\r\n").first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = disposition.firstMatch(of: /[; ]name="?([^";]*)"?/)?.1
        else { return }
        fields.append((String(name), String(decoding: content, as: UTF8.self)))
    }
}
