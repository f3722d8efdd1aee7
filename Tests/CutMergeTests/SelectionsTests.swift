import CutMerge
import Foundation
import Logging
import Redis
import TableModel
import Testing

@Suite("Selections", .enabled(if: ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"] != nil))
struct SelectionsTests {
    private static let tag = TableTag(schema: "gaia", table: "completesource")
    private let redis: RedisClient
    private let client = UUID()

    init() throws {
        redis = try Self.connect()
    }

    private static func connect() throws -> RedisClient {
        let url = try #require(ProcessInfo.processInfo.environment["ALMAGEST_TEST_REDIS_URL"])
        return try RedisClient(url: url, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Everything a test leaves behind is gone within a minute.
    private func selections(
        idle: Duration = .seconds(30), lifetime: Duration = .seconds(60), rowLimit: Int = 100_000, redis: RedisClient? = nil
    ) -> Selections {
        Selections(
            redis: redis ?? self.redis,
            settings: .init(idle: idle, lifetime: lifetime, rowLimit: rowLimit, prefix: "almagest-test:"))
    }

    private func row(_ key: Int, bytes: Int = 8000) -> SelectedRow {
        SelectedRow(RowIdentifier(tag: Self.tag, key: Int64(key)), bytes: bytes)
    }

    @Test("grow row by row, in order, and a row counts once")
    func grow() async throws {
        let selections = selections()
        let first = try await selections.activate([row(3)], client: client)
        #expect(first.rowCount == 1 && first.bytes == 8000 && first.isOpen)
        _ = try await selections.activate([row(1, bytes: 100)], client: client)
        let again = try await selections.activate([row(3)], client: client)
        #expect(again.id == first.id && again.rowCount == 2 && again.bytes == 8100)
        _ = try await selections.activate([row(-2), row(1, bytes: 100)], client: client)
        let selection = try await selections.read(first.id)
        #expect(selection.rows == [row(3), row(1, bytes: 100), row(-2)])
        #expect(selection.summary.rowCount == 3 && selection.summary.bytes == 16100)
        #expect(selection.summary.expires > selection.summary.touched.addingTimeInterval(50))
    }

    @Test("lose nothing when two servers add at once")
    func concurrent() async throws {
        let other = try Self.connect()
        let ids = try await withThrowingTaskGroup(of: UUID.self) { group in
            for number in 0..<200 {
                group.addTask { [client, redis] in
                    try await selections(redis: number.isMultiple(of: 2) ? redis : other).activate([row(number / 2)], client: client).id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let id = try #require(ids.first)
        #expect(ids.count == 1)
        let selection = try await selections().read(id)
        #expect(Set(selection.rows) == Set((0..<100).map { row($0) }))
        #expect(selection.rows.count == 100 && selection.summary.bytes == 800_000)
    }

    @Test("are each client's own")
    func separate() async throws {
        let mine = try await selections().activate([row(1)], client: client)
        let yours = try await selections().activate([row(2)], client: UUID())
        #expect(mine.id != yours.id && yours.rowCount == 1)
    }

    @Test("close when their product is fetched, keep their rows, and the next row begins a new one")
    func close() async throws {
        let selections = selections()
        let first = try await selections.activate([row(1), row(2)], client: client)
        let closed = try await selections.close(first.id)
        #expect(!closed.summary.isOpen && closed.rows == [row(1), row(2)])
        #expect(try await selections.close(first.id).rows == closed.rows)
        let next = try await selections.activate([row(3)], client: client)
        #expect(next.id != first.id && next.rowCount == 1)
        #expect(try await selections.read(first.id).rows == [row(1), row(2)])
    }

    @Test("close when idle for too long")
    func idle() async throws {
        let selections = selections(idle: .milliseconds(60))
        let first = try await selections.activate([row(1)], client: client)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await selections.read(first.id).summary.isOpen == false)
        let next = try await selections.activate([row(2)], client: client)
        #expect(next.id != first.id && next.rowCount == 1 && next.isOpen)
    }

    @Test("begin anew on request, once, however often the request comes")
    func begin() async throws {
        let selections = selections()
        let first = try await selections.activate([row(1), row(2)], client: client)
        let wanted = UUID()
        for _ in 0..<2 {
            let begun = try await selections.activate([row(5)], client: client, begin: wanted)
            #expect(begun.id == wanted && begun.rowCount == 1)
        }
        #expect(try await selections.read(first.id).summary.isOpen == false)
        #expect(try await selections.activate([row(6)], client: client).id == wanted)
        try await selections.close(wanted)
        let later = try await selections.activate([row(7)], client: client, begin: wanted)
        #expect(later.id != wanted && later.rowCount == 1)
        // Another client's selection can't be taken over by its name.
        let foreign = try await selections.activate([row(8)], client: UUID(), begin: later.id)
        #expect(foreign.id != later.id && foreign.rowCount == 1)
    }

    @Test("let rows go while open, and no more when closed")
    func remove() async throws {
        let selections = selections()
        let id = try await selections.activate([row(1), row(2, bytes: 50), row(3)], client: client).id
        let left = try await selections.remove([row(2).identifier, row(77).identifier], from: id)
        #expect(left.rowCount == 2 && left.bytes == 16000)
        #expect(try await selections.remove([row(2).identifier, row(77).identifier], from: id).rowCount == 2)
        _ = try await selections.activate([row(2, bytes: 50)], client: client)
        #expect(try await selections.read(id).rows == [row(1), row(3), row(2, bytes: 50)])
        try await selections.close(id)
        let error = await #expect(throws: SelectionError.self) { try await selections.remove([row(1).identifier], from: id) }
        #expect(error?.code == .closed)
    }

    @Test("idle for too long lose no rows either")
    func removeWhenIdle() async throws {
        let selections = selections(idle: .milliseconds(60))
        let id = try await selections.activate([row(1), row(2)], client: client).id
        try await Task.sleep(for: .milliseconds(100))
        let error = await #expect(throws: SelectionError.self) { try await selections.remove([row(1).identifier], from: id) }
        #expect(error?.code == .closed)
        #expect(try await selections.read(id).summary.isOpen == false)
    }

    @Test("know their product until their rows change")
    func products() async throws {
        let selections = selections()
        let product = MadeProduct(name: "gaia_cutmerge_0123456789abcdef.h5", size: 40_123)
        let alone = MadeProduct(name: "gaia_cutmerge_00000000000000aa.h5", size: 8_000)
        let id = try await selections.activate([row(1), row(2)], client: client).id
        await selections.note(product, of: id)
        await selections.note(alone, of: row(2).identifier, client: client)
        let again = try await selections.activate([row(2)], client: client)
        #expect(again.product == product && again.rowProduct == alone)
        #expect(try await selections.activate([row(1)], client: client).rowProduct == nil)
        #expect(try await selections.remove([row(2).identifier], from: id).product == nil)
        await selections.note(product, of: id)
        #expect(try await selections.activate([row(3)], client: client).product == nil)
        // Nothing comes into being by a note.
        let unknown = UUID()
        await selections.note(product, of: unknown)
        let error = await #expect(throws: SelectionError.self) { try await selections.read(unknown) }
        #expect(error?.code == .unknown)
        let fixed = try await selections.fix([row(1), row(2)], client: client)
        await selections.note(product, of: fixed.id)
        #expect(try await selections.fix([row(1), row(2)], client: client).product == product)
    }

    @Test("are forgotten after their lifetime")
    func expire() async throws {
        let selections = selections(lifetime: .milliseconds(80))
        let id = try await selections.activate([row(1)], client: client).id
        try await selections.remember(client: client, ClientRecord(query: "SELECT 1", maxrec: 5000, tables: [], time: .now))
        try await Task.sleep(for: .milliseconds(150))
        for work in [{ _ = try await selections.read(id) }, { _ = try await selections.close(id) }] as [() async throws -> Void] {
            let error = await #expect(throws: SelectionError.self) { try await work() }
            #expect(error?.code == .unknown)
        }
        #expect(try await selections.recall(client: client) == nil)
    }

    @Test("of fixed rows are the same for the same rows, and leave the open one alone")
    func fix() async throws {
        let selections = selections()
        let open = try await selections.activate([row(9)], client: client)
        let fixed = try await selections.fix([row(1), row(2)], client: client)
        #expect(fixed.rowCount == 2 && !fixed.isOpen && fixed.id != open.id)
        #expect(try await selections.fix([row(1), row(2)], client: client).id == fixed.id)
        #expect(try await selections.fix([row(2), row(1)], client: client).id != fixed.id)
        #expect(try await selections.fix([row(1), row(2)], client: nil).id != fixed.id)
        #expect(fixed.bytes == 16_000)
        #expect(try await selections.read(fixed.id).rows == [row(1), row(2)])
        #expect(try await selections.close(fixed.id).rows == [row(1), row(2)])
        #expect(try await selections.activate([row(10)], client: client).id == open.id)
    }

    @Test("of very many fixed rows hold Redis up for no longer than others wait")
    func fixMany() async throws {
        let selections = selections(rowLimit: 1_000_000)
        let rows = (0..<300_000).map { row($0, bytes: 1 << 40) }
        let fixed = try await selections.fix(rows, client: nil)
        #expect(fixed.rowCount == 300_000 && fixed.bytes == 300_000 << 40)
        #expect(try await selections.read(fixed.id).rows == rows)
    }

    @Test("take 10,000 rows in one request, and no more than the limit")
    func many() async throws {
        let rows = (0..<10_000).map { row($0, bytes: 1 << 40) }
        let summary = try await selections().activate(rows, client: client)
        #expect(summary.rowCount == 10_000 && summary.bytes == 10_000 << 40)
        #expect(try await selections().read(summary.id).rows == rows)
        let error = await #expect(throws: SelectionError.self) {
            try await selections(rowLimit: 10_000).activate([row(-1)], client: client)
        }
        #expect(error?.code == .full)
        #expect(try await selections(rowLimit: 10_000).activate([row(5, bytes: 1 << 40)], client: client).rowCount == 10_000)
    }

    @Test("stand beside what is known of the client's query")
    func records() async throws {
        let record = ClientRecord(
            query: "SELECT \"ρ\"\nFROM gaia.completesource", maxrec: 5000, tables: ["gaia.completesource", "gaia.crossmatch"],
            uploads: "[{}]", time: Date(timeIntervalSince1970: 1_700_000_000.25))
        #expect(try await selections().recall(client: client) == nil)
        let open = try await selections().activate([row(1)], client: client)
        #expect(try await selections().recall(client: client) == nil)
        try await selections().remember(client: client, record)
        #expect(try await selections().recall(client: client) == record)
        #expect(try await selections().read(open.id).query == record.query)
        #expect(try await selections().activate([row(2)], client: client).id == open.id)
    }

    @Test("know of many queries at once what was told without a wait, and so does every other process a moment later")
    func recordsWithoutWait() async throws {
        let here = selections()
        let there = selections()
        let clients = (0..<500).map { _ in UUID() }
        func record(_ number: Int) -> ClientRecord {
            ClientRecord(query: "SELECT \(number)", maxrec: number, tables: ["t"], time: Date(timeIntervalSince1970: 1_700_000_000))
        }
        for (number, client) in clients.enumerated() { here.rememberSoon(client: client, record(number)) }
        for (number, client) in clients.enumerated() { #expect(try await here.recall(client: client) == record(number)) }
        await here.writeRemembered()
        for (number, client) in clients.enumerated() {
            while try await there.recall(client: client) == nil {}
            #expect(try await there.recall(client: client) == record(number))
        }
        Selections(redis: nil).rememberSoon(client: client, record(0))
        #expect(try await here.recall(client: client) == nil)
    }

    @Test("are unavailable without Redis, and it is said so")
    func withoutRedis() async throws {
        let away = try RedisClient(
            url: "unix:///nonexistent/redis.sock", logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        for selections in [Selections(redis: nil), Selections(redis: away)] {
            let error = await #expect(throws: SelectionError.self) { try await selections.activate([row(1)], client: client) }
            #expect(error?.code == .unavailable)
        }
    }
}
