import CutMerge
import DataLink
import Files
import HTTPTypes
import Hummingbird
import Jobs
import Logging
import NIOCore
import Pages
import Postgres
import TAP
import Uploads
import VOTable
import XML

/// Why a request fails, as HTTP says it: the one table of failures.
///
/// Rooms below know nothing of HTTP; here each of their errors gets its status and the form that the client reads: a VOTable with
/// QUERY_STATUS ERROR from the services of the VO (DALI 1.1 §4.4.2), plain text elsewhere.
struct Failure: Error, HTTPResponseError {
    enum Form: Sendable {
        case votable, text
    }

    var status: HTTPResponse.Status
    var message: String
    var form: Form = .votable
    /// Seconds after which the same request may succeed.
    var retryAfter: Int?
    /// The methods that the address has, for 405.
    var allow: String?
    /// The archive's front page, where it is known.
    var home = "/"
    /// Another way to the same end, for whoever sits at a browser.
    var detour: Detour?

    /// A form that a button sends by POST.
    struct Detour: Sendable {
        var label: String
        var action: String
        var fields: [(name: String, value: String)]
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers = HTTPFields()
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let allow { headers[.allow] = allow }
        let body: ByteBuffer
        if LinkFormat.preferred(accept: request.headers[.accept]) == .html {
            headers[.contentType] = "text/html; charset=utf-8"
            headers[.vary] = "Accept"
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: page(for: request)))
        }
        switch form {
        case .votable:
            headers[.contentType] = "application/x-votable+xml"
            body = VOTableDocument.error(message)
        case .text:
            headers[.contentType] = "text/plain; charset=utf-8"
            body = ByteBuffer(string: message + "\n")
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}

extension Failure {
    /// The message for whoever sits at a browser, and the ways on.
    private func page(for request: Request) -> ByteBuffer {
        let query = request.sent("QUERY")
        return HTMLPage(title: title, home: home).write { writer in
            writer.element("section", ["class": "card fault", "role": "alert"]) { writer in
                writer.fault(message)
            }
            if let retryAfter { writer.element("p", text: "The same request may succeed in \(Self.time(retryAfter)).") }
            writer.element("div", ["class": "actions"]) { writer in
                if let detour {
                    writer.element("form", ["method": "post", "action": detour.action]) { writer in
                        for field in detour.fields { writer.hidden(field.name, field.value) }
                        writer.element("button", ["class": "primary"], text: detour.label)
                    }
                }
                let shape = detour == nil ? "button primary" : "button"
                if let query, let address = PageLink.edit(query, home: home) {
                    writer.element("a", ["class": shape, "href": address], text: "Edit the query")
                } else {
                    writer.element("a", ["class": shape, "href": home], text: "To the front page")
                }
            }
        }
    }

    private var title: String {
        switch status {
        case .notFound: "Not found"
        case .requestTimeout: "That took too long"
        case .contentTooLarge: "That is too large"
        case .tooManyRequests: "Too many at a time"
        case .serviceUnavailable: "Not at the moment"
        case .internalServerError: "A fault of the service"
        default: "That did not work"
        }
    }

    private static func time(_ seconds: Int) -> String {
        seconds < 120 ? "\(seconds) seconds" : "\(seconds / 60) minutes"
    }

    /// An error of the TAP service.
    init(_ error: TAPError) {
        switch error.kind {
        case .usage: self.init(status: .badRequest, message: error.message)
        case .busy: self.init(status: .serviceUnavailable, message: error.message, retryAfter: 5)
        case .tooSlow: self.init(status: .requestTimeout, message: error.message)
        case .internalFault: self.init(status: .internalServerError, message: error.message)
        }
    }

    /// An upload that is not taken.
    init(_ error: UploadError) {
        switch error.kind {
        case .usage: self.init(status: .badRequest, message: error.message)
        case .tooLarge: self.init(status: .contentTooLarge, message: error.message)
        case .busy: self.init(status: .serviceUnavailable, message: error.message, retryAfter: 30)
        case .internalFault: self.init(status: .internalServerError, message: error.message)
        }
    }

    /// An error of the links service.
    init(_ error: LinkError) {
        switch error.fault {
        case .usage: self.init(status: .badRequest, message: error.description)
        case .transient: self.init(status: .serviceUnavailable, message: error.description, retryAfter: 30)
        }
    }

