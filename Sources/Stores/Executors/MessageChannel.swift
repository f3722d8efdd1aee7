import Glibc

/// The line between a process and one that it has started: messages of a kind and some bytes, each after its length.
///
/// Every call blocks. The descriptors belong to the caller.
package struct MessageChannel: Sendable {
    /// Why no message came through.
    package enum Failure: Error {
        /// The other side is gone; at the end of a message this is how a conversation ends.
        case closed
        /// The time was up.
        case late
        /// The caller gave up.
        case abandoned
    }

    package struct Message: Sendable {
        /// What the two sides agree that it means.
        package var kind: UInt8
        package var body: [UInt8]

        package init(kind: UInt8, body: [UInt8] = []) {
            self.kind = kind
            self.body = body
        }
    }

    package let input: Int32
    package let output: Int32

    /// More than any message needs; a length beyond it is no length.
    private static let largest = 1 << 30
    /// Milliseconds between two questions whether the caller gives up.
    private static let patience: Int32 = 20

    package init(input: Int32, output: Int32) {
        self.input = input
        self.output = output
    }

    /// Sends a message.
    ///
    /// - Parameters:
    ///   - deadline: nil to wait as long as it takes.
    ///   - givesUp: asked while nothing moves; true ends the wait.
    package func send(
        _ message: Message, until deadline: ContinuousClock.Instant? = nil, givesUp: (() -> Bool)? = nil
    ) throws(Failure) {
        guard message.body.count <= Self.largest else { throw .closed }
        try write(withUnsafeBytes(of: UInt32(message.body.count).bigEndian) { Array($0) } + [message.kind], deadline, givesUp)
        try write(message.body, deadline, givesUp)
    }

    /// Waits for a message; parameters as for ``send(_:until:givesUp:)``.
    package func receive(until deadline: ContinuousClock.Instant? = nil, givesUp: (() -> Bool)? = nil) throws(Failure) -> Message {
        let head = try read(5, deadline, givesUp)
        let length = head.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.largest else { throw .closed }
        return Message(kind: head[4], body: try read(length, deadline, givesUp))
    }

    /// Whether the other side is still there and has nothing to say: so a worker that waits for its next request.
    package var isQuiet: Bool {
        var question = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        return poll(&question, 1, 0) == 0
    }

    /// Blocks until the other side is gone, whatever it may have sent before.
    package func awaitEnd() {
        var question = pollfd(fd: input, events: 0, revents: 0)
        while poll(&question, 1, -1) < 0, errno == EINTR {}
    }

    // MARK: - Bytes

    private func read(_ count: Int, _ deadline: ContinuousClock.Instant?, _ givesUp: (() -> Bool)?) throws(Failure) -> [UInt8] {
        var failure: Failure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                failure = wait(for: Int16(POLLIN), on: input, deadline, givesUp)
                guard failure == nil else { return }
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = Glibc.read(input, rest.baseAddress, rest.count)
                if got < 0, errno == EINTR || errno == EAGAIN { continue }
                guard got > 0 else {
                    failure = .closed
                    return
                }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private func write(_ bytes: [UInt8], _ deadline: ContinuousClock.Instant?, _ givesUp: (() -> Bool)?) throws(Failure) {
        // On a socket, as the server has it, a worker that is gone must be an error and no signal.
        let flags = Int32(MSG_NOSIGNAL) | (deadline == nil && givesUp == nil ? 0 : Int32(MSG_DONTWAIT))
        var sent = 0
        while sent < bytes.count {
            if let failure = wait(for: Int16(POLLOUT), on: output, deadline, givesUp) { throw failure }
            var count = bytes[sent...].withUnsafeBytes { Glibc.send(output, $0.baseAddress, $0.count, flags) }
            if count < 0, errno == ENOTSOCK {
                count = bytes[sent...].withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw .closed }
            sent += count
        }
    }

    private func wait(
        for events: Int16, on descriptor: Int32, _ deadline: ContinuousClock.Instant?, _ givesUp: (() -> Bool)?
    ) -> Failure? {
        var question = pollfd(fd: descriptor, events: events, revents: 0)
        while true {
            var milliseconds: Int32 = -1
            if let deadline {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return .late }
                milliseconds = Int32(clamping: Int64(left / .milliseconds(1)) + 1)
            }
            if let givesUp {
                if givesUp() { return .abandoned }
                milliseconds = milliseconds < 0 ? Self.patience : min(milliseconds, Self.patience)
            }
            if poll(&question, 1, milliseconds) > 0 { return nil }
        }
    }
}
