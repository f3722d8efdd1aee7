import Foundation
import TableInput
import TableReaders
import Testing

/// Numbers that overflow, and rows that become much larger than they came.
@Suite("Hostile tables")
struct HostileInputTests {
    private static let largest = "9223372036854775807"

    // MARK: - FITS headers

    private static let headers: [[String]] = [
        ["GCOUNT=\(largest)", "BITPIX=64"],
        ["BITPIX=-9223372036854775808"],
        ["NAXIS=1", "NAXIS1=\(largest)", "XTENSION='IMAGE   '"],
        ["PCOUNT=\(largest)"],
        ["XTENSION='TABLE   '", "TFORM1='I8'", "TBCOL1=\(largest)"],
        ["NAXIS=1", "NAXIS2=\(largest)", "TFORM1='1QB'", "NAXIS1=16"],
        ["NAXIS=0", "NAXIS2=1099511627776", "NAXIS1=67108864", "TFORM1='1QB'"],
        ["TFORM1='1QB'", "NAXIS1=16", "THEAP=\(largest)"],
        ["TFORM1='1QB'", "NAXIS1=16", "THEAP=-8"],
        ["NAXIS2=-1"],
        ["TFORM1='9J'"],
    ]

    @Test("of FITS with sizes out of all measure are refused", arguments: Self.headers)
    func sizes(cards: [String]) {
        let error = #expect(throws: InputError.self) { try Collected.read(Self.fits(cards, data: [UInt8](repeating: 1, count: 64))) }
        #expect(["damaged-fits", "no-table"].contains(error?.code), "\(String(describing: error))")
    }

    @Test(
        "of FITS with cells outside of the heap are refused",
        arguments: [(4, Int64.max), (4, Int64.max - 3), (.max, 0), (-1, 0), (4, -1), (1, 8), (9, 0)] as [(Int64, Int64)])
    func descriptors(length: Int64, place: Int64) {
        let error = #expect(throws: InputError.self) { try Collected.read(Self.heaped(length, place)) }
        #expect(error?.code == "bad-value", "\(String(describing: error))")
    }

