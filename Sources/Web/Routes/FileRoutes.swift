import Foundation
import Hummingbird
import Postgres
import TAPSchema

/// `/files/<name>`: progenitors, as they are on disk.
///
/// A name is looked up among the facts of the archive's files and never becomes part of a path.
struct FileRoutes: Sendable {
    let database: PostgresPool

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(":name", use: file)
        router.on(":name", method: .head, use: file)
    }

    @Sendable private func file(request: Request, context: ArchiveContext) async throws -> Response {
        let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
        let facts = try await database.withSession { try FileFacts.find(name: name, on: $0) }
        guard let facts else { throw Failure.notFound("there is no file \"\(name)\" in this archive") }
        return try await FileResponse(
            path: facts.location, size: facts.size, checksum: facts.checksum, mediaType: facts.format, name: facts.name
        ).response(to: request, context: context)
    }
}
