import Routes
import Testing

@Suite("Who a client is")
struct TrustedProxiesTests {
    private func client(_ trusted: String, _ peer: String?, _ forwarded: String...) throws -> String {
        try #require(TrustedProxies(trusted)).client(peer: peer, forwarded: forwarded)
    }

    @Test("is the peer itself where no proxy is trusted")
    func noProxy() throws {
        #expect(try client("", "192.0.2.1", "203.0.113.5") == "c0000201")
        #expect(try client("10.0.0.0/8", "192.0.2.1", "203.0.113.5") == "c0000201")
    }

    @Test("is the last address before the trusted proxies, whatever was written before it")
    func chain() throws {
        let direct = try client("", "203.0.113.5")
        #expect(try client("127.0.0.1", "127.0.0.1", "203.0.113.5") == direct)
        #expect(try client("127.0.0.1", "127.0.0.1", "198.51.100.1, 203.0.113.5") == direct)
        #expect(try client("127.0.0.1, 10.0.0.0/8", "127.0.0.1", "198.51.100.1, 203.0.113.5, 10.1.2.3") == direct)
        #expect(try client("127.0.0.1, 10.0.0.0/8", "127.0.0.1", "198.51.100.1", "203.0.113.5", "10.1.2.3") == direct)
        #expect(try client("127.0.0.1", "127.0.0.1", "203.0.113.5:4711") == direct)
    }

    @Test("is the proxy where it says nothing that can be read")
    func unreadable() throws {
        let proxy = try client("", "127.0.0.1")
        #expect(try client("127.0.0.1", "127.0.0.1") == proxy)
        #expect(try client("127.0.0.1", "127.0.0.1", "unknown") == proxy)
        #expect(try client("127.0.0.1", "127.0.0.1", "203.0.113.5, _hidden") == proxy)
        #expect(try client("", nil) == "unknown")
    }

    @Test("is 64 bits of an IPv6 address, and an IPv4 address however it is written")
    func forms() throws {
        #expect(try client("", "2001:db8:1:2::1") == client("", "2001:db8:1:2:ffff::9"))
        #expect(try client("", "2001:db8:1:2::1") != client("", "2001:db8:1:3::1"))
        #expect(try client("", "::ffff:192.0.2.1") == client("", "192.0.2.1"))
        #expect(try client("::1", "::1", "[2001:db8::7]:80") == client("", "2001:db8::7"))
    }

    @Test("follows the bits of a network to the last one")
    func networks() throws {
        let inside = try client("192.0.2.128/25", "192.0.2.128", "203.0.113.5")
        let outside = try client("192.0.2.128/25", "192.0.2.127", "203.0.113.5")
        #expect(try inside == client("", "203.0.113.5") && outside == client("", "192.0.2.127"))
        #expect(try client("0.0.0.0/0", "192.0.2.127", "203.0.113.5") == client("", "203.0.113.5"))
        #expect(try client("2001:db8::/33", "2001:db8:7fff::1", "203.0.113.5") == client("", "203.0.113.5"))
        #expect(try client("2001:db8::/33", "2001:db8:8000::1", "203.0.113.5") == client("", "2001:db8:8000::1"))
    }

    @Test(
        "is not guessed from a setting that is none",
        arguments: ["example.org", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/", "127.0.0.1;::1"])
    func malformed(setting: String) {
        #expect(TrustedProxies(setting) == nil)
    }
}
