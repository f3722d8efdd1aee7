import Glibc
package import HummingbirdCore
package import Logging
package import NIOCore

/// An HTTP/1.1 connection that notices at once when its client hangs up, also while an answer is being worked out, and hangs up itself on a
/// client that has stopped to read.
///
/// Its requests are answered on its event loop (``LoopExecutor``).
///
/// Hummingbird reads ahead while a request is answered, so the end of what a client sends arrives as an event in the channel. Its own
/// `consumeWithInboundCloseHandler` costs a connection its next request; this does not.
package struct WatchedConnection: ServerChildChannel {
    package struct Value: ServerChildChannelValue {
        fileprivate let http: HTTP1Channel
        fileprivate let value: HTTP1Channel.Value
        fileprivate let hangUp: HangUp
        package var channel: any Channel { value.channel }
    }

    /// Bytes that the kernel takes before the network does: little, since who reads nothing is noticed once this is full.
    /// The kernel's own measure is megabytes, for each slow reader; what is under way to a fast one does not count.
    fileprivate static let unsentBytes = 128 * 1024

    private let responder: HTTPChannelHandler.Responder
    private let stallLimit: Duration

    /// - Parameter stallLimit: how long a client may take nothing of what is there for it.
    package init(stallLimit: Duration, responder: @escaping HTTPChannelHandler.Responder) {
        self.responder = responder
        self.stallLimit = stallLimit
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let hangUp = HangUp(on: LoopExecutor(channel.eventLoop))
        let stallLimit = TimeAmount(stallLimit)
        let http = HTTP1Channel(
            responder: responder,
            configuration: .init(additionalChannelHandlers: [HangUpHandler(hangUp, stallLimit: stallLimit, logger: logger)]))
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(FileGate())
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }.map { Value(http: http, value: $0, hangUp: hangUp) }
    }

    package func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(value.hangUp.executor) {
            await HangUp.$current.withValue(value.hangUp) {
                await value.http.handle(value: value.value, logger: logger)
            }
        }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 whose requests know when their client hangs up.
    ///
    /// - Parameter stallLimit: how long a client may take nothing of an answer.
    package static func watched(stallLimit: Duration) -> Self {
        .init { WatchedConnection(stallLimit: stallLimit, responder: $0) }
    }
}

/// Sees a connection's input end, or the connection itself, and ends one whose client has stopped to read.
// Handlers live on their connection's event loop.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private(set) var hangUp: HangUp?
    /// A stream of HTTP/2 has been sent whole as soon as its request is there, and lives on.
    private var isStream = false
    private let stallLimit: TimeAmount
    private let logger: Logger
    /// What waits for the client without room for more, and since when it is as much.
    private var backlog: (bytes: Int, since: NIODeadline)?
    private var isLooking = false

    /// - Parameter hangUp: whom to tell; nil for one that the handler makes when it comes to its channel.
    init(_ hangUp: HangUp? = nil, stallLimit: TimeAmount, logger: Logger) {
        self.hangUp = hangUp
        self.stallLimit = stallLimit
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // A connection's parent listens, and a stream's is the connection.
        isStream = context.channel.parent?.parent != nil
        // Where the kernel knows no such bound, it keeps its own.
        _ = (isStream ? context.channel.parent : context.channel)?
            .setOption(.tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), value: WatchedConnection.unsentBytes)
        if hangUp == nil { hangUp = HangUp(on: LoopExecutor(context.eventLoop)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isStream, let event = event as? ChannelEvent, event == .inputClosed { hangUp?.happen() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        backlog = context.channel.isWritable ? nil : (waitingBytes(context), .now())
        if backlog != nil, !isLooking { look(again: context) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        backlog = nil
        hangUp?.happen()
        context.fireChannelInactive()
    }

    /// Looks four times in the time that a client has.
    private func look(again context: ChannelHandlerContext) {
        isLooking = true
        context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(stallLimit.nanoseconds / 4)) { [self] in
            isLooking = false
            guard let backlog else { return }
            let bytes = waitingBytes(context)
            if bytes != backlog.bytes { self.backlog = (bytes, .now()) }
            if bytes != backlog.bytes || .now() < backlog.since + stallLimit { return look(again: context) }
            logger.notice("hung up on a client that had stopped to read")
            // A stream of HTTP/2 ends with a message that nobody fetches either, where its whole connection has stopped.
            var channel = context.channel
            if isStream, let connection = channel.parent, !connection.isWritable { channel = connection }
            // Bytes that nobody fetches would stay with the kernel for many minutes.
            _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            channel.abandon()
        }
    }

    /// Of a stream of HTTP/2, what waits in its connection.
    private func waitingBytes(_ context: ChannelHandlerContext) -> Int {
        let channel = isStream ? context.channel.parent ?? context.channel : context.channel
        return (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
