import CPostgres
import Foundation
import Synchronization

/// A connection of its own that hears what other sessions tell by NOTIFY, on a thread of its own.
///
/// It lasts: when the connection breaks it makes another, until ``stop()``. What was told meanwhile is lost, so that who listens looks
/// again after each ``Event/connected``.
package final class PostgresListener: Sendable {
    package enum Event: Sendable {
        /// From here on everything is heard.
        case connected
        case told(String)
        case lost(PostgresError)
    }

    /// Written to when the thread shall end.
    private let bell: Int32
    private let ended = Mutex(false)

    /// - Parameters:
    ///   - opened: prepares each new connection, on the thread, such as with a lock that is to last as long as the connection. When it throws,
    ///     the connection is given up and tried again.
    ///   - heard: called on the thread, and to be brief.
    package init(
        uri: String, applicationName: String, channel: String, settings: [String: String] = [:],
        opened: @escaping @Sendable (PostgresSession) throws -> Void, heard: @escaping @Sendable (Event) -> Void
    ) {
        bell = eventfd(0, Int32(EFD_CLOEXEC))
        let thread = Thread { [bell] in
            while true {
                do throws(PostgresError) {
                    let session = try PostgresSession(uri: uri, applicationName: applicationName, settings: settings)
                    try session.execute("LISTEN \(Self.quoted(channel))")
                    do { try opened(session) } catch let error as PostgresError { throw error } catch {
                        throw PostgresError.unexpected("\(error)")
                    }
                    heard(.connected)
                    try Self.listen(session, bell: bell, heard: heard)
                    break
                } catch {
                    heard(.lost(error))
                    // The next try, or the end.
                    var wait = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
                    if poll(&wait, 1, 250) > 0 { break }
                }
            }
            close(bell)
        }
        thread.name = "postgres-listener"
        thread.start()
    }

    deinit {
        stop()
    }

    /// Ends the connection soon.
    package func stop() {
        let isFirst = ended.withLock { ended in
            defer { ended = true }
            return !ended
        }
        if isFirst { eventfd_write(bell, 1) }
    }

    /// Hands on what is heard until the bell rings.
    private static func listen(_ session: PostgresSession, bell: Int32, heard: (Event) -> Void) throws(PostgresError) {
        let connection = session.connection
        while true {
            while let notice = PQnotifies(connection) {
                if let text = notice.pointee.extra { heard(.told(String(cString: text))) }
                PQfreemem(notice)
            }
            var sockets = [
                pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&sockets, 2, 10_000)
            guard count >= 0 || errno == EINTR else { throw .unreachable("poll failed") }
            // A connection that only listens would not notice that it is dead.
            if count == 0 { try session.execute("SELECT 1") }
            if sockets[1].revents != 0 { return }
            if sockets[0].revents != 0, PQconsumeInput(connection) != 1 || PQstatus(connection) != CONNECTION_OK {
                throw .unreachable(String(cString: PQerrorMessage(connection)).trimmed)
            }
        }
    }

    /// A channel is an identifier.
    private static func quoted(_ name: String) -> String {
        var bytes = [UInt8(ascii: "\"")]
        for byte in name.utf8 { bytes += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
        return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}
