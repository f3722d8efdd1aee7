import Foundation
import NIOCore
import Postgres
import TAPSchema
import TableInput
import TableModel
import TestDatabase
import Testing

@testable import Uploads

@Suite("Uploaded tables in the database")
struct UploadDeskTests {
    private let database: TestDatabase
    private let desk: UploadDesk

    init() throws {
        database = try TestDatabase(for: "uploads")
        try ArchiveSchema.install(on: try database.session())
        desk = UploadDesk(databaseURL: database.uri, connections: 2, limits: UploadLimits(rows: 5000, bytes: 1_000_000), reader: nil)
    }

    private func part(_ text: String, of request: UploadRequest, isLasting: Bool = false) -> UploadPart {
        let intake = request.intake(isLasting: isLasting)
        intake.fill(ByteBuffer(string: text))
        return UploadPart(name: "p", intake: intake)
    }

    private func relations() throws -> [String] {
        let rows = try database.session().query(
            "SELECT relname FROM pg_class WHERE relnamespace = 'almagest_upload'::regnamespace AND relkind = 'r'")
        return (0..<rows.count).compactMap { rows.string($0, 0) }
    }

    @Test("hold the rows, in order, and are gone when they are dropped")
    func rows() async throws {
        let request = desk.newRequest()
        let tables = try await request.receive(["mine,param:p"], parts: [part("n,w\n1,a\n2,\n", of: request)], isLasting: false)
        #expect(tables.count == 1 && tables[0].name == "mine" && tables[0].rows == 2)
        let rows = try database.session().query("SELECT c1, c2 FROM almagest_upload.\(tables[0].sqlName)")
        #expect(rows.int(0, 0) == 1 && rows.string(0, 1) == "a" && rows.int(1, 0) == 2 && rows.string(1, 1) == nil)
        // Kept in writing, it is the same.
        #expect(try JSONDecoder().decode([UploadedTable].self, from: JSONEncoder().encode(tables)) == tables)
        await desk.drop(tables)
        #expect(try relations().isEmpty)
    }