    @Test("of FITS have cells up to the last byte of the heap, and TNULL in all of its 64 bits")
    func edges() throws {
        #expect(try Collected.read(Self.heaped(4, 4)).rows == [[[5, 6, 7, 8]]])
        let long = Self.fits(
            ["NAXIS1=8", "TFORM1='K'", "TNULL1=-9223372036854775808"], data: [0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(try Collected.read(long).rows == [[nil]])
    }

    private static func heaped(_ length: Int64, _ place: Int64) -> [UInt8] {
        let descriptor = [length, place].flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        return fits(["NAXIS1=16", "PCOUNT=8", "TFORM1='1QB(8)'"], data: descriptor + [1, 2, 3, 4, 5, 6, 7, 8])
    }

    /// A table of one row and one column, but for what the cards say.
    private static func fits(_ cards: [String], data: [UInt8]) -> [UInt8] {
        var values = [
            ("XTENSION", "'BINTABLE'"), ("BITPIX", "8"), ("NAXIS", "2"), ("NAXIS1", "4"), ("NAXIS2", "1"), ("PCOUNT", "0"),
            ("GCOUNT", "1"), ("TFIELDS", "1"), ("TFORM1", "'J'"), ("TTYPE1", "'x'"),
        ]
        for card in cards {
            let parts = card.split(separator: "=").map(String.init)
            if let index = values.firstIndex(where: { $0.0 == parts[0] }) {
                values[index].1 = parts[1]
            } else {
                values.append((parts[0], parts[1]))
            }
        }
        return block([("SIMPLE", "T"), ("BITPIX", "8"), ("NAXIS", "0")]) + block(values) + padded(data, with: 0)
    }

    private static func block(_ cards: [(String, String)]) -> [UInt8] {
        let lines = cards.map {
            "\($0.padding(toLength: 8, withPad: " ", startingAt: 0))= \($1)".padding(toLength: 80, withPad: " ", startingAt: 0)
        }
        return padded(Array((lines.joined() + "END").utf8), with: 0x20)
    }

    private static func padded(_ bytes: [UInt8], with filler: UInt8) -> [UInt8] {
        bytes + [UInt8](repeating: filler, count: (2880 - bytes.count % 2880) % 2880)
    }

    // MARK: - Rows

    private static func document(_ fields: String, _ data: String) -> [UInt8] {
        Array("<VOTABLE><RESOURCE><TABLE>\(fields)<DATA>\(data)</DATA></TABLE></RESOURCE></VOTABLE>".utf8)
    }

    private static func stream(_ bytes: [UInt8]) -> String { "<STREAM encoding='base64'>\(Data(bytes).base64EncodedString())</STREAM>" }

    private static let bits: String = "<FIELD name='x' datatype='bit' arraysize='*'/>"

    /// Each has one row of less than 60,000 bytes as it comes, and of more than 100,000 as the database takes it.
    private static let growing: [(String, [UInt8])] = [
        ("FITS bits", fits(["NAXIS1=4000", "TFORM1='32000X'"], data: [UInt8](repeating: 0xAA, count: 4000))),
        ("BINARY bits", document(bits, "<BINARY>\(stream([0, 0, 0x7D, 0] + [UInt8](repeating: 0xAA, count: 4000)))</BINARY>")),
        ("TABLEDATA bits", document(bits, "<TABLEDATA><TR><TD>\(String(repeating: "10", count: 20_000))</TD></TR></TABLEDATA>")),
        (
            "base64 cell of bits",
            document(
                bits,
                "<TABLEDATA><TR><TD encoding='base64'>\(Data([0, 0, 0x7D, 0] + [UInt8](repeating: 0xAA, count: 4000)).base64EncodedString())"
                    + "</TD></TR></TABLEDATA>")
        ),
        (
            "TABLEDATA numbers",
            document(
                "<FIELD name='x' datatype='double' arraysize='*'/>",
                "<TABLEDATA><TR><TD>\(String(repeating: "1 ", count: 20_000))</TD></TR></TABLEDATA>")
        ),
    ]

    /// Each has one row of three cells, of 50,000 bytes each.
    private static let wide: [(String, [UInt8])] = {
        let fields = (0..<3).map { "<FIELD name='c\($0)' datatype='char' arraysize='*'/>" }.joined()
        let cell = String(repeating: "a", count: 50_000)
        let binary: [UInt8] = [0, 0, 0xC3, 0x50] + [UInt8](repeating: 0x61, count: 50_000)
        return [
            ("TABLEDATA", document(fields, "<TABLEDATA><TR>\(String(repeating: "<TD>\(cell)</TD>", count: 3))</TR></TABLEDATA>")),
            ("BINARY", document(fields, "<BINARY>\(stream(binary + binary + binary))</BINARY>")),
            ("BINARY2, all NULL", document(fields, "<BINARY2>\(stream([0xE0] + binary + binary + binary))</BINARY2>")),
            ("FITS", fits(["NAXIS1=150000", "TFORM1='150000A'"], data: [UInt8](repeating: 0x61, count: 150_000))),
        ]
    }()

    @Test("with a row beyond the limit are refused with its number, and taken where the limit is higher", arguments: growing + wide)
    func rows(what: String, bytes: [UInt8]) throws {
        func read(limit: Int) throws -> Collected {
            let sink = Collected()
            try TableReader.read(MemorySource(bytes, step: 4096), into: sink, limits: InputLimits(row: limit))
            return sink
        }
        let error = #expect(throws: InputError.self) { try read(limit: 100_000) }
        #expect(error?.code == "row-too-large" && error?.isLimit == true, "\(what): \(String(describing: error))")
        #expect(error?.message.hasPrefix("row 1 has more than 100000 bytes") == true)
        #expect(try read(limit: 400_000).rows.count == 1)
    }

    @Test("of bits do not grow before they are refused")
    func memory() throws {
        // 16 MB, which would be 800 MB for the database.
        let bytes: [UInt8] = [0x07, 0, 0, 0] + [UInt8](repeating: 0x55, count: 14 << 20)
        let error = #expect(throws: InputError.self) {
            try Collected.read(Self.document(Self.bits, "<BINARY>\(Self.stream(bytes))</BINARY>"), into: Collected())
        }
        #expect(error?.code == "row-too-large")
    }

    @Test("of nothing but delimiters are refused before they fill the memory", arguments: [",", "\"\",", "\t"])
    func delimiters(text: String) {
        final class Endless: ByteSource {
            let bytes: [UInt8]
            var given = 0
            init(_ text: String) { bytes = Array(String(repeating: text, count: 10_000).utf8) }
            func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
                guard given < 8 << 20 else { return 0 }
                let count = min(buffer.count, bytes.count)
                bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                given += count
                return count
            }
        }
        let source = Endless(text)
        let error = #expect(throws: InputError.self) {
            try TableReader.read(source, into: Collected(), limits: InputLimits(cell: 1 << 20))
        }
        #expect(error?.code == "too-long" && source.given < 3 << 20)
    }

    // MARK: - Streams

    @Test("with base64 whose last digit comes alone at the end of the buffer are read", arguments: 0..<4)
    func base64Pieces(shift: Int) throws {
        // One cell, larger than the first buffer of 128 KiB; around its end each digit is a piece of its own.
        let count = 150_000
        let head: [UInt8] = [0, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
        let text = Data(head + [UInt8](repeating: 0x61, count: count)).base64EncodedString()
        var body = ""
        for (index, digit) in text.utf8.enumerated() {
            let isAlone = (174_000..<175_000).contains(index + shift)
            body += isAlone ? "&#\(digit);" : String(UnicodeScalar(digit))
        }
        let document = Self.document(
            "<FIELD name='x' datatype='char' arraysize='*'/>", "<BINARY><STREAM encoding='base64'>\(body)</STREAM></BINARY>")
        let table = try Collected.read(document, step: 400)
        #expect(table.rows.count == 1 && table.rows[0][0]?.count == count)
    }

    @Test("of FITS are read to the file's end, also where more follows the table")
    func trailing() throws {
        let source = MemorySource(Self.fits([], data: [0, 0, 0, 9]) + [UInt8](repeating: 0, count: 500_000), step: 4096)
        let sink = Collected()
        try TableReader.read(source, into: sink)
        #expect(sink.int(0, 0) == 9)
        let rest = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
        defer { rest.deallocate() }
        #expect(source.read(into: rest) == 0)
    }

    @Test("are kept in a nameless file where the service wants it, which no child process gets")
    func spool() throws {
        /// Looks at the open files each time it is read.
        final class Watching: ByteSource {
            var flags: [Int32] = []
            private let text = MemorySource(Array(("a,b\n" + String(repeating: "1,2\n", count: 500)).utf8), step: 100)

            func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
                let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
                for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                    guard let file = Int32(name),
                        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
                    else { continue }
                    if path.hasPrefix("\(folder)/almagest-"), path.hasSuffix("(deleted)") { flags.append(fcntl(file, F_GETFD)) }
                }
                return text.read(into: buffer)
            }
        }
        let source = Watching()
        try TableReader.read(source, into: Collected())
        #expect(!source.flags.isEmpty && source.flags.allSatisfy { $0 & FD_CLOEXEC != 0 })
    }
}
