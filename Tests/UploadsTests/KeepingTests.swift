import Foundation
import NIOCore
import Postgres
import TAPSchema
import TableModel
import TestDatabase
import Testing

@testable import Uploads

@Suite("Tables that outlive their query")
struct KeepingTests {
    private let database: TestDatabase
    private let session: PostgresSession

    init() throws {
        database = try TestDatabase(for: "uploads")
        session = try database.session()
        try ArchiveSchema.install(on: session)
    }

    private func desk(kept: Int = 10_000_000) -> UploadDesk {
        UploadDesk(databaseURL: database.uri, connections: 2, limits: UploadLimits(rows: 5000, kept: kept), reader: nil)
    }

    private func table(_ desk: UploadDesk, rows: Int = 2) async throws -> UploadedTable {
        try await desk.make(
            "numbers", columns: [Column("n", .bigint)], of: [.init("SELECT generate_series(1, $1::int)", [.int(Int64(rows))])])
    }

    private func isThere(_ table: UploadedTable) throws -> Bool {
        try session.query("SELECT to_regclass($1) IS NOT NULL", [.text("almagest_upload.\(table.sqlName)")]).bool(0, 0) ?? false
    }

    private func expire(_ table: UploadedTable) throws {
        try session.query(
            "UPDATE almagest.uploads SET kept_until = now() - interval '1 second' WHERE table_name = $1", [.text(table.sqlName)])
    }

    @Test("stay when they are dropped, until their time is over")
    func kept() async throws {
        let desk = desk()
        let kept = try await table(desk)
        let other = try await table(desk)
        try await desk.keep([kept], for: .seconds(3600))
        await desk.drop([kept, other])
        #expect(try isThere(kept) && !isThere(other))
        #expect(try desk.sweep(on: session) == 0)
        #expect(try await desk.areWhole([kept]))
        try expire(kept)
        #expect(try desk.sweep(on: session) == 1)
        #expect(try !isThere(kept))
        #expect(try await desk.areWhole([kept]) == false)
    }

    @Test("stay as long as a job names them, also when their time is over")
    func named() async throws {
        let desk = desk()
        let kept = try await table(desk)
        try await desk.keep([kept], for: .seconds(3600))
        try session.query(
            """
            INSERT INTO almagest.jobs (job_id, kind, client, parameters, payload, phase, destruction, execution_duration)
            VALUES ('j', 'tap', 'me', '[]', $1, 'PENDING', now() + interval '1 day', 0)
            """, [.text(kept.sqlName)])
        try expire(kept)
        #expect(try desk.sweep(on: session) == 0)
        try session.execute("DELETE FROM almagest.jobs")
        #expect(try desk.sweep(on: session) == 1)
    }

    @Test("go before their time where there are too many bytes, those with the least time left first")
    func limit() async throws {
        let desk = desk(kept: 500_000)
        var tables: [UploadedTable] = []
        for seconds in [300, 200, 100] {
            tables.append(try await table(desk, rows: 5000))
            try await desk.keep([tables[tables.count - 1]], for: .seconds(seconds))
        }
        #expect(try desk.sweep(on: session) == 1)
        #expect(try tables.map { try isThere($0) } == [true, true, false])
    }

    @Test("that a crash has emptied are not whole any more")
    func emptied() async throws {
        let desk = desk()
        let kept = try await table(desk)
        let empty = try await table(desk, rows: 0)
        #expect(try await desk.areWhole([kept, empty]))
        try session.execute("TRUNCATE almagest_upload.\(kept.sqlName)")
        #expect(try await desk.areWhole([empty]))
        #expect(try await desk.areWhole([empty, kept]) == false)
    }

    @Test("can be made of what the database gives, and read again")
    func made() async throws {
        let desk = desk()
        let columns = [Column("tag", .bigint), Column("name", .varchar(nil))]
        let table = try await desk.make(
            "marked", columns: columns,
            of: [
                .init("SELECT k, NULL FROM unnest($1::bigint[]) AS r (k)", [.intArray([1, -5])]),
                .init("SELECT NULL, unnest($1::text[])", [.textArray(["a\"b", "ρ"])]),
            ])
        #expect(table.rows == 4)
        let read: [String] = try await desk.read(table, limit: 10) { rows, row in
            rows.string(row, 0) ?? rows.string(row, 1)
        }
        #expect(read.sorted() == ["-5", "1", "a\"b", "ρ"])
        #expect(try await desk.read(table, limit: 3) { rows, row in rows.string(row, 0) ?? "" }.count == 3)
        await #expect(throws: UploadError.self) { try await self.table(desk, rows: 5001) }
    }
}
