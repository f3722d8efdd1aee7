import Foundation
import Logging
import Redis
import TAP
import Testing

@Suite("A client's share of the queries under way")
struct ClientLimitTests {
    private static func redis() throws -> RedisClient {
        let url = try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"])
        return try RedisClient(url: url, logger: Logger(label: "test"))
    }

    private func limit(_ queries: Int, lease: Duration = .seconds(60), redis: RedisClient?) -> ClientLimit {
        ClientLimit(queries: queries, lease: lease, redis: redis, logger: Logger(label: "test"))
    }

    /// Asks again until a token comes: one that was given back a moment ago is on its way.
    private func tokenAfterAll(_ limit: ClientLimit, _ client: String) async throws -> ClientLimit.Token? {
        for _ in 0..<200 {
            if let token = await limit.token(for: client) { return token }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    @Test("is as many tokens as the limit, and one more when one is given back", arguments: [true, false])
    func share(isWithRedis: Bool) async throws {
        let limit = limit(3, redis: isWithRedis ? try Self.redis() : nil)
        let client = UUID().uuidString
        var tokens: [ClientLimit.Token] = []
        for _ in 0..<3 { tokens.append(try #require(await limit.token(for: client))) }
        #expect(await limit.token(for: client) == nil)
        #expect(await limit.token(for: client + "-other") != nil)
        tokens.removeLast()
        #expect(try await tokenAfterAll(limit, client) != nil)
    }

    @Test("is never exceeded by many who ask at once", arguments: [true, false])
    func race(isWithRedis: Bool) async throws {
        let limit = limit(5, redis: isWithRedis ? try Self.redis() : nil)
        let client = UUID().uuidString
        let tokens = await withTaskGroup(of: ClientLimit.Token?.self) { group in
            for _ in 0..<100 { group.addTask { await limit.token(for: client) } }
            var tokens: [ClientLimit.Token] = []
            for await token in group { if let token { tokens.append(token) } }
            return tokens
        }
        #expect(tokens.count == 5)
    }

    @Test("holds for as long as a result is under way, and no longer than the lease after that")
    func renewal() async throws {
        let limit = limit(1, lease: .milliseconds(1500), redis: try Self.redis())
        let other = self.limit(1, lease: .milliseconds(1500), redis: try Self.redis())
        let client = UUID().uuidString
        let token = try #require(await limit.token(for: client))
        for _ in 0..<40 {
            token.renew()
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await other.token(for: client) == nil)
        // As if its process had died.
        #expect(try await tokenAfterAll(other, client) != nil)
        withExtendedLifetime(token) {}
    }

    @Test("counts over all processes that share a Redis")
    func shared() async throws {
        let one = limit(2, redis: try Self.redis())
        let other = limit(2, redis: try Self.redis())
        let client = UUID().uuidString
        let tokens = [await one.token(for: client), await other.token(for: client)]
        #expect(tokens.allSatisfy { $0 != nil })
        #expect(await one.token(for: client) == nil)
        #expect(await other.token(for: client) == nil)
    }

    @Test("costs Redis little where one query follows the other, and is all given back in the end")
    func series() async throws {
        let redis = try Self.redis()
        let limit = limit(2, redis: redis)
        let client = UUID().uuidString
        let key = RedisArgument("almagest:queries:\(client)")
        for _ in 0..<1000 { #expect(await limit.token(for: client) != nil) }
        // One token served them all but for a slow moment.
        await limit.giveBack()
        #expect(try await redis.send(RedisCommand("ZCARD", key)).integer == 0)
        #expect(await limit.token(for: client) != nil)
        while try await redis.send(RedisCommand("ZCARD", key)).integer != 0 {}
    }

    @Test("is open to another process as soon as this one has no use for it")
    func otherProcess() async throws {
        let one = limit(1, redis: try Self.redis())
        let other = limit(1, redis: try Self.redis())
        let client = UUID().uuidString
        for _ in 0..<3 {
            #expect(await one.token(for: client) != nil)
            #expect(await other.token(for: client) != nil)
        }
    }

    @Test("comes back when a process dies without giving its tokens back")
    func lease() async throws {
        let redis = try Self.redis()
        let client = UUID().uuidString
        let dying = limit(1, lease: .milliseconds(200), redis: redis)
        let kept = await dying.token(for: client)
        #expect(kept != nil)
        #expect(try await tokenAfterAll(limit(1, redis: redis), client) != nil)
        withExtendedLifetime(kept) {}
    }

    @Test("is counted by each process while Redis is away")
    func away() async throws {
        let nowhere = try RedisClient(url: "unix:///nowhere/redis.sock", logger: Logger(label: "test"))
        let limit = limit(1, redis: nowhere)
        let token = await limit.token(for: "a")
        #expect(token != nil)
        #expect(await limit.token(for: "a") == nil)
        withExtendedLifetime(token) {}
    }

    @Test("is endless where the limit is 0")
    func endless() async {
        let limit = limit(0, redis: nil)
        var tokens: [ClientLimit.Token?] = []
        for _ in 0..<1000 { tokens.append(await limit.token(for: "a")) }
        #expect(tokens.allSatisfy { $0 != nil } && limit.queries == nil)
    }
}
