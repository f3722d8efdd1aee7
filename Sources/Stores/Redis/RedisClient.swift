package import Logging

/// Commands to one Redis over one connection, from any number of tasks.
///
/// hiredis blocks, so a thread of the client's own speaks to it; what tasks hand in while it waits travels together as the next
/// pipeline. A Redis that is away is asked again once per ``Settings/retryInterval`` and no more: all commands in between fail at once.
package final class RedisClient: Sendable {
    package struct Settings: Sendable {
        /// For the connection itself and for its first answer.
        package var connectTimeout: Duration
        /// How long an answer may take.
        package var commandTimeout: Duration
        /// The pause after a failure, during which Redis counts as away.
        package var retryInterval: Duration

        package init(
            connectTimeout: Duration = .milliseconds(250), commandTimeout: Duration = .seconds(1), retryInterval: Duration = .seconds(1)
        ) {
            self.connectTimeout = connectTimeout
            self.commandTimeout = commandTimeout
            self.retryInterval = retryInterval
        }
    }

    private let line: RedisLine

    /// Connects when the first command comes.
    ///
    /// - Parameter url: as in ``RedisAddress``.
    /// - Throws: ``RedisError`` with the code `address`.
    package convenience init(url: String, settings: Settings = Settings(), logger: Logger) throws(RedisError) {
        self.init(address: try RedisAddress(url: url), settings: settings, logger: logger)
    }

    package init(address: RedisAddress, settings: Settings = Settings(), logger: Logger) {
        line = RedisLine(to: address, settings: settings, logger: logger)
    }

    /// Sends one command.
    ///
    /// - Throws: ``RedisError``; an error that Redis answers has the code `reply`.
    @discardableResult
    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        try await only(line.carryOut(.commands([command])))
    }

    /// Sends several commands in one round trip; the error of one is a value among the replies. Other clients' commands may come in between.
    package func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        try await line.carryOut(.commands(commands))
    }

    /// Runs a script, by its digest where Redis still knows it: one round trip but for the first time.
    package func evaluate(
        _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument]
    ) async throws(RedisError) -> RedisValue {
        try await only(line.carryOut(.script(script, keys: keys, arguments: arguments)))
    }

    private func only(_ replies: [RedisValue]) throws(RedisError) -> RedisValue {
        guard let reply = replies.first else { throw .unreachable("no reply") }
        if case .error(let message) = reply { throw .reply(message) }
        return reply
    }
}
