import Foundation
package import Logging
package import Redis
import Synchronization

/// How many queries of one client are answered at the same time.
///
/// Tokens are in Redis, so that all server processes count together: one atomic step and one round trip to take one. A process that dies keeps its
/// tokens until they expire. Without Redis each process counts for itself.
///
/// A token that was given back stays with the process for a moment, since a client that has asked often asks again: a series of small queries
/// then costs Redis next to nothing. Whoever finds all tokens taken waits for that moment, in case another process keeps one so.
package final class ClientLimit: Sendable {
    /// Queries of one client at a time; nil for any number.
    package let queries: Int?
    private let lease: Duration
    private let redis: RedisClient?
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// Tokens that this process has given out without Redis.
        var taken: [String: Int] = [:]
        var isAway = false
        /// Tokens of Redis that nobody uses at the moment, by client, the last one given back at the end.
        var kept: [String: [Kept]] = [:]
        /// Whether someone gives back what was kept for long enough.
        var isClearing = false
    }

    private struct Kept {
        var name: RedisArgument
        var taken: ContinuousClock.Instant
        var since: ContinuousClock.Instant
    }

    /// How long a token is kept at most.
    private static let moment = Duration.milliseconds(100)

    /// - Parameters:
    ///   - queries: 0 for any number.
    ///   - lease: after this time a token counts no more that was not renewed; longer than a query may be at work before its next rows.
    package init(queries: Int, lease: Duration, redis: RedisClient?, logger: Logger) {
        self.queries = queries == 0 ? nil : queries
        self.lease = lease
        self.redis = redis
        self.logger = logger
    }

    /// The right to have one query answered; it ends when the last reference to it goes.
    package final class Token: Sendable {
        private let giveBack: @Sendable () -> Void
        private let extend: (@Sendable () -> Void)?
        private let interval: Duration
        private let extended = Mutex(ContinuousClock.now)

        /// - Parameters:
        ///   - interval: how often it is extended at most.
        ///   - extend: begins its lease anew; nil where it has none.
        fileprivate init(
            giveBack: @escaping @Sendable () -> Void, every interval: Duration = .zero, extend: (@Sendable () -> Void)? = nil
        ) {
            self.giveBack = giveBack
            self.interval = interval
            self.extend = extend
        }

        deinit { giveBack() }

        /// Says that its query is still under way: for each part of a result, since a slow reader may take hours.
        package func renew() {
            guard let extend else { return }
            let isDue = extended.withLock { last in
                let now = ContinuousClock.now
                guard last.duration(to: now) >= interval else { return false }
                last = now
                return true
            }
            if isDue { extend() }
        }
    }

    /// Takes a token.
    ///
    /// - Parameter client: whoever counts as one.
    /// - Returns: nil when the client has all that it may have.
    package func token(for client: String) async -> Token? {
        guard let queries else { return Token(giveBack: {}) }
        guard let redis else { return ownToken(for: client, queries) }
        if let kept = keptToken(for: client) { return token(kept.name, taken: kept.taken, of: client, redis) }
        let name = RedisArgument(UUID().uuidString)
        do {
            let now = ContinuousClock.now
            if try await take(name, of: client, queries, redis) { return token(name, taken: now, of: client, redis) }
            // Another process may keep one for a moment, or this one has just got one back.
            try? await Task.sleep(for: Self.moment * 2)
            if let kept = keptToken(for: client) { return token(kept.name, taken: kept.taken, of: client, redis) }
            let later = ContinuousClock.now
            return try await take(name, of: client, queries, redis) ? token(name, taken: later, of: client, redis) : nil
        } catch {
            note(isAway: true)
            return ownToken(for: client, queries)
        }
    }

    private func take(_ name: RedisArgument, of client: String, _ queries: Int, _ redis: RedisClient) async throws -> Bool {
        let granted = try await redis.evaluate(
            Self.take, keys: [Self.key(client)],
            arguments: [RedisArgument(queries), name, RedisArgument(Int(lease / .milliseconds(1)))])
        note(isAway: false)
        return granted.integer == 1
    }

    private static func key(_ client: String) -> RedisArgument { RedisArgument("almagest:queries:\(client)") }

    // MARK: - Tokens that are kept

    private func token(
        _ name: RedisArgument, taken: ContinuousClock.Instant, of client: String, _ redis: RedisClient
    ) -> Token {
        let extend: @Sendable () -> Void = { [lease] in
            let arguments = [name, RedisArgument(Int(lease / .milliseconds(1)))]
            // Where that fails, the token counts for the rest of its lease.
            Task { _ = try? await redis.evaluate(Self.extend, keys: [Self.key(client)], arguments: arguments) }
        }
        return Token(
            giveBack: { [self] in keep(Kept(name: name, taken: taken, since: .now), of: client, redis) },
            every: min(lease / 4, .seconds(30)), extend: extend)
    }

    private func keptToken(for client: String) -> Kept? {
        state.withLock { state in
            // A query may run for all of its time from now on, and the token must last longer.
            let age = min(lease / 4, .seconds(15))
            guard let place = state.kept[client]?.lastIndex(where: { $0.taken.duration(to: .now) < age }) else { return nil }
            return state.kept[client]?.remove(at: place)
        }
    }

    private func keep(_ kept: Kept, of client: String, _ redis: RedisClient) {
        let isFirst = state.withLock { state in
            state.kept[client, default: []].append(kept)
            defer { state.isClearing = true }
            return !state.isClearing
        }
        guard isFirst else { return }
        Task { [self] in
            repeat { try? await Task.sleep(for: Self.moment / 2) } while await clear(redis, olderThan: Self.moment / 2)
        }
    }

    /// Gives back all tokens that nobody uses, before the process ends.
    package func giveBack() async {
        if let redis { _ = await clear(redis, olderThan: .zero) }
    }

    /// Gives back what was kept for long enough.
    ///
    /// - Returns: whether there is more to come.
    private func clear(_ redis: RedisClient, olderThan age: Duration) async -> Bool {
        let (old, isMore) = state.withLock { state in
            var old: [RedisCommand] = []
            let now = ContinuousClock.now
            for (client, tokens) in state.kept {
                let names = tokens.filter { $0.since.duration(to: now) >= age }.map(\.name)
                if !names.isEmpty { old.append(RedisCommand(["ZREM", Self.key(client)] + names)) }
                let rest = tokens.filter { $0.since.duration(to: now) < age }
                state.kept[client] = rest.isEmpty ? nil : rest
            }
            state.isClearing = !state.kept.isEmpty
            return (old, state.isClearing)
        }
        if !old.isEmpty { _ = try? await redis.send(old) }
        return isMore
    }

    private func ownToken(for client: String, _ queries: Int) -> Token? {
        let isGranted = state.withLock { state in
            guard state.taken[client, default: 0] < queries else { return false }
            state.taken[client, default: 0] += 1
            return true
        }
        guard isGranted else { return nil }
        return Token(giveBack: { [self] in
            state.withLock { state in
                let rest = state.taken[client, default: 1] - 1
                state.taken[client] = rest > 0 ? rest : nil
            }
        })
    }

    private func note(isAway: Bool) {
        let changed = state.withLock { state in
            defer { state.isAway = isAway }
            return state.isAway != isAway
        }
        guard changed else { return }
        logger.notice("queries of a client are counted", metadata: ["by": isAway ? "this process, since Redis is away" : "all processes"])
    }

    /// Key; how many, the token's name, its lease in milliseconds. Redis's own clock counts, which all processes share.
    private static let take = RedisScript(
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
        redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """)

    /// Key; the token's name, its lease in milliseconds. One that has gone is not brought back.
    private static let extend = RedisScript(
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        redis.call('ZADD', KEYS[1], 'XX', now + tonumber(ARGV[2]), ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """)
}
