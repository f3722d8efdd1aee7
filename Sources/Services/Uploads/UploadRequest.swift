import TableInput

/// The tables of one request while they come in.
package final class UploadRequest: Sendable {
    private let desk: UploadDesk
    private let budget: ByteBudget
    private let unpacked: ByteBudget

    init(desk: UploadDesk, budget: ByteBudget, unpacked: ByteBudget) {
        self.desk = desk
        self.budget = budget
        self.unpacked = unpacked
    }

    /// Begins with a table whose bytes are about to arrive.
    ///
    /// - Parameter isLasting: for a job, whose table outlives this process.
    package func intake(isLasting: Bool) -> UploadIntake {
        let pipe = BytePipe(capacity: UploadIntake.capacity, stall: desk.limits.stall, budget: budget)
        return UploadIntake(pipe: pipe) { [desk, unpacked] pipe in try await desk.load(pipe, unpacked: unpacked, isLasting: isLasting) }
    }

    /// Brings the tables that the parameter UPLOAD names into the database.
    ///
    /// Parts that it does not name are left aside. Nothing is left behind when one of them fails.
    /// - Parameters:
    ///   - values: of the parameter, as given.
    ///   - parts: of the form.
    ///   - isLasting: for a job.
    /// - Throws: ``UploadError``.
    package func receive(_ values: [String], parts: [UploadPart], isLasting: Bool) async throws -> [UploadedTable] {
        var received: [UploadedTable] = []
        var used: Set<ObjectIdentifier> = []
        do {
            let names = try UploadName.read(values, limit: desk.limits.tables)
            for upload in names {
                let intake = try intake(for: upload, parts: parts, isLasting: isLasting)
                if case .part = upload.source {
                    // One part under two names is read once.
                    if !used.insert(ObjectIdentifier(intake)).inserted, let first = names.firstIndex(where: { $0.source == upload.source }),
                        first < received.count
                    {
                        var again = received[first]
                        again.name = upload.name
                        received.append(again)
                        continue
                    }
                }
                do {
                    var table = try await intake.table()
                    table.name = upload.name
                    received.append(table)
                } catch let error as InputError {
                    throw UploadError.unreadable(error, table: upload.name)
                }
            }
        } catch {
            await desk.drop(received)
            await clear(parts)
            throw error
        }
        // Of two parts of one name only the first was used.
        await clear(parts.filter { !used.contains(ObjectIdentifier($0.intake)) })
        return received
    }

    private func intake(for upload: UploadName, parts: [UploadPart], isLasting: Bool) throws -> UploadIntake {
        switch upload.source {
        case .part(let name):
            guard let part = parts.first(where: { $0.name == name }) else {
                throw UploadError.unknownPart(name, of: upload.name, parts: parts.map(\.name))
            }
            return part.intake
        case .address(let address):
            let intake = intake(isLasting: isLasting)
            Task { [desk] in await desk.fetch(address, into: intake) }
            return intake
        }
    }

    /// The parts of the form that a value of UPLOAD names; none where the value is wrong, which ``receive(_:parts:isLasting:)`` says.
    package static func parts(namedIn value: String) -> [String] {
        let names = (try? UploadName.read([value])) ?? []
        return names.compactMap { if case .part(let part) = $0.source { part } else { nil } }
    }

    /// Drops what nobody asked for, also what is still on its way into the database.
    package func clear(_ parts: [UploadPart]) async {
        for part in parts { part.intake.abandon() }
        for part in parts {
            if let table = await part.intake.leftover() { await desk.drop([table]) }
        }
    }
}
