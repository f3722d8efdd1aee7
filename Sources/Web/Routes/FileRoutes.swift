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
        guard let facts = try await find(name) else {
            throw Failure.notFound(
                "there is no file \"\(name.prefix(200))\" in this archive; the link tables of its rows name those that there are")
        }
        return try await FileResponse(
            path: facts.location, size: facts.size, checksum: facts.checksum, mediaType: facts.format, name: facts.name,
            taken: facts.recorded
        ).response(to: request, context: context)
    }

    private func find(_ name: String) async throws -> FileFacts? {
        // PostgreSQL's texts hold no NUL, and no file's name is so long.
        guard !name.isEmpty, name.utf8.count <= 1024, !name.utf8.contains(0) else { return nil }
        return try await database.withSession { try FileFacts.find(name: name, on: $0) }
    }
}
