import Formats
import Foundation
import NIOCore
import TableModel
import VOTable

/// Gives recorded rows to one encoder, so many times over, for others to count what that takes: `encoder-speed FILE TYPES FORMAT TIMES`.
///
/// FILE is what `COPY … TO STDOUT (FORMAT binary)` wrote, TYPES its columns as PostgreSQL names them, with commas between.
@main
enum EncoderSpeed {
    /// As the server stages them.
    private static let batch = 64 * 1024

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let format = ResultFormat.offered.first(where: { $0.aliases.contains(arguments[3]) }),
            let times = Int(arguments[4])
        else { throw Misuse.arguments }
        let columns = try arguments[2].split(separator: ",").enumerated().map { index, name in
            guard let type = types[String(name)] else { throw Misuse.type(String(name)) }
            return Column("column_\(index)", type)
        }
        let recorded = try Data(contentsOf: URL(filePath: arguments[1]))
        let document = ResultDocument(fields: columns.map { Field($0) })
        var bytes = 0
        try recorded.withUnsafeBytes { recorded in
            for _ in 0..<times { bytes += try encode(recorded, columns: columns.count, document, format) }
        }
        print(bytes)
    }

    private enum Misuse: Error {
        case arguments
        case type(String)
        case file
    }

    private static let types: [String: ValueType] = [
        "text": .varchar(nil), "smallint": .smallint, "integer": .integer, "bigint": .bigint, "real": .real, "double-precision": .double,
        "boolean": .boolean, "timestamp-without-time-zone": .timestamp,
    ]

    /// - Returns: the bytes that the rows became.
    private static func encode(
        _ recorded: UnsafeRawBufferPointer, columns: Int, _ document: ResultDocument, _ format: ResultFormat
    ) throws -> Int {
        let encoder = try format.encoder(for: document, accessURL: AccessURLForm(prefix: "", suffix: ""))
        var buffer = ByteBuffer()
        var bytes = 0
        encoder.writeHead(into: &buffer)
        // The signature, the flags and the length of an extension, which is none.
        var position = 19
        while position + 2 <= recorded.count {
            guard let end = rowEnd(recorded, from: position, columns: columns) else { break }
            try encoder.append(row: UnsafeRawBufferPointer(rebasing: recorded[position..<end]))
            position = end
            if encoder.staged >= batch {
                encoder.drain(into: &buffer)
                bytes += buffer.readableBytes
                buffer.clear()
            }
        }
        _ = encoder.writeTail(.ok, into: &buffer)
        bytes += buffer.readableBytes
        if let spooling = encoder as? any SpoolingEncoder {
            repeat {
                buffer.clear()
            } while try spooling.next(into: &buffer)
            bytes += spooling.contentLength
        }
        return bytes
    }

    /// Where the row ends that begins at `position`; nil behind the last one.
    private static func rowEnd(_ recorded: UnsafeRawBufferPointer, from position: Int, columns: Int) -> Int? {
        guard Int(Int16(bigEndian: recorded.loadUnaligned(fromByteOffset: position, as: Int16.self))) == columns else { return nil }
        var end = position + 2
        for _ in 0..<columns {
            end += 4 + max(0, Int(Int32(bigEndian: recorded.loadUnaligned(fromByteOffset: end, as: Int32.self))))
        }
        return end
    }
}
