import TableInput
import TableModel
import TableReaders

/// A table that was read, with its cells in the form of PostgreSQL's binary COPY.
final class Collected: TableSink {
    private(set) var table = IncomingTable(columns: [])
    private(set) var rows: [[[UInt8]?]] = []

    func begin(_ table: IncomingTable) { self.table = table }

    func take(_ batch: CopyRows) {
        let bytes = Array(batch.bytes)
        var place = 0
        while place < bytes.count {
            place += 2
            var row: [[UInt8]?] = []
            for _ in table.columns {
                let count = bytes[place..<place + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
                place += 4
                row.append(count < 0 ? nil : Array(bytes[place..<place + Int(count)]))
                place += max(0, Int(count))
            }
            rows.append(row)
        }
        batch.removeAll()
    }

    /// Reads a text, a few bytes at a time.
    static func read(_ text: String, step: Int = 7) throws -> Collected {
        try read(Array(text.utf8), step: step)
    }

    static func read(_ bytes: [UInt8], step: Int = 7) throws -> Collected {
        let sink = Collected()
        try TableReader.read(MemorySource(bytes, step: step), into: sink)
        return sink
    }

    static func read(_ bytes: [UInt8], into sink: any TableSink) throws {
        try TableReader.read(MemorySource(bytes, step: 4096), into: sink)
    }

    func int(_ row: Int, _ column: Int) -> Int64? {
        rows[row][column].map { bytes in
            let value = bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let unused = Int64(64 - 8 * bytes.count)
            return (value << unused) >> unused
        }
    }

    func double(_ row: Int, _ column: Int) -> Double? {
        int(row, column).map { Double(bitPattern: UInt64(bitPattern: $0)) }
    }

    func text(_ row: Int, _ column: Int) -> String? {
        rows[row][column].map { String(decoding: $0, as: UTF8.self) }
    }
}