    /// An error around selections.
    init(_ error: SelectionError) {
        switch error.code {
        case .unknown: self.init(status: .notFound, message: "NotFoundFault: \(error)")
        case .closed: self.init(status: .conflict, message: "UsageFault: \(error)")
        case .full: self.init(status: .contentTooLarge, message: "UsageFault: \(error)")
        case .unavailable: self.init(status: .serviceUnavailable, message: "TransientFault: \(error)", retryAfter: 5)
        }
    }

    /// An error of Cut & Merge.
    init(_ error: CutMergeError) {
        switch error.code {
        case .nothingAsked: self.init(status: .badRequest, message: "UsageFault: \(error)")
        case .nothingCut: self.init(status: .notFound, message: "NotFoundFault: \(error)")
        case .unknownRelation: self.init(status: .badRequest, message: "UsageFault: \(error)")
        case .tooMany, .tooLarge: self.init(status: .contentTooLarge, message: "UsageFault: \(error)")
        case .busy: self.init(status: .serviceUnavailable, message: "TransientFault: \(error)", retryAfter: 60)
        case .cancelled: self.init(status: .serviceUnavailable, message: "TransientFault: \(error)", retryAfter: 5)
        case .notWritten: self.init(status: .serviceUnavailable, message: "TransientFault: \(error)", retryAfter: 600)
        case .noWorker: self.init(status: .serviceUnavailable, message: "TransientFault: \(error)", retryAfter: 60)
        case .tookTooLong, .crashed, .attributeTaken: self.init(status: .internalServerError, message: "FatalFault: \(error)")
        }
    }

    /// An error of a file that is handed out.
    init(_ error: FileError) {
        self.init(
            status: .serviceUnavailable, message: error.message, form: .text, retryAfter: error.code == .underVerification ? 60 : 600)
    }

    /// An error around jobs; UWS leaves the form open, and its clients show text.
    init(_ error: JobsError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .unknown, .absent: .notFound
            case .forbidden, .wrongPhase: .forbidden
            case .conflict: .conflict
            case .usage: .badRequest
            }
        self.init(status: status, message: error.message, form: .text)
    }

    static func tooLarge(limit: Int) -> Self {
        Self(status: .contentTooLarge, message: "the body of the request is larger than \(limit) bytes, the limit of this service")
    }

    /// - Parameter queries: how many of one client are answered at the same time.
    static func tooManyQueries(_ queries: Int) -> Self {
        Self(
            status: .tooManyRequests,
            message:
                "\(queries) queries of yours are being answered, as many as this service answers one client at the same time; wait until one has ended",
            retryAfter: 2)
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method, allow: String) -> Self {
        Self(
            status: .methodNotAllowed, message: "\(method.rawValue) is not possible at this address; it answers to \(allow)", form: .text,
            allow: allow)
    }

    static func badForm(_ reason: String) -> Self {
        Self(status: .badRequest, message: reason)
    }

    static func notFound(_ what: String) -> Self {
        Self(status: .notFound, message: what, form: .text)
    }

    /// Gives any error of the rooms below its status; what nobody foresaw is logged and answered with 500.
    static func from(_ error: any Error, logger: Logger) -> any Error {
        switch error {
        case let failure as Failure: return failure
        case let error as TAPError:
            if let internals = error.internals {
                logger.log(
                    level: error.kind == .internalFault ? .error : .info, "a query failed",
                    metadata: ["code": "\(error.code)", "internals": "\(internals)"])
            }
            return Failure(error)
        case let error as UploadError:
            if let internals = error.internals { logger.warning("an upload failed", metadata: ["internals": "\(internals)"]) }
            return Failure(error)
        case let error as LinkError:
            if let cause = error.cause { logger.warning("links can't be made", metadata: ["cause": "\(cause)"]) }
            return Failure(error)
        case let error as SelectionError: return Failure(error)
        case let error as JobsError: return Failure(error)
        case let error as CutMergeError:
            if let detail = error.detail { logger.warning("a product was not made", metadata: ["detail": "\(detail)"]) }
            return Failure(error)
        case let error as PostgresError:
            // A look-up around a query, not the query itself.
            return Failure.from(TAPError(error, timeLimit: nil), logger: logger)
        case let error as HTTPError where error.status == .notFound && error.body == nil:
            return Failure.notFound(
                "there is nothing at this address for this method; the archive's front page is at /, its TAP service at /tap")
        case is CancellationError, is any HTTPResponseError: return error
        default:
            logger.error("a request failed", metadata: ["error": "\(error)"])
            return Failure(
                status: .internalServerError,
                message: "the service failed at this request; that is a fault of the service, and it has been noted")
        }
    }
}
