import Glibc

/// An IP address as its bytes: 4, or 16 where it is no IPv4 one in the clothes of IPv6.
struct NetworkAddress: Hashable, Sendable {
    let bytes: [UInt8]

    /// `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`; also with a port, as proxies write it: `192.0.2.1:80`, `[2001:db8::1]:80`.
    init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8.drop { $0 == UInt8(ascii: " ") })
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            bytes = Array(bytes[1..<end])
        } else if bytes.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            bytes = Array(bytes[..<colon])
        }
        let bare = String(decoding: bytes, as: UTF8.self)
        var v4 = [UInt8](repeating: 0, count: 4)
        var all = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, bare, &v4) == 1 {
            self.bytes = v4
        } else if inet_pton(AF_INET6, bare, &all) == 1 {
            let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
            self.bytes = isMapped ? Array(all.suffix(4)) : all
        } else {
            return nil
        }
    }

    /// Who counts as one client: an IPv4 address, or the 64 bits of IPv6 that one household gets.
    var client: String {
        let counted = bytes.count == 4 ? bytes[...] : bytes.prefix(8)
        return counted.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// Addresses and networks whose X-Forwarded-For is believed.
package struct TrustedProxies: Sendable, Hashable {
    private struct Network: Hashable {
        var address: NetworkAddress
        var bits: Int

        func holds(_ other: NetworkAddress) -> Bool {
            guard other.bytes.count == address.bytes.count else { return false }
            return address.bytes.indices.allSatisfy { index in
                let kept = max(0, min(8, bits - index * 8))
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
                return address.bytes[index] & mask == other.bytes[index] & mask
            }
        }
    }

    private var networks: [Network] = []

    /// Reads `127.0.0.1, 10.0.0.0/8, ::1`; nil when a part is none of them.
    package init?(_ text: String) {
        for part in text.split(separator: ",") where !part.allSatisfy(\.isWhitespace) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = NetworkAddress(halves[0]) else { return nil }
            let most = address.bytes.count * 8
            let bits = halves.count == 1 ? most : Int(halves[1].filter { !$0.isWhitespace })
            guard let bits, (0...most).contains(bits) else { return nil }
            networks.append(Network(address: address, bits: bits))
        }
    }

    private func holds(_ address: NetworkAddress) -> Bool { networks.contains { $0.holds(address) } }

    /// Who asks: the peer itself, or, where that is a trusted proxy, the last address before it that is none.
    ///
    /// Whoever is not trusted may write into X-Forwarded-For what he likes, so it is read from its end.
    /// - Parameter forwarded: the values of X-Forwarded-For in their order.
    package func client(peer: String?, forwarded: [String]) -> String {
        guard let peer, var address = NetworkAddress(peer) else { return "unknown" }
        var steps = forwarded.flatMap { $0.split(separator: ",") }
        while holds(address), let step = steps.popLast() {
            guard let next = NetworkAddress(step) else { break }
            address = next
        }
        return address.client
    }
}
