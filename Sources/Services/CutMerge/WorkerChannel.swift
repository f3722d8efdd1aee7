import Foundation
import Glibc

/// The line between the server and one worker: messages in JSON, each after its length in 4 bytes, most significant first.
///
/// Every call blocks. The descriptors belong to the caller.
struct WorkerChannel: Sendable {
    /// Why no message came through.
    enum Failure: Error {
        /// The other side is gone; at the end of a message this is how a conversation ends.
        case closed
        /// The time was up.
        case late
    }

    let input: Int32
    let output: Int32

    /// More than any request within the limits needs; a length beyond it is no length.
    private static let largest = 1 << 30

    /// Sends a message.
    ///
    /// - Parameter deadline: nil to wait as long as it takes.
    func send(_ message: some Encodable, until deadline: ContinuousClock.Instant? = nil) throws(Failure) {
        guard let body = try? JSONEncoder().encode(message), body.count <= Self.largest else { throw .closed }
        var bytes = withUnsafeBytes(of: UInt32(body.count).bigEndian) { Array($0) }
        bytes.append(contentsOf: body)
        var sent = 0
        while sent < bytes.count {
            try wait(for: Int16(POLLOUT), on: output, until: deadline)
            sent += try write(bytes[sent...], blocks: deadline == nil)
        }
    }

    /// Waits for a message.
    ///
    /// - Parameter deadline: nil to wait as long as it takes.
    func receive<Message: Decodable>(
        _ type: Message.Type, until deadline: ContinuousClock.Instant? = nil
    ) throws(Failure) -> Message {
        let length = try read(4, until: deadline).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.largest, let message = try? JSONDecoder().decode(type, from: Data(try read(length, until: deadline))) else {
            throw .closed
        }
        return message
    }

    /// Whether the other side is still there and has nothing to say: so a worker that waits for its next request.
    var isQuiet: Bool {
        var question = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        return poll(&question, 1, 0) == 0
    }

    /// Blocks until the other side is gone, whatever it may have sent before.
    func awaitEnd() {
        var question = pollfd(fd: input, events: 0, revents: 0)
        while poll(&question, 1, -1) < 0, errno == EINTR {}
    }

    // MARK: - Bytes

    private func read(_ count: Int, until deadline: ContinuousClock.Instant?) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            try wait(for: Int16(POLLIN), on: input, until: deadline)
            let got = bytes[filled...].withUnsafeMutableBytes { Glibc.read(input, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR || errno == EAGAIN { continue }
            guard got > 0 else { throw .closed }
            filled += got
        }
        return bytes
    }

    private func write(_ bytes: ArraySlice<UInt8>, blocks: Bool) throws(Failure) -> Int {
        // On a socket, as the server has it, a worker that is gone must be an error and no signal.
        let flags = Int32(MSG_NOSIGNAL) | (blocks ? 0 : Int32(MSG_DONTWAIT))
        var count = bytes.withUnsafeBytes { Glibc.send(output, $0.baseAddress, $0.count, flags) }
        if count < 0, errno == ENOTSOCK { count = bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) } }
        if count < 0, errno == EINTR || errno == EAGAIN { return 0 }
        guard count >= 0 else { throw .closed }
        return count
    }

    private func wait(for events: Int16, on descriptor: Int32, until deadline: ContinuousClock.Instant?) throws(Failure) {
        var question = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            var milliseconds: Int32 = -1
            if let deadline {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { throw .late }
                milliseconds = Int32(clamping: left.milliseconds + 1)
            }
            if poll(&question, 1, milliseconds) > 0 { return }
        }
    }
}
