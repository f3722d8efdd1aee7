import Foundation
package import Logging
package import Redis
import Synchronization

/// How many queries of one client are answered at the same time.
///
/// Tokens are in Redis, so that all server processes count together: one atomic step and one round trip to take one. A process that dies keeps its
/// tokens until they expire. Without Redis each process counts for itself.
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
    }

    /// - Parameters:
    ///   - queries: 0 for any number.
    ///   - lease: after this time a token counts no more; longer than any query may run.
    package init(queries: Int, lease: Duration, redis: RedisClient?, logger: Logger) {
        self.queries = queries == 0 ? nil : queries
        self.lease = lease
        self.redis = redis
        self.logger = logger
    }

    /// The right to have one query answered; it ends when the last reference to it goes.
    package final class Token: Sendable {
        private let giveBack: @Sendable () -> Void

        fileprivate init(giveBack: @escaping @Sendable () -> Void) {
            self.giveBack = giveBack
        }

        deinit { giveBack() }
    }

    /// Takes a token.
    ///
    /// - Parameter client: whoever counts as one.
    /// - Returns: nil when the client has all that it may have.
    package func token(for client: String) async -> Token? {
        guard let queries else { return Token {} }
        guard let redis else { return ownToken(for: client, queries) }
        let key = RedisArgument("almagest:queries:\(client)")
        let name = RedisArgument(UUID().uuidString)
        do {
            let milliseconds = Int(lease / .milliseconds(1))
            let granted = try await redis.evaluate(
                Self.take, keys: [key], arguments: [RedisArgument(queries), name, RedisArgument(milliseconds)])
            note(isAway: false)
            guard granted.integer == 1 else { return nil }
            // Whoever asked may be gone by then; the token goes back all the same.
            return Token { Task { _ = try? await redis.send(RedisCommand("ZREM", key, name)) } }
        } catch {
            note(isAway: true)
            return ownToken(for: client, queries)
        }
    }

    private func ownToken(for client: String, _ queries: Int) -> Token? {
        let isGranted = state.withLock { state in
            guard state.taken[client, default: 0] < queries else { return false }
            state.taken[client, default: 0] += 1
            return true
        }
        guard isGranted else { return nil }
        return Token { [self] in
            state.withLock { state in
                let rest = state.taken[client, default: 1] - 1
                state.taken[client] = rest > 0 ? rest : nil
            }
        }
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
}
