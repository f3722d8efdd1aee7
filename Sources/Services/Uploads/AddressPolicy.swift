/// Which addresses tables may be read from: those of the public internet, so that nobody looks into the server's own network through it.
package struct AddressPolicy: Sendable {
    /// Hosts, in lower case, to which no limit applies.
    private let openHosts: Set<String>

    package init(openHosts: [String]) {
        self.openHosts = Set(openHosts.map { $0.lowercased() })
    }

    func isOpen(_ host: String) -> Bool { openHosts.contains(host.lowercased()) }

    /// Whether a connection to that address, of 4 or 16 bytes, may be made.
    static func allows(_ address: [UInt8]) -> Bool {
        address.count == 4 ? allows(ipv4: address.reduce(0) { $0 << 8 | UInt32($1) }) : allows(ipv6: address)
    }

    /// The IANA registries of special-purpose addresses: everything that is not globally reachable is refused.
    static func allows(ipv4 address: UInt32) -> Bool {
        !special4.contains { address >> (32 - $0.bits) == $0.prefix >> (32 - $0.bits) }
    }

    static func allows(ipv6 address: [UInt8]) -> Bool {
        guard address.count == 16 else { return false }
        // Global unicast is 2000::/3; loopback, mapped, local and multicast addresses all lie outside.
        guard address[0] >> 5 == 1 else { return false }
        // 2001::/23 holds Teredo and the like, 2001:db8::/32 and 3fff::/20 documentation; 2002::/16 wraps an IPv4 address.
        if address[0] == 0x20, address[1] == 0x01, address[2] < 0x02 { return false }
        if address[0] == 0x20, address[1] == 0x01, address[2] == 0x0D, address[3] == 0xB8 { return false }
        if address[0] == 0x3F, address[1] == 0xFF, address[2] < 0x10 { return false }
        if address[0] == 0x20, address[1] == 0x02 { return false }
        return true
    }

    private static let special4: [(prefix: UInt32, bits: UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12), (0xC000_0000, 24),
        (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16), (0xC612_0000, 15), (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 4),
        (0xF000_0000, 4),
    ]
}
