import Crypto
package import Foundation
package import Redis
package import TableModel

/// The selections and records of all clients, kept in Redis and so shared by all server processes.
///
/// Each method is one round trip and atomic; all throw ``SelectionError``, with the code `unavailable` when there is no Redis to ask.
package struct Selections: Sendable {
    package struct Settings: Sendable {
        /// The pause after which a selection takes no more rows.
        package var idle: Duration
        /// How long a selection and what is known of a client are kept after their last use.
        package var lifetime: Duration
        /// Rows that one selection may hold.
        package var rowLimit: Int
        /// Begins all keys in Redis.
        package var prefix: String

        package init(
            idle: Duration = .seconds(15 * 60), lifetime: Duration = .seconds(24 * 3600), rowLimit: Int = 1_000_000,
            prefix: String = "almagest:"
        ) {
            self.idle = idle
            self.lifetime = lifetime
            self.rowLimit = rowLimit
            self.prefix = prefix
        }
    }

    let redis: RedisClient?
    let settings: Settings
    let waiting = WaitingRecords()

    /// - Parameter redis: nil where none is configured.
    package init(redis: RedisClient?, settings: Settings = Settings()) {
        self.redis = redis
        self.settings = settings
    }

    /// Adds rows to the client's open selection, or to a new one when none is open. Rows that it holds already stay where they are.
    ///
    /// - Parameter begin: the id of a selection to begin with these rows; the open one is closed. Where that selection exists already the id has no
    ///   effect, so that a repeated request does not begin again.
    package func activate(
        _ rows: [SelectedRow], client: UUID, begin: UUID? = nil
    ) async throws(SelectionError) -> Selection.Summary {
        let reply = try await run(
            SelectionScripts.activate,
            [
                RedisArgument(client.text), RedisArgument(UUID().text), RedisArgument(begin?.text ?? ""),
                RedisArgument(settings.idle.milliseconds), RedisArgument(settings.lifetime.milliseconds), RedisArgument(settings.rowLimit),
                RedisArgument(rows.packed),
            ])
        if reply.string == "full" { throw .full(limit: settings.rowLimit) }
        return try summary(reply)
    }

    /// A selection of exactly these rows, which never changes. The same client and rows give the same selection again.
    ///
    /// - Parameter rows: each once.
    package func fix(_ rows: [SelectedRow], client: UUID?) async throws(SelectionError) -> Selection.Summary {
        let packed = rows.packed
        let id = UUID(hashing: Array((client?.text ?? "").utf8) + packed)
        let reply = try await run(
            SelectionScripts.fix,
            [
                RedisArgument(client?.text ?? ""), RedisArgument(id.text), RedisArgument(settings.lifetime.milliseconds),
                RedisArgument(settings.rowLimit), RedisArgument(packed), RedisArgument(rows.reduce(0) { $0 + $1.bytes }),
            ])
        if reply.string == "full" { throw .full(limit: settings.rowLimit) }
        return try summary(reply)
    }

    /// A selection with its rows in the order of their activation.
    package func read(_ id: UUID) async throws(SelectionError) -> Selection {
        try await read(id, lifetime: "")
    }

    /// Closes a selection, because its product is fetched, and reads it: its rows stay as they are, and the next activated row begins a new one.
    @discardableResult
    package func close(_ id: UUID) async throws(SelectionError) -> Selection {
        try await read(id, lifetime: RedisArgument(settings.lifetime.milliseconds))
    }

    private func read(_ id: UUID, lifetime: RedisArgument) async throws(SelectionError) -> Selection {
        let reply = try await run(SelectionScripts.read, [RedisArgument(id.text), lifetime])
        guard let parts = reply.array else { throw .unknown(id) }
        guard parts.count == 3 else { throw .unavailable }
        let rows: [SelectedRow]
        switch parts[1] {
        case .bytes(let packed): rows = [SelectedRow](packed: packed)
        case .array(let cells): rows = Self.ordered(cells)
        default: throw .unavailable
        }
        let summary = try summary(parts[0])
        // What was remembered a moment ago may still be on its way to Redis.
        return Selection(summary: summary, rows: rows, query: parts[2].string ?? summary.client.flatMap { waiting[$0]?.query })
    }

    /// Rows of a hash by their place in the order.
    private static func ordered(_ cells: [RedisValue]) -> [SelectedRow] {
        var placed: [(place: UInt64, row: SelectedRow)] = []
        placed.reserveCapacity(cells.count / 2)
        for index in stride(from: 0, to: cells.count - 1, by: 2) {
            guard let key = cells[index].bytes, let value = cells[index + 1].bytes, value.count == 12,
                let row = RowIdentifier(packed: key[...])
            else { continue }
            placed.append((UInt64(bigEndian: value[..<4]), SelectedRow(row, bytes: Int(clamping: UInt64(bigEndian: value[4...])))))
        }
        placed.sort { $0.place < $1.place }
        return placed.map(\.row)
    }

    /// Adds rows to this very selection, which must be open. Rows that it holds already stay where they are.
    @discardableResult
    package func add(_ rows: [SelectedRow], to id: UUID) async throws(SelectionError) -> Selection.Summary {
        let reply = try await run(
            SelectionScripts.add,
            [
                RedisArgument(id.text), RedisArgument(settings.idle.milliseconds), RedisArgument(settings.lifetime.milliseconds),
                RedisArgument(settings.rowLimit), RedisArgument(rows.packed),
            ])
        guard reply != .null else { throw .unknown(id) }
        if reply.string == "closed" { throw .closed(id) }
        if reply.string == "full" { throw .full(limit: settings.rowLimit) }
        return try summary(reply)
    }

    /// Takes rows out of an open selection; those that are not in it change nothing.
    @discardableResult
    package func remove(_ rows: [RowIdentifier], from id: UUID) async throws(SelectionError) -> Selection.Summary {
        let reply = try await run(
            SelectionScripts.remove,
            [
                RedisArgument(id.text), RedisArgument(settings.idle.milliseconds), RedisArgument(settings.lifetime.milliseconds),
                RedisArgument(rows.flatMap(\.packed)),
            ])
        guard reply != .null else { throw .unknown(id) }
        if reply.string == "closed" { throw .closed(id) }
        return try summary(reply)
    }

    // MARK: - Replies

    func run(_ script: RedisScript, _ arguments: [RedisArgument]) async throws(SelectionError) -> RedisValue {
        guard let redis else { throw .unavailable }
        do {
            return try await redis.evaluate(script, keys: [], arguments: [RedisArgument(settings.prefix)] + arguments)
        } catch {
            // The client has logged why.
            throw .unavailable
        }
    }

    /// Reads what the scripts' `summary` writes.
    private func summary(_ reply: RedisValue) throws(SelectionError) -> Selection.Summary {
        guard let parts = reply.array, parts.count >= 11, let id = parts[0].string.flatMap({ UUID(uuidString: $0) }),
            let state = parts[3].string, let rows = parts[1].integer, let bytes = parts[2].integer, let created = parts[4].integer,
            let touched = parts[5].integer, let left = parts[6].integer, let now = parts[7].integer
        else { throw .unavailable }
        return Selection.Summary(
            id: id, client: parts[8].string.flatMap { UUID(uuidString: $0) }, rowCount: rows, bytes: bytes,
            isOpen: state == "open" && now - touched < settings.idle.milliseconds,
            created: Date(milliseconds: created), touched: Date(milliseconds: touched),
            closes: Date(milliseconds: touched + settings.idle.milliseconds), expires: Date(milliseconds: now + left),
            product: parts[9].string.flatMap { MadeProduct(text: $0) },
            job: parts[10].string, rowProduct: parts.count > 11 ? parts[11].string.flatMap { MadeProduct(text: $0) } : nil)
    }
}

