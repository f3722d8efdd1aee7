import NIOCore
import Synchronization
package import VOTable

/// The texts around the rows of one kind of query, written when they are first needed.
package final class ResultFrames: Sendable {
    private let marks: VOTableFrame.Marks
    private let model: @Sendable () -> ResultDocument
    private let frames = Mutex<[Serialization: VOTableFrame]>([:])

    /// - Parameter model: a document with the marks where the query's text and the client stand.
    package init(marks: VOTableFrame.Marks, model: @escaping @Sendable () -> ResultDocument) {
        self.marks = marks
        self.model = model
    }

    fileprivate func frame(_ serialization: Serialization) -> VOTableFrame {
        if let known = frames.withLock({ $0[serialization] }) { return known }
        let made = VOTableFrame(model().votable(serialization), marks: marks)
        frames.withLock { $0[serialization] = made }
        return made
    }
}

/// The text around the rows of one result.
package struct KnownFrame: Sendable {
    private let frames: ResultFrames
    private let query: String
    private let client: String

    package init(_ frames: ResultFrames, query: String, client: String) {
        self.frames = frames
        self.query = query
        self.client = client
    }

    /// - Returns: false where the document declares its fields otherwise than the known one; nothing is written then.
    func writeOpening(of document: VOTableDocument, into buffer: inout ByteBuffer) -> Bool {
        let frame = frames.frame(document.serialization)
        guard zip(frame.fields, document.fields).allSatisfy({ $0.isUnicode == $1.isUnicode }) else { return false }
        frame.writeOpening(query: query, client: client, into: &buffer)
        return true
    }

    func writeClosing(_ serialization: Serialization, _ status: QueryStatus, infos: [Info], into buffer: inout ByteBuffer) {
        frames.frame(serialization).writeClosing(status, infos: infos, query: query, client: client, into: &buffer)
    }
}

extension ResultFormat {
    /// Whether its results make use of ``ResultDocument/frame``, and need no services for themselves.
    package var hasFrames: Bool { kind == .binary2 || kind == .binary }
}
