import Testing

@testable import Uploads

@Suite("Addresses that tables are read from")
struct AddressPolicyTests {
    @Test(
        "are none of the server's own network",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        ] as [String])
    func private4(address: String) {
        #expect(!AddressPolicy.allows(ipv4: number(address)))
    }

    @Test(
        "are those of the public internet",
        arguments: ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "193.0.0.1", "223.255.255.255"])
    func public4(address: String) {
        #expect(AddressPolicy.allows(ipv4: number(address)))
    }

    @Test("hold for IPv6 too, also where an IPv4 address is wrapped")
    func version6() {
        let refused: [[UInt8]] = [
            [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 15) + [1],
            [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 8, 8, 8, 8],
            [0xFE, 0x80] + [UInt8](repeating: 0, count: 14), [0xFC] + [UInt8](repeating: 0, count: 15),
            [0xFF, 2] + [UInt8](repeating: 0, count: 14),
            [0x20, 0x02, 10, 0, 0, 1] + [UInt8](repeating: 0, count: 10), [0x20, 0x01, 0, 0] + [UInt8](repeating: 0, count: 12),
            [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 12),
            [0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8) + [10, 0, 0, 1],
        ]
        for address in refused { #expect(!AddressPolicy.allows(ipv6: address), "\(address)") }
        #expect(AddressPolicy.allows(ipv6: [0x20, 0x01, 0x48, 0x60, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x88]))
    }

    @Test("are read as libcurl reads them, without credentials and in two schemes")
    func hosts() throws {
        #expect(try TableFetcher.host(of: "https://Example.org:8080/a?b") == "example.org")
        for bad in [
            "ftp://example.org/", "http://user@example.org/", "http://u:p@example.org/", "file:///etc/passwd", "http://", "http://a b/",
            "http://a\r\nb/",
        ] {
            #expect(throws: (any Error).self, "\(bad)") { try TableFetcher.host(of: bad) }
        }
    }

    private func number(_ text: String) -> UInt32 {
        text.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) }
    }
}
