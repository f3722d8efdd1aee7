package import Foundation
import Redis
import Synchronization

/// What is kept of a client: the query whose result it holds.
package struct ClientRecord: Hashable, Sendable {
    /// The ADQL text as the client sent it.
    package var query: String
    /// Rows that its result holds at most.
    package var maxrec: Int
    /// Full names of the tables with data that it reads.
    package var tables: [String]
    /// Tables that came with it, in the words of the room that keeps them.
    package var uploads: String?
    package var time: Date

    package init(query: String, maxrec: Int, tables: [String], uploads: String? = nil, time: Date) {
        self.query = query
        self.maxrec = maxrec
        self.tables = tables
        self.uploads = uploads
        self.time = time
    }
}

extension Selections {
    /// Keeps a query under its client's name: one write, however many rows the result has.
    package func remember(client: UUID, _ record: ClientRecord) async throws(SelectionError) {
        _ = try await send(commands(client, record))
    }

    /// The same without a wait: this process knows the record at once, the others a few milliseconds later, when it has travelled to Redis together with
    /// those that came meanwhile. What Redis does not take is lost.
    package func rememberSoon(client: UUID, _ record: ClientRecord) {
        guard redis != nil, waiting.add(record, of: client) else { return }
        Task {
            try? await Task.sleep(for: .milliseconds(2))
            await writeRemembered()
        }
    }

    /// Brings to Redis what ``rememberSoon(client:_:)`` was told.
    package func writeRemembered() async {
        let records = waiting.take()
        guard !records.isEmpty else { return }
        _ = try? await send(records.flatMap { commands($0.key, $0.value) })
        waiting.forgetTaken(records)
    }

    private func commands(_ client: UUID, _ record: ClientRecord) -> [RedisCommand] {
        let key = RedisArgument("\(settings.prefix)client:\(client.text)")
        return [
            RedisCommand(
                "HSET", key, "query", RedisArgument(record.query), "maxrec", RedisArgument(record.maxrec), "tables",
                RedisArgument(record.tables.joined(separator: "\n")), "uploads", RedisArgument(record.uploads ?? ""), "time",
                RedisArgument(String(record.time.timeIntervalSince1970))),
            RedisCommand("PEXPIRE", key, RedisArgument(settings.lifetime.milliseconds)),
        ]
    }

    /// What was kept; nil when nothing was or it has expired.
    package func recall(client: UUID) async throws(SelectionError) -> ClientRecord? {
        if let record = waiting[client] { return record }
        let reply = try await send([
            RedisCommand("HMGET", "\(settings.prefix)client:\(client.text)", "query", "tables", "time", "maxrec", "uploads")
        ])
        guard let cells = reply.first?.array, cells.count == 5, let query = cells[0].string, let tables = cells[1].string,
            let time = cells[2].string.flatMap(Double.init), let maxrec = cells[3].string.flatMap({ Int($0) })
        else { return nil }
        return ClientRecord(
            query: query, maxrec: maxrec, tables: tables.split(separator: "\n").map(String.init),
            uploads: cells[4].string.flatMap { $0.isEmpty ? nil : $0 }, time: Date(timeIntervalSince1970: time))
    }

    private func send(_ commands: [RedisCommand]) async throws(SelectionError) -> [RedisValue] {
        guard let redis else { throw .unavailable }
        do {
            let replies = try await redis.send(commands)
            for case .error in replies { throw SelectionError.unavailable }
            return replies
        } catch {
            throw .unavailable
        }
    }
}

/// Records on their way to Redis.
final class WaitingRecords: Sendable {
    private struct State {
        var waiting: [UUID: ClientRecord] = [:]
        /// Those that are being written.
        var taken: [UUID: ClientRecord] = [:]
    }

    private let state = Mutex(State())
    /// While Redis is slow, further ones are lost.
    private static let most = 20_000

    /// - Returns: whether it is the first one, so that someone must see to it.
    func add(_ record: ClientRecord, of client: UUID) -> Bool {
        state.withLock { state in
            guard state.waiting.count + state.taken.count < Self.most else { return false }
            state.waiting[client] = record
            return state.waiting.count == 1
        }
    }

    func take() -> [UUID: ClientRecord] {
        state.withLock { state in
            defer { state.waiting = [:] }
            state.taken.merge(state.waiting) { $1 }
            return state.waiting
        }
    }

    func forgetTaken(_ records: [UUID: ClientRecord]) {
        state.withLock { state in
            for client in records.keys { state.taken[client] = nil }
        }
    }

    subscript(_ client: UUID) -> ClientRecord? {
        state.withLock { $0.waiting[client] ?? $0.taken[client] }
    }
}
