package import NIOCore
import XML

/// What stands around the rows of results that differ in the text of their query and in their client alone, written once for all of them.
package struct VOTableFrame: Sendable {
    /// Texts in a model document that stand for those of a real one. They need no escaping and occur in no other place.
    package struct Marks: Sendable {
        package var query: String
        package var client: String

        package init(query: String, client: String) {
            self.query = query
            self.client = client
        }
    }

    private enum Piece: Sendable {
        case bytes(ByteBuffer)
        case query
        case client
    }

    /// The fields as the opening has them.
    package let fields: [Field]
    private let opening: [Piece]
    private let closingOfTable: [Piece]
    private let closing: [Piece]

    /// - Parameter model: a document with the marks in the places of the query's text and the client.
    package init(_ model: VOTableDocument, marks: Marks) {
        fields = model.fields
        opening = Self.pieces(model.opening(), marks)
        closingOfTable = Self.pieces(model.closingOfTable(), marks)
        closing = Self.pieces(model.closingOfResults(), marks)
    }

    private static func pieces(_ document: ByteBuffer, _ marks: Marks) -> [Piece] {
        var pieces: [Piece] = []
        var rest = document.readableBytesView
        while true {
            let query = rest.firstRange(of: marks.query.utf8)
            let client = rest.firstRange(of: marks.client.utf8)
            guard let next = [query, client].compactMap(\.self).min(by: { $0.lowerBound < $1.lowerBound }) else { break }
            pieces.append(.bytes(ByteBuffer(rest[..<next.lowerBound])))
            pieces.append(next == query ? .query : .client)
            rest = rest[next.upperBound...]
        }
        return pieces + [.bytes(ByteBuffer(rest))]
    }

    /// What ``VOTableDocument/opening()`` gives.
    package func writeOpening(query: String, client: String, into buffer: inout ByteBuffer) {
        write(opening, query, client, into: &buffer)
    }

    /// What ``VOTableDocument/closing(_:infos:)`` gives.
    package func writeClosing(_ status: QueryStatus, infos: [Info], query: String, client: String, into buffer: inout ByteBuffer) {
        write(closingOfTable, query, client, into: &buffer)
        buffer.writeImmutableBuffer(VOTableDocument.late(status, infos))
        write(closing, query, client, into: &buffer)
    }

    private func write(_ pieces: [Piece], _ query: String, _ client: String, into buffer: inout ByteBuffer) {
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): buffer.writeImmutableBuffer(bytes)
            case .query: buffer.writeXML(query, as: .attribute)
            case .client: buffer.writeString(client)
            }
        }
    }
}
