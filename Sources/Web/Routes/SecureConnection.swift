package import HummingbirdCore
import HummingbirdHTTP2
package import Logging
import NIOCore
import NIOSSL

extension HTTPServerBuilder {
    /// HTTP over TLS: HTTP/2 with clients that offer it (ALPN, RFC 7301), HTTP/1.1 with the others.
    ///
    /// Each stream of HTTP/2 is answered as a connection of HTTP/1.1 is: on its event loop, and with an eye on whether its client still wants it.
    /// - Parameter stallLimit: how long a client may take nothing of an answer.
    package static func secure(_ identity: ServerIdentity, stallLimit: Duration, logger: Logger) -> Self {
        let stallLimit = TimeAmount(stallLimit)
        let handlers = HTTP1Channel.Configuration(additionalChannelHandlers: [HangUpHandler(stallLimit: stallLimit, logger: logger)])
        return .init { responder in
            try HTTP2UpgradeChannel(tlsConfiguration: identity.configuration, configuration: .init(streamConfiguration: handlers)) {
                request, writer, channel in
                let hangUp = try await channel.pipeline.handler(type: HangUpHandler.self).map(\.hangUp).get()
                // It is handed on once.
                var writer: ResponseWriter? = consume writer
                try await withTaskExecutorPreference(hangUp?.executor) {
                    try await HangUp.$current.withValue(hangUp) {
                        guard let writer = writer.take() else { return }
                        try await responder(request, writer, channel)
                    }
                }
            }
        }
    }
}

/// What the server shows of itself to clients: a certificate with its chain, and the key to it.
package struct ServerIdentity: Sendable {
    let configuration: TLSConfiguration

    /// - Parameters:
    ///   - certificate: path of a PEM file: the server's own certificate first, then those that vouch for it.
    ///   - key: path of a PEM file.
    /// - Throws: what NIOSSL has against them, also when the two do not belong together.
    package init(certificate: String, key: String) throws {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        _ = try NIOSSLContext(configuration: configuration)
        self.configuration = configuration
    }
}