// MARK: - Bytes

extension [SelectedRow] {
    /// Reads ``packed``.
    fileprivate init(packed bytes: [UInt8]) {
        self = stride(from: 0, to: bytes.count - bytes.count % 24, by: 24).compactMap { start in
            RowIdentifier(packed: bytes[start..<start + 16]).map {
                SelectedRow($0, bytes: Int(clamping: UInt64(bigEndian: bytes[start + 16..<start + 24])))
            }
        }
    }

    /// 24 bytes per row: identifier and size.
    fileprivate var packed: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 24)
        for row in self {
            bytes.append(contentsOf: row.identifier.packed)
            bytes.append(bigEndian: UInt64(clamping: row.bytes))
        }
        return bytes
    }
}

extension RowIdentifier {
    /// The UUID's 16 bytes.
    var packed: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: words.high)
        bytes.append(bigEndian: words.low)
        return bytes
    }

    fileprivate init?(packed bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(words: (UInt64(bigEndian: bytes.prefix(8)), UInt64(bigEndian: bytes.suffix(8))))
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian word: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
    }
}

extension UInt64 {
    fileprivate init(bigEndian bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension UUID {
    var text: String { uuidString.lowercased() }

    /// A UUID of version 8 that follows from the bytes.
    fileprivate init(hashing bytes: [UInt8]) {
        var digest = Array(SHA256.hash(data: bytes).prefix(16))
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        self.init(
            uuid: (
                digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7], digest[8], digest[9], digest[10],
                digest[11], digest[12], digest[13], digest[14], digest[15]
            ))
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

extension Date {
    fileprivate init(milliseconds: Int) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
