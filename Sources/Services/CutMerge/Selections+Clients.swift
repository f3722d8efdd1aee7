package import Foundation
import Redis

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
        let key = RedisArgument("\(settings.prefix)client:\(client.text)")
        _ = try await send([
            RedisCommand(
                "HSET", key, "query", RedisArgument(record.query), "maxrec", RedisArgument(record.maxrec), "tables",
                RedisArgument(record.tables.joined(separator: "\n")), "uploads", RedisArgument(record.uploads ?? ""), "time",
                RedisArgument(String(record.time.timeIntervalSince1970))),
            RedisCommand("PEXPIRE", key, RedisArgument(settings.lifetime.milliseconds)),
        ])
    }

    /// What ``remember(client:_:)`` kept; nil when nothing was or it has expired.
    package func recall(client: UUID) async throws(SelectionError) -> ClientRecord? {
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
