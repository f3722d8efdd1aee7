import TableInput

/// The lines of a text, each cut into its fields.
final class DelimitedRows {
    private let cursor: ByteCursor
    private let limit: Int
    private var delimiter = UInt8(ascii: ",")
    /// TSV has no quotes (IANA, text/tab-separated-values).
    private var hasQuotes = true

    /// The fields of the line, one behind the other.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var quoted: [Bool] = []

    init(_ cursor: ByteCursor, limit: Int) {
        self.cursor = cursor
        self.limit = limit
    }

    /// Fields of the line.
    var count: Int { ends.count }

    /// The line has nothing on it.
    var isBlank: Bool { ends.count == 1 && bytes.isEmpty && !quoted[0] }

    /// A field of the line, without its quotes; valid until the next line is read.
    func field(_ index: Int) -> UnsafeRawBufferPointer {
        let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        return bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[range]) }
    }

    func isQuoted(_ index: Int) -> Bool { quoted[index] }

    /// Reads the line of names, behind comments, and learns from it what stands between fields.
    func header() throws -> [String] {
        var isECSV = false
        if try cursor.fill(3), cursor.window.starts(with: [0xEF, 0xBB, 0xBF]) { cursor.skip(3) }
        while try cursor.fill(1), cursor.window[0] == UInt8(ascii: "#") {
            let line = try line()
            if line.hasPrefix("# %ECSV") {
                isECSV = true
                delimiter = UInt8(ascii: " ")
            }
            if isECSV, line.hasPrefix("# delimiter: ','") { delimiter = UInt8(ascii: ",") }
        }
        if !isECSV {
            let start = try peekLine()
            let found = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|")].first { start.contains($0) }
            delimiter = found ?? UInt8(ascii: ",")
            hasQuotes = delimiter != UInt8(ascii: "\t")
        }
        guard try next(row: 0) else { return [] }
        return (0..<count).map { String(decoding: NumberText.trimmed(field($0)), as: UTF8.self) }
    }

    /// Reads the next line; false when there is none.
    func next(row: Int) throws -> Bool {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        quoted.removeAll(keepingCapacity: true)
        guard try cursor.fill(1) else { return false }
        var isInside = false
        var wasQuoted = false
        /// The byte before was a quote inside of quotes: it ends them, or stands for itself.
        var isPending = false
        var fieldStart = 0
        while try cursor.fill(1) {
            let window = cursor.window
            var used = 0
            for byte in window {
                used += 1
                if isPending {
                    isPending = false
                    if byte == UInt8(ascii: "\"") {
                        bytes.append(byte)
                        continue
                    }
                    isInside = false
                }
                if isInside {
                    if byte == UInt8(ascii: "\"") { isPending = true } else { bytes.append(byte) }
                } else if byte == delimiter {
                    endField(wasQuoted)
                    wasQuoted = false
                    fieldStart = bytes.count
                } else if byte == UInt8(ascii: "\n") {
                    cursor.skip(used)
                    if bytes.count > fieldStart, bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
                    endField(wasQuoted)
                    return true
                } else if hasQuotes, byte == UInt8(ascii: "\""), bytes.count == fieldStart, !wasQuoted {
                    isInside = true
                    wasQuoted = true
                } else {
                    bytes.append(byte)
                }
            }
            cursor.skip(used)
            // What is kept of a field counts too: a line may have nothing but delimiters.
            guard bytes.count + 16 * ends.count <= limit else { throw InputError.longLine(row: row, limit: limit) }
        }
        guard !isInside || isPending else { throw InputError.openQuote(row: row) }
        if bytes.count > fieldStart, bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        endField(wasQuoted)
        return true
    }

    private func endField(_ wasQuoted: Bool) {
        ends.append(bytes.count)
        quoted.append(wasQuoted)
    }

    private func peekLine() throws -> [UInt8] {
        var wanted = 4096
        while wanted <= 1 << 20 {
            let isWhole = try !cursor.fill(wanted)
            if let end = cursor.window.firstIndex(of: UInt8(ascii: "\n")) { return Array(cursor.window[..<end]) }
            if isWhole { break }
            wanted *= 2
        }
        return Array(cursor.window.prefix(1 << 20))
    }

    private func line() throws -> String {
        let line = try peekLine()
        cursor.skip(line.count)
        if try cursor.fill(1), cursor.window[0] == UInt8(ascii: "\n") { cursor.skip(1) }
        return String(decoding: line, as: UTF8.self)
    }
}
