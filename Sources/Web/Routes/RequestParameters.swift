import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TAP

extension Request {
    /// The most bytes that a form may have.
    private static let largestForm = 32 * 1024 * 1024
    /// The most parameters that a request may have, where they do not list identifiers.
    static let mostParameters = 1000
    /// The most parameters of a request that lists identifiers, each in a parameter of its own.
    static let mostIdentifiers = 1_000_000

    /// The parameters of the URL and, for POST, of the form in the body (urlencoded or multipart, DALI 1.1 §2.2), which stays with the request.
    ///
    /// - Throws: ``Failure`` for a body that is too large or of another kind, and for more parameters than `limit`.
    mutating func parameters(atMost limit: Int = mostParameters) async throws -> TAP.Parameters {
        var pairs = try Self.decode(form: uri.query ?? "", atMost: limit)
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
            pairs += try Self.decode(form: String(buffer: content), atMost: limit)
        case "multipart/form-data":
            guard let boundary = MultipartReader.parameter("boundary", of: type[...]) else {
                throw Failure.badForm("the multipart body names no boundary")
            }
            pairs += try MultipartReader.fields(of: content.readableBytesView, boundary: boundary)
        default:
            if content.readableBytes > 0 { throw Failure.badForm("a body of type \(type) is not read here; send a form") }
        }
        guard pairs.count <= limit else { throw Failure.tooManyParameters(limit: limit) }
        return TAP.Parameters(pairs)
    }

    /// `a=1&b=x+y%21` gives (a, 1) and (b, x y!).
    static func decode(form: String, atMost limit: Int = mostParameters) throws(Failure) -> [(String, String)] {
        let fields = form.split(separator: "&", maxSplits: limit)
        guard fields.count <= limit else { throw .tooManyParameters(limit: limit) }
        return try fields.map { pair throws(Failure) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (try decode(parts[0]), parts.count > 1 ? try decode(parts[1]) : "")
        }
    }

    /// In one pass over the bytes: this stands in the way of each small query.
    private static func decode(_ text: Substring) throws(Failure) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = source.next()?.hexadecimalValue, let low = source.next()?.hexadecimalValue else { throw .badEscape(text) }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .badEscape(text) }
        return decoded
    }
}

extension UInt8 {
    fileprivate var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Failure {
    static func tooManyParameters(limit: Int) -> Self {
        .badForm("the request has more than \(limit) parameters, the limit of this service")
    }

    fileprivate static func badEscape(_ text: Substring) -> Self {
        .badForm("a parameter is not valid UTF-8 behind its % signs: \(text.prefix(80))")
    }
}
