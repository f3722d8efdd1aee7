import Executors
import Logging
import Synchronization

/// What a client hands to its connection as one piece.
enum RedisExchange: Sendable {
    case commands([RedisCommand])
    case script(RedisScript, keys: [RedisArgument], arguments: [RedisArgument])
}

/// The way from many tasks to one connection, on a thread of its own.
actor RedisLine {
    private let address: RedisAddress
    private let settings: RedisClient.Settings
    private let logger: Logger
    private let executor = ThreadExecutor(name: "redis")
    private let mailbox = Mutex(Mailbox())
    private var connection: RedisConnection?
    /// SHA-1 by script, as SCRIPT LOAD told them.
    private var digests: [RedisScript: RedisArgument] = [:]

    /// What tasks see without waiting for the thread.
    private struct Mailbox {
        var waiting: [Letter] = []
        /// The failure that made Redis count as away, and the moment when it is asked again.
        var away: (until: ContinuousClock.Instant, failure: RedisError)?
    }

    private final class Letter: Sendable {
        let exchange: RedisExchange
        let answer = Mutex<Result<[RedisValue], RedisError>?>(nil)

        init(_ exchange: RedisExchange) {
            self.exchange = exchange
        }
    }

    init(to address: RedisAddress, settings: RedisClient.Settings, logger: Logger) {
        self.address = address
        self.settings = settings
        self.logger = logger
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Suspends until the replies are there.
    nonisolated func carryOut(_ exchange: RedisExchange) async throws(RedisError) -> [RedisValue] {
        let letter = Letter(exchange)
        let refusal = mailbox.withLock { mailbox -> RedisError? in
            if let away = mailbox.away, ContinuousClock.now < away.until { return .stillAway(away.failure) }
            mailbox.waiting.append(letter)
            return nil
        }
        if let refusal { throw refusal }
        await deliver()
        guard let answer = letter.answer.withLock({ $0 }) else { throw .unreachable("no reply") }
        return try answer.get()
    }

    /// Carries out all that waits in one pipeline. Whoever comes first takes the others' letters along, and these then find nothing to do.
    private func deliver() {
        let letters = mailbox.withLock { mailbox in
            defer { mailbox.waiting = [] }
            return mailbox.waiting
        }
        guard !letters.isEmpty else { return }
        do throws(RedisError) {
            let replies = try connected().carryOut(letters.map(\.exchange), digests: &digests)
            for (letter, reply) in zip(letters, replies) { letter.answer.withLock { $0 = .success(reply) } }
        } catch {
            connection = nil
            let until = ContinuousClock.now + settings.retryInterval
            mailbox.withLock { $0.away = (until, error) }
            logger.warning("Redis is away", metadata: ["reason": "\(error.message)"])
            for letter in letters { letter.answer.withLock { $0 = .failure(error) } }
        }
    }

    private func connected() throws(RedisError) -> RedisConnection {
        if let connection, connection.isOpen { return connection }
        connection = nil
        let fresh = try RedisConnection(to: address, connectTimeout: settings.connectTimeout, commandTimeout: settings.commandTimeout)
        connection = fresh
        let wasAway = mailbox.withLock { mailbox in
            defer { mailbox.away = nil }
            return mailbox.away != nil
        }
        if wasAway { logger.notice("Redis is back") }
        return fresh
    }
}
