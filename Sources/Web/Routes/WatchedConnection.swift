package import HummingbirdCore
package import Logging
package import NIOCore

/// An HTTP/1.1 connection that notices at once when its client hangs up, also while an answer is being worked out.
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

    private let responder: HTTPChannelHandler.Responder

    package init(responder: @escaping HTTPChannelHandler.Responder) {
        self.responder = responder
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let hangUp = HangUp(on: LoopExecutor(channel.eventLoop))
        let http = HTTP1Channel(responder: responder, configuration: .init(additionalChannelHandlers: [HangUpHandler(hangUp)]))
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
    package static var watched: Self { .init { WatchedConnection(responder: $0) } }
}

/// Sees a connection's input end, or the connection itself.
// Handlers live on their connection's event loop.
private final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let hangUp: HangUp

    init(_ hangUp: HangUp) {
        self.hangUp = hangUp
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { hangUp.happen() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        hangUp.happen()
        context.fireChannelInactive()
    }
}
