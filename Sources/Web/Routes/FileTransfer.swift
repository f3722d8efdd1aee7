import Files
import Foundation
import Hummingbird
import NIOCore

/// The bytes of an open file on their way to a client, from the system's cache straight into the socket (`sendfile`), or through TLS where that
/// stands before it.
///
/// The event loop never waits for the disk: each stretch is brought into the cache beforehand, by the threads of ``FileStore``, while the one
/// before it is sent. A file that is written to or cut meanwhile breaks the connection, before the last bytes are out.
struct FileTransfer: Sendable {
    let file: OpenFile
    let channel: any Channel

    /// Bytes that are handed to the socket at a time.
    private static let stretch = 8 * 1024 * 1024
    /// Bytes that are read at a time where they have to be encrypted.
    private static let piece = 256 * 1024
    /// Bytes at the end that are held back until the file is known to have stayed the same.
    private static let lastBytes = 64 * 1024
    private static let watchInterval = TimeAmount.seconds(1)

    /// - Throws: when the client has gone or the file has changed; the connection must break then.
    func write(_ range: Range<Int>, to writer: inout any ResponseBodyWriter) async throws {
        let middle = range.lowerBound..<max(range.lowerBound, range.upperBound - Self.lastBytes)
        if !middle.isEmpty {
            if try await hasGate() { try await send(middle) } else { try await copy(middle, to: &writer) }
        }
        let last = try await FileStore.shared.read(middle.upperBound..<range.upperBound, of: file)
        try await writer.write(ByteBuffer(bytes: last))
    }

    private func hasGate() async throws -> Bool {
        try await channel.eventLoop.submit { [channel] in
            (try? channel.pipeline.syncOperations.context(handlerType: FileGate.self)) != nil
        }.get()
    }

    private func copy(_ range: Range<Int>, to writer: inout any ResponseBodyWriter) async throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.piece) {
            let part = start..<min(start + Self.piece, range.upperBound)
            try await writer.write(ByteBuffer(bytes: try await FileStore.shared.read(part, of: file)))
        }
    }

    private func send(_ range: Range<Int>) async throws {
        guard let descriptor = file.duplicate() else { throw ChannelError.operationUnsupported }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        // A socket that is offered bytes which are no longer there would try for ever.
        let watch = channel.eventLoop.scheduleRepeatedTask(initialDelay: Self.watchInterval, delay: Self.watchInterval) {
            [file, channel] _ in
            if !file.isUnchanged { channel.abandon() }
        }
        var sending: EventLoopFuture<Void>?
        do {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.stretch) {
                let part = start..<min(start + Self.stretch, range.upperBound)
                try await FileStore.shared.fetch(part, of: file)
                let next = hand(FileRegion(fileHandle: handle, readerIndex: part.lowerBound, endIndex: part.upperBound))
                let before = sending
                sending = next
                try await finished(before)
            }
            try await finished(sending)
        } catch {
            // Nothing holds the descriptor once the connection is down.
            channel.abandon()
            try? await sending?.get()
            watch.cancel()
            try? handle.close()
            throw error
        }
        watch.cancel()
        try handle.close()
    }

    private func finished(_ sending: EventLoopFuture<Void>?) async throws {
        guard let sending else { return }
        try await withTaskCancellationHandler {
            try await sending.get()
        } onCancel: { [channel] in
            channel.abandon()
        }
    }

    /// Writes below HTTP's codec, which knows no files: the head has told the length, so that these bytes are the body as they are.
    private func hand(_ region: FileRegion) -> EventLoopFuture<Void> {
        channel.eventLoop.flatSubmit { [channel] in
            let written = channel.eventLoop.makePromise(of: Void.self)
            do {
                let context = try channel.pipeline.syncOperations.context(handlerType: FileGate.self)
                context.writeAndFlush(NIOAny(IOData.fileRegion(region)), promise: written)
            } catch {
                written.fail(error)
            }
            return written.futureResult
        }
    }
}

/// The place in a connection's pipeline, next to the socket, where regions of files enter it, and where it is closed: behind the last byte that was
/// written, which a slow client fetches in its own time.
final class FileGate: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .input else { return context.close(mode: mode, promise: promise) }
        // A write of nothing is done when all before it are.
        let written = context.eventLoop.makePromise(of: Void.self)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in context.value.close(mode: mode, promise: promise) }
        context.value.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: written)
    }
}

extension Channel {
    /// Closes at once, whatever is still to be sent.
    func abandon() {
        eventLoop.execute {
            guard let gate = try? self.pipeline.syncOperations.context(handlerType: FileGate.self) else { return self.close(promise: nil) }
            gate.close(mode: .all, promise: nil)
        }
    }
}
