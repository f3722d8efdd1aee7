import Foundation
import Logging
import Redis
import Testing

@Suite("The Redis client", .enabled(if: ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"] != nil))
struct RedisClientTests {
    private let client: RedisClient
    private let key = RedisArgument("almagest-test:\(UUID().uuidString)")

    init() throws {
        let url = try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"])
        client = try RedisClient(url: url, logger: .silent)
    }

    @Test("keeps every byte of a value, zeros and line ends too")
    func binarySafe() async throws {
        let bytes = (0..<1024).map { UInt8(truncatingIfNeeded: $0) }
        try await client.send(RedisCommand("SET", key, RedisArgument(bytes), "EX", "60"))
        #expect(try await client.send(RedisCommand("GET", key)).bytes == bytes)
        try await client.send(RedisCommand("SET", key, RedisArgument([])))
        #expect(try await client.send(RedisCommand("GET", key)).bytes == [])
        try await client.send(RedisCommand("DEL", key))
        #expect(try await client.send(RedisCommand("GET", key)) == .null)
    }

    @Test("answers a pipeline in order, with errors in their places")
    func pipeline() async throws {
        let replies = try await client.send([
            RedisCommand("SET", key, "5", "EX", "60"), RedisCommand("INCR", key), RedisCommand("LPUSH", key, "x"), RedisCommand("GET", key),
            RedisCommand("DEL", key),
        ])
        #expect(replies.count == 5)
        #expect(replies[0] == .status("OK"))
        #expect(replies[1] == .integer(6))
        guard case .error(let message) = replies[2] else { return #expect(Bool(false), "\(replies[2])") }
        #expect(message.hasPrefix("WRONGTYPE"))
        #expect(replies[3].string == "6")
        #expect(replies[4].integer == 1)
    }

    @Test("throws the error of a single command, and goes on working")
    func replyError() async throws {
        let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("NONSENSE")) }
        #expect(error?.code == .reply)
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test("serves many tasks at once, each with its own reply")
    func concurrent() async throws {
        let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            for number in 0..<500 {
                group.addTask { [client] in (number, try await client.send(RedisCommand("ECHO", RedisArgument(number))).string) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 500)
        #expect(answers.allSatisfy { $0.1 == String($0.0) })
    }

    @Test("runs scripts, also after Redis has forgotten them")
    func scripts() async throws {
        let script = RedisScript("return {KEYS[1], ARGV[1], #ARGV, '\(UUID().uuidString)'}")
        for _ in 0..<2 {
            let reply = try await client.evaluate(script, keys: [key], arguments: ["a", "b"])
            #expect(reply.array?.prefix(3) == [.bytes(key.bytes), .bytes(Array("a".utf8)), .integer(2)])
        }
        let broken = await #expect(throws: RedisError.self) {
            try await client.evaluate(RedisScript("return nonsense("), keys: [], arguments: [])
        }
        #expect(broken?.code == .reply)
    }
}

@Suite("A Redis that comes and goes", .enabled(if: RedisServer.isInstalled), .serialized)
struct RedisOutageTests {
    private let quick = RedisClient.Settings(
        connectTimeout: .milliseconds(100), commandTimeout: .milliseconds(200), retryInterval: .milliseconds(300))

    @Test("is used again after a stop and a start, without a new client, and scripts come along")
    func restart() async throws {
        let server = try RedisServer()
        let client = try RedisClient(url: server.url, settings: quick, logger: .silent)
        let script = RedisScript("return redis.call('INCR', KEYS[1])")
        #expect(try await client.evaluate(script, keys: ["n"], arguments: []) == .integer(1))
        // A quick restart goes unnoticed: the stale connection is replaced before the command is sent.
        server.stop()
        try server.start()
        #expect(try await client.evaluate(script, keys: ["n"], arguments: []) == .integer(1))
        server.stop()
        let error = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable)
        try server.start()
        try await Task.sleep(for: .milliseconds(350))
        #expect(try await client.evaluate(script, keys: ["n"], arguments: []) == .integer(1))
    }

    @Test("costs next to nothing while it is away")
    func awayIsCheap() async throws {
        let server = try RedisServer()
        server.stop()
        let client = try RedisClient(url: server.url, settings: quick, logger: .silent)
        let elapsed = await ContinuousClock().measure {
            for _ in 0..<1000 { await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) } }
        }
        #expect(elapsed < .milliseconds(300))
    }

    @Test("costs one time-out when it hangs, and a short one at each retry")
    func hangs() async throws {
        let server = try RedisServer()
        let client = try RedisClient(url: server.url, settings: quick, logger: .silent)
        try await client.send(RedisCommand("PING"))
        kill(server.pid, SIGSTOP)
        let clock = ContinuousClock()
        let first = await clock.measure { await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) } }
        #expect(first >= .milliseconds(200) && first < .milliseconds(600))
        let next = await clock.measure { await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) } }
        #expect(next < .milliseconds(50))
        kill(server.pid, SIGCONT)
        try await Task.sleep(for: .milliseconds(350))
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    }
}

@Suite("Redis URLs")
struct RedisAddressTests {
    @Test("name host, port, database, user and password")
    func tcp() throws {
        let plain = try RedisAddress(url: "redis://cache.example")
        #expect(plain.endpoint == .tcp(host: "cache.example", port: 6379))
        #expect(plain.database == 0 && plain.user == nil && plain.password == nil)
        let full = try RedisAddress(url: "redis://anna:s%40crt@10.0.0.1:7000/3")
        #expect(full.endpoint == .tcp(host: "10.0.0.1", port: 7000))
        #expect(full.database == 3 && full.user == "anna" && full.password == "s@crt")
        let passwordOnly = try RedisAddress(url: "redis://:x@h/")
        #expect(passwordOnly.user == nil && passwordOnly.password == "x" && passwordOnly.database == 0)
        #expect(try RedisAddress(url: "redis://[::1]:6380").endpoint == .tcp(host: "::1", port: 6380))
    }

    @Test("name a Unix socket")
    func unix() throws {
        let address = try RedisAddress(url: "unix:///run/redis.sock?db=2")
        #expect(address.endpoint == .unix(path: "/run/redis.sock"))
        #expect(address.database == 2)
    }

    @Test(
        "are refused when unusable, and the password is not told",
        arguments: ["", "localhost:6379", "http://h", "redis://", "redis://u:secret@h/x", "unix://", "unix:///s?db=-1"])
    func refused(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisAddress(url: url) }
        #expect(error?.code == .address)
        #expect(error?.message.contains("secret") == false)
    }
}
