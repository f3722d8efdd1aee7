import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// The digests of a file that a client may check what it gets by: Repr-Digest and Content-Digest (RFC 9530), and the older Digest (RFC 3230).
struct Digests: Sendable {
    /// Base64 of the whole file's SHA-256.
    private let whole: String?
    private let wantsRepresentation: Bool
    private let wantsContent: Bool
    private let wantsOlder: Bool

    /// - Parameter checksum: SHA-256 of the whole file in hexadecimal.
    init(_ request: Request, checksum: String) {
        whole = Self.base64(hexadecimal: checksum)
        // It costs nothing, so it is told unless it is refused.
        wantsRepresentation = Self.wish(request, "Want-Repr-Digest") ?? true
        wantsContent = Self.wish(request, "Want-Content-Digest") ?? false
        wantsOlder = Self.wish(request, "Want-Digest") ?? false
    }

    /// What is true of the file, whichever part of it is sent.
    func describe(into headers: inout HTTPFields) {
        guard let whole else { return }
        if wantsRepresentation { headers.set("Repr-Digest", "sha-256=:\(whole):") }
        if wantsOlder { headers.set("Digest", "sha-256=\(whole)") }
    }

    /// What is true of a message that holds the whole file.
    func describeContent(checksum: String, into headers: inout HTTPFields) {
        if wantsContent, let whole { headers.set("Content-Digest", "sha-256=:\(whole):") }
    }

    /// What is true of a message with these bytes.
    func describeContent(_ bytes: [UInt8], isWhole: Bool, checksum: String, into headers: inout HTTPFields) {
        if isWhole { return describeContent(checksum: checksum, into: &headers) }
        guard wantsContent else { return }
        headers.set("Content-Digest", "sha-256=:\(Data(SHA256.hash(data: bytes)).base64EncodedString()):")
    }

    /// `sha-256=10, unixsum=1` gives true, `sha-256=0` false, `sha-512=3` false; nil without the header.
    private static func wish(_ request: Request, _ name: String) -> Bool? {
        guard let name = HTTPField.Name(name) else { return nil }
        let fields = request.headers[values: name]
        guard !fields.isEmpty else { return nil }
        for wish in fields.joined(separator: ",").lowercased().split(separator: ",") {
            // RFC 9530 writes sha-256=10, RFC 3230 sha-256;q=0.5.
            let words = wish.filter { !$0.isWhitespace }.split(whereSeparator: { $0 == "=" || $0 == ";" })
            guard words.first == "sha-256" || words.first == "sha256" else { continue }
            return words.count == 1 || (words.last.flatMap { Double($0) } ?? 1) > 0
        }
        return false
    }

    private static func base64(hexadecimal: String) -> String? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) }
        return bytes.count == 32 ? Data(bytes).base64EncodedString() : nil
    }
}

extension HTTPFields {
    fileprivate mutating func set(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
