import CHiredis
import Glibc

/// One connection of hiredis, whose calls block.
///
/// Not Sendable: the client's thread owns it. After an error it is of no more use.
final class RedisConnection {
    private let context: UnsafeMutablePointer<redisContext>

    /// Connects, enters and hears a first answer, all within `connectTimeout` each.
    init(to address: RedisAddress, connectTimeout: Duration, commandTimeout: Duration) throws(RedisError) {
        // hiredis writes with write(2): a Redis that hung up must be an error, not a signal. Blocked for this thread only.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let made =
            switch address.endpoint {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(clamping: port), timeval(connectTimeout))
            case .unix(let path): redisConnectUnixWithTimeout(path, timeval(connectTimeout))
            }
        guard let made else { throw .unreachable("out of memory") }
        // The instance is whole, so deinit frees the context whatever comes.
        context = made
        try check()
        redisSetTimeout(context, timeval(connectTimeout))
        var greetings: [RedisCommand] = []
        if let password = address.password {
            let user = address.user.map { [RedisArgument($0)] } ?? []
            greetings.append(RedisCommand(["AUTH"] + user + [RedisArgument(password)]))
        }
        if address.database != 0 { greetings.append(RedisCommand("SELECT", RedisArgument(address.database))) }
        // A stopped process still accepts connections; only an answer shows that it lives.
        greetings.append(RedisCommand("PING"))
        for case .error(let message) in try send(greetings) { throw .unreachable(message) }
        redisSetTimeout(context, timeval(commandTimeout))
    }

    deinit {
        redisFree(context)
    }

    /// False once the server has hung up: between commands it has nothing to say, so bytes that wait mean the end.
    var isOpen: Bool {
        var poll = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
        return context.pointee.err == 0 && Glibc.poll(&poll, 1, 0) == 0
    }

    /// One pipeline for all; scripts that Redis has forgotten follow in a second one.
    func carryOut(
        _ exchanges: [RedisExchange], digests: inout [RedisScript: RedisArgument]
    ) throws(RedisError) -> [[RedisValue]] {
        try load(exchanges, digests: &digests)
        let commands = exchanges.map { exchange in
            switch exchange {
            case .commands(let commands): commands
            case .script(let script, let keys, let arguments):
                [Self.call("EVALSHA", digests[script] ?? "", keys, arguments)]
            }
        }
        var rest = try send(commands.flatMap { $0 })[...]
        var replies = commands.map { commands in
            defer { rest = rest.dropFirst(commands.count) }
            return Array(rest.prefix(commands.count))
        }
        for (index, exchange) in exchanges.enumerated() {
            if case .script(let script, let keys, let arguments) = exchange, case .error(let message)? = replies[index].first,
                message.hasPrefix("NOSCRIPT")
            {
                replies[index] = try send([Self.call("EVAL", RedisArgument(script.source), keys, arguments)])
            }
        }
        return replies
    }

    /// Learns the digests of scripts that this client runs for the first time.
    private func load(_ exchanges: [RedisExchange], digests: inout [RedisScript: RedisArgument]) throws(RedisError) {
        for case .script(let script, _, _) in exchanges where digests[script] == nil {
            guard let reply = try send([RedisCommand("SCRIPT", "LOAD", RedisArgument(script.source))]).first else { continue }
            // A script that does not compile keeps no digest: EVALSHA fails with NOSCRIPT, and EVAL then tells why.
            if let digest = reply.bytes { digests[script] = RedisArgument(digest) }
        }
    }

    private static func call(
        _ name: RedisArgument, _ script: RedisArgument, _ keys: [RedisArgument], _ arguments: [RedisArgument]
    ) -> RedisCommand {
        RedisCommand([name, script, RedisArgument(keys.count)] + keys + arguments)
    }

    private func send(_ commands: [RedisCommand]) throws(RedisError) -> [RedisValue] {
        for command in commands { append(command) }
        try check()
        var replies: [RedisValue] = []
        replies.reserveCapacity(commands.count)
        for _ in commands {
            var raw: UnsafeMutableRawPointer?
            let status = redisGetReply(context, &raw)
            defer { if let raw { freeReplyObject(raw) } }
            guard status == REDIS_OK, let raw else {
                try check()
                throw .unreachable("no reply")
            }
            replies.append(RedisValue(raw.assumingMemoryBound(to: redisReply.self)))
        }
        return replies
    }

    private func append(_ command: RedisCommand) {
        // One block for all arguments: hiredis copies from it at once.
        let lengths = command.arguments.map(\.bytes.count)
        let bytes = command.arguments.flatMap(\.bytes)
        bytes.withUnsafeBytes { block in
            var offset = 0
            var starts: [UnsafePointer<CChar>?] = lengths.map { length in
                defer { offset += length }
                return block.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
            }
            // A failure shows in the context.
            _ = redisAppendCommandArgv(context, Int32(lengths.count), &starts, lengths)
        }
    }

    private func check() throws(RedisError) {
        guard context.pointee.err != 0 else { return }
        let message = withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // A time-out on a socket of blocking mode is EAGAIN for hiredis 0.14, whose text misleads.
        throw .unreachable(context.pointee.err == REDIS_ERR_IO && errno == EAGAIN ? "no answer in time" : message)
    }
}

extension RedisValue {
    /// Copies a reply out of hiredis's memory.
    init(_ reply: UnsafePointer<redisReply>) {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: self = .bytes(Self.bytes(reply))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.element, count: reply.elements)
            self = .array(elements.map { element in element.map { RedisValue($0) } ?? .null })
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