    @Test("are gone when nobody holds their lease any more")
    func lease() async throws {
        let request = desk.newRequest()
        var lease: UploadLease? = desk.lease(
            try await request.receive(["mine,param:p"], parts: [part("n\n1\n", of: request)], isLasting: false))
        #expect(try relations().count == lease?.tables.count)
        lease = nil
        for _ in 0..<500 where try !relations().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try relations().isEmpty)
    }

    @Test("that are too large, or damaged, leave nothing behind, nor do their neighbours")
    func failures() async throws {
        let long = "n\n" + String(repeating: "1\n", count: 5001)
        for bad in [long, "n\n\(String(repeating: " ", count: 1_000_000))", "n,m\n1\n", "<VOTABLE/>"] {
            let request = desk.newRequest()
            let good = request.intake(isLasting: false)
            good.fill(ByteBuffer(string: "n\n1\n"))
            await #expect(throws: UploadError.self) {
                try await request.receive(
                    ["a,param:good;b,param:p"], parts: [UploadPart(name: "good", intake: good), part(bad, of: request)], isLasting: false)
            }
            #expect(try relations().isEmpty)
        }
    }

    @Test("get an index over their positions and statistics, but for small ones")
    func indexes() async throws {
        for (rows, isIndexed) in [(10, false), (1000, true)] {
            let request = desk.newRequest()
            let text = "ra,dec,n\n" + (0..<rows).map { "\(Double($0) / 10 + 0.5),\(Double($0) / 100 - 4.5),\($0)\n" }.joined()
            let tables = try await request.receive(["mine,param:p"], parts: [part(text, of: request)], isLasting: false)
            #expect(tables[0].positions.map(\.longitude) == (isIndexed ? ["ra"] : []))
            let counted = try database.session().query(
                "SELECT reltuples::int8 FROM pg_class WHERE relname = $1", [.text(tables[0].sqlName)])
            #expect(counted.int(0, 0) == Int64(rows))
            await desk.drop(tables)
        }
    }

    @Test("of processes that have died are swept, of living ones and of jobs not")
    func sweeping() async throws {
        let sweeper = UploadSweeper(desk: desk, databaseURL: database.uri)
        await sweeper.start()
        let dead = UploadDesk(databaseURL: database.uri, connections: 1, reader: nil)
        var kept: [UploadedTable] = []
        for (owner, isLasting) in [(desk, false), (dead, false), (desk, true)] {
            let request = owner.newRequest()
            let tables = try await request.receive(
                ["mine,param:p"], parts: [part("n\n1\n", of: request, isLasting: isLasting)], isLasting: isLasting)
            if owner === desk { kept += tables }
        }
        try database.session().execute("UPDATE almagest.uploads SET created_at = created_at - interval '10 minutes'")
        // Another process sweeps: it sees that this one lives.
        let other = UploadDesk(databaseURL: database.uri, connections: 1, reader: nil)
        // One turn tells nothing: whoever has lost its connection takes the lock again at its next turn.
        let start = ContinuousClock.now
        let session = try database.session()
        #expect(try other.sweep(on: session, now: start) == 0)
        #expect(try other.sweep(on: session, now: start + .seconds(10)) == 0)
        // A turn that finds the lock held begins anew.
        let holder = try database.session()
        try holder.query("SELECT pg_advisory_lock_shared($1, $2)", [.int(UploadDesk.lockClass), .int(Int64(dead.process))])
        #expect(try other.sweep(on: session, now: start + .seconds(20)) == 0)
        try holder.query("SELECT pg_advisory_unlock_shared($1, $2)", [.int(UploadDesk.lockClass), .int(Int64(dead.process))])
        #expect(try other.sweep(on: session, now: start + .seconds(30)) == 0)
        #expect(try other.sweep(on: session, now: start + .seconds(46)) == 1)
        #expect(Set(try relations()) == Set(kept.map(\.sqlName)))
        // A job's table that no job names is an orphan after a day.
        try database.session().execute("UPDATE almagest.uploads SET created_at = created_at - interval '2 hours'")
        #expect(try other.sweep(on: try database.session()) == 0)
        try database.session().execute("UPDATE almagest.uploads SET created_at = created_at - interval '22 hours'")
        #expect(try other.sweep(on: try database.session()) == 1)
        #expect(try relations() == [kept[0].sqlName])
    }

    @Test("that could not be dropped are dropped by the next sweep")
    func laterDrop() async throws {
        let request = desk.newRequest()
        let tables = try await request.receive(["mine,param:p"], parts: [part("n\n1\n", of: request)], isLasting: false)
        // No row can be deleted while this holds.
        let admin = try database.session()
        try admin.execute("ALTER TABLE almagest.uploads RENAME TO elsewhere")
        await desk.drop(tables)
        try admin.execute("ALTER TABLE almagest.elsewhere RENAME TO uploads")
        #expect(try admin.query("SELECT FROM almagest.uploads").count == 1)
        #expect(try desk.sweep(on: admin) == 1)
        #expect(try admin.query("SELECT FROM almagest.uploads").count == 0)
        #expect(try relations().isEmpty)
        #expect(try desk.sweep(on: admin) == 0)
    }

    @Test("are gone where nobody uses them: of two parts of one name the second, and those of a broken request")
    func unused() async throws {
        // Large enough that reading begins before anybody asks for it.
        let text = String(repeating: String(repeating: "x", count: 1999) + "\n", count: 100)
        let desk = UploadDesk(databaseURL: database.uri, connections: 2, limits: UploadLimits(), reader: nil)
        let request = desk.newRequest()
        var parts: [UploadPart] = []
        for _ in 0..<3 {
            let intake = request.intake(isLasting: false)
            for text in ["n\n", text, text, text] { #expect(await intake.write(ByteBuffer(string: text))) }
            intake.end()
            parts.append(UploadPart(name: "p", intake: intake))
        }
        for _ in 0..<1000 where try relations().count < 3 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try relations().count == 3)
        await request.clear([parts[2]])
        #expect(try relations().count == 2)
        let tables = try await request.receive(["mine,param:p"], parts: [parts[0], parts[1]], isLasting: false)
        #expect(try relations() == tables.map(\.sqlName))
        await desk.drop(tables)
    }

    @Test("wait for a thread in a queue that has an end")
    func queue() async throws {
        let desk = UploadDesk(databaseURL: database.uri, connections: 1, reader: nil)
        let request = desk.newRequest()
        // One is read and four wait.
        let held = (0..<5).map { _ in request.intake(isLasting: false) }
        for intake in held { _ = await intake.write(ByteBuffer(repeating: UInt8(ascii: " "), count: 600_000)) }
        var refusal: UploadError?
        for _ in 0..<500 where refusal == nil {
            // Those before may not have begun to wait yet.
            let sixth = request.intake(isLasting: false)
            _ = await sixth.write(ByteBuffer(repeating: UInt8(ascii: " "), count: 600_000))
            try await Task.sleep(for: .milliseconds(20))
            if await !sixth.write(ByteBuffer(string: " ")) {
                do { _ = try await sixth.table() } catch { refusal = error as? UploadError }
            }
            sixth.abandon()
        }
        #expect(refusal?.kind == .busy && refusal?.code == "too-many-uploads")
        for intake in held { intake.abandon() }
    }
}
