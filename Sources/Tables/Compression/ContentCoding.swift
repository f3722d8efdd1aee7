/// A way to send a body in fewer bytes (RFC 9110 §8.4.1).
package enum ContentCoding: String, Hashable, Sendable, CaseIterable {
    case gzip, zstd

    /// The coding that a client likes best among those spoken here; nil when it offers none, or likes the plain bytes better.
    ///
    /// Of equals zstd is taken, which is the cheaper one: `gzip, zstd` gives zstd, `gzip;q=0` nothing.
    /// - Parameter acceptEncoding: HTTP's Accept-Encoding (RFC 9110 §12.5.3).
    package static func preferred(acceptEncoding: String?) -> Self? {
        guard let acceptEncoding else { return nil }
        var weights: [String: Double] = [:]
        for item in acceptEncoding.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.lowercased().filter { $0 != " " && $0 != "\t" } }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            weights[name == "x-gzip" ? "gzip" : name] = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }
        let plain = weights["identity"] ?? 0
        var best: (coding: Self, weight: Double)?
        for coding in [zstd, gzip] {
            guard let weight = weights[coding.rawValue] ?? weights["*"], weight > 0, weight >= plain, weight > best?.weight ?? 0 else {
                continue
            }
            best = (coding, weight)
        }
        return best?.coding
    }

    /// A stream of that coding.
    package func encoder() -> any ContentEncoder {
        switch self {
        case .gzip: GzipEncoder()
        case .zstd: ZstandardEncoder()
        }
    }
}
