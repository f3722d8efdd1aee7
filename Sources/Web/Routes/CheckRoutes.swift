import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TAP

/// `/tap/adql/check`: what is wrong with a query and what it would give, as JSON for editors. Nothing runs.
struct CheckRoutes: Sendable {
    let inspector: QueryInspector

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get("check", use: check)
        router.post("check", use: check)
    }

    /// An error of the query is a good answer to the question whether it has one, so its status is 200; 400 is for a request that asks nothing.
    @Sendable private func check(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let query: WrittenQuery
        do {
            query = try WrittenQuery(await request.parameters())
        } catch let error as TAPError {
            return Response(json: QueryVerdict(error).json, status: .badRequest)
        }
        let inspection = try await untilHangUp { [inspector] in try await inspector.inspect(query) }
        return Response(json: QueryVerdict(inspection).json)
    }
}

extension Response {
    /// An answer for programs that is true for the moment.
    init(json: Data, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}
