import CutMerge
import DataLink
import Foundation
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Postgres
import TAP
import Uploads
import VOTable

/// UWS jobs of one kind below one address (UWS 1.1 §2.2): the list, a job, and what belongs to it.
struct JobRoutes<Work: JobWork>: Sendable {
    /// Reads what a request gives a job: its parameters, and what its work keeps of what came with them.
    typealias Reading = @Sendable (inout Request, ArchiveContext) async throws -> ([JobParameter], Work.Payload?)

    let jobs: JobService<Work>
    let documents: JobDocument
    let pages: JobPage
    let visitors: Visitors
    let given: Reading
    /// Told of each new job.
    let created: @Sendable (Job) async -> Void

    /// - Parameters:
    ///   - base: the list's own address.
    ///   - home: the archive's front page.
    ///   - unit: what the jobs' progress counts.
    init(
        jobs: JobService<Work>, visitors: Visitors, base: String, home: String, counting unit: JobDocument.Unit = .rows,
        given: @escaping Reading, created: @escaping @Sendable (Job) async -> Void = { _ in }
    ) {
        self.jobs = jobs
        self.visitors = visitors
        self.given = given
        self.created = created
        documents = JobDocument(base: base, counting: unit)
        pages = JobPage(base: base, home: home, counting: unit)
    }

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(use: list)
        router.post(use: create)
        router.get(":job", use: show)
        router.post(":job", use: change)
        router.delete(":job", use: delete)
        router.get(":job/phase", use: text { $0.phase.rawValue })
        router.post(":job/phase", use: setPhase)
        router.get(":job/executionduration", use: text { String($0.executionDuration) })
        router.post(":job/executionduration", use: setExecutionDuration)
        router.get(":job/destruction", use: text { $0.times.destruction })
        router.post(":job/destruction", use: setDestruction)
        router.get(":job/quote", use: text { $0.times.quote ?? "" })
        router.get(":job/owner", use: text { $0.client.owner ?? "" })
        router.get(":job/parameters", use: document { documents.parameters(of: $0) })
        router.post(":job/parameters", use: setParameters)
        router.get(":job/results", use: document { documents.results(of: $0) })
        router.get(":job/results/result", use: result)
        router.on(":job/results/result", method: .head, use: result)
        router.get(":job/error", use: error)
    }

    private typealias Handler = @Sendable (Request, ArchiveContext) async throws -> Response

    // MARK: - The list

    @Sendable private func list(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters()
        let filter = try JobFilter(
            phases: parameters.all("PHASE").filter { !$0.isEmpty }, after: try parameters.single("AFTER"),
            last: try parameters.single("LAST"))
        let found = try await jobs.list(filter, of: client(request, context))
        return isForPeople(request) ? Response(freshPage: pages.list(found)) : Response(fresh: documents.list(found))
    }

    @Sendable private func create(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let (parameters, brought) = try await given(&request, context)
        do {
            let job = try await jobs.create(parameters, brought: brought, by: client(request, context))
            await created(job)
            return see(job.id)
        } catch {
            // After a lost connection the job may be there all the same; then what was brought is its own, else it is swept.
            if (error as? PostgresError)?.isConnectionFailure != true { await jobs.forget(brought) }
            throw error
        }
    }

    // MARK: - A job

    /// With WAIT, once the phase is another, or the time is over (UWS 1.1 §2.2.1.1).
    @Sendable private func show(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters()
        let id = id(context)
        let client = client(request, context)
        guard let text = try parameters.single("WAIT") else {
            return answer(try await jobs.job(id, for: client), to: request)
        }
        guard let seconds = Int(text), seconds >= -1 else {
            throw Failure.badForm("WAIT=\(text.prefix(80)) can't be read; it is a number of seconds, or -1")
        }
        let phase = try JobFilter(phases: parameters.all("PHASE").filter { !$0.isEmpty }).phases.first
        return answer(
            try await untilHangUp { [jobs] in try await jobs.wait(for: id, seconds: seconds, phase: phase, by: client) }, to: request)
    }

    private func answer(_ job: Job, to request: Request) -> Response {
        isForPeople(request) ? Response(freshPage: pages.job(job)) : Response(fresh: documents.job(job))
    }

    /// ACTION=DELETE; PHASE and parameters are taken here too, as some clients send them.
    @Sendable private func change(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        // A form with tables has other things to say.
        if request.headers[.contentType]?.lowercased().hasPrefix("multipart/") == true {
            return try await setParameters(request: request, context: context)
        }
        let parameters = try await request.parameters()
        guard let action = try parameters.single("ACTION") else {
            if parameters.pairs.count == 1, !parameters.all("PHASE").isEmpty {
                return try await setPhase(request: request, context: context)
            }
            return try await setParameters(request: request, context: context)
        }
        guard action.uppercased() == "DELETE" else { throw Failure.badForm("ACTION=\(action.prefix(80)) is not offered; it can be DELETE") }
        return try await delete(request: request, context: context)
    }

    @Sendable private func delete(request: Request, context: ArchiveContext) async throws -> Response {
        try await jobs.delete(id(context), by: client(request, context))
        return Response(status: .seeOther, headers: [.location: documents.list])
    }

    // MARK: - What can be set

    @Sendable private func setPhase(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let wish = try JobRequest.wish(try await request.parameters().single("PHASE"))
        try await jobs.setPhase(id(context), wish, by: client(request, context))
        return see(id(context))
    }

    @Sendable private func setExecutionDuration(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let seconds = try JobRequest.seconds(try await request.parameters().single("EXECUTIONDURATION"))
        try await jobs.setExecutionDuration(id(context), seconds, by: client(request, context))
        return see(id(context))
    }

    @Sendable private func setDestruction(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        guard let moment = try await request.parameters().single("DESTRUCTION") else {
            throw Failure.badForm("the parameter DESTRUCTION is missing; it is a time such as 2026-01-31T12:00:00Z")
        }
        try await jobs.setDestruction(id(context), moment, by: client(request, context))
        return see(id(context))
    }

    @Sendable private func setParameters(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let (parameters, brought) = try await given(&request, context)
        do {
            _ = try await jobs.change(id(context), parameters, brought: brought, by: client(request, context))
            return see(id(context))
        } catch {
            // After a lost connection the job may be there all the same; then what was brought is its own, else it is swept.
            if (error as? PostgresError)?.isConnectionFailure != true { await jobs.forget(brought) }
            throw error
        }
    }

    // MARK: - What came of it

    @Sendable private func result(request: Request, context: ArchiveContext) async throws -> Response {
        let job = try await jobs.job(id(context), for: client(request, context))
        let path = try jobs.resultPath(of: job)
        guard let result = job.result else { throw Failure.notFound("the job has no result") }
        return try await FileResponse(
            path: path, size: result.size, checksum: result.checksum, mediaType: result.summary.mediaType,
            name: result.summary.isNamedAlike ? "\(job.id).\(result.summary.fileName)" : result.summary.fileName, lasts: false,
            isShown: result.summary.mediaType.hasPrefix("text/html")
        ).response(to: request, context: context)
    }

    /// A VOTable that carries the message (TAP 1.1 §2.7.4).
    @Sendable private func error(request: Request, context: ArchiveContext) async throws -> Response {
        let fault = try jobs.fault(of: try await jobs.job(id(context), for: client(request, context)))
        return Response(
            status: .ok, headers: [.contentType: "application/x-votable+xml", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: VOTableDocument.error(fault.message)))
    }

    private func text(_ value: @escaping @Sendable (Job) -> String) -> Handler {
        { request, context in
            let job = try await jobs.job(id(context), for: client(request, context))
            return Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: value(job))))
        }
    }

    private func document(_ value: @escaping @Sendable (Job) -> ByteBuffer) -> Handler {
        { request, context in Response(fresh: value(try await jobs.job(id(context), for: client(request, context)))) }
    }

    // MARK: - Requests

    private func id(_ context: ArchiveContext) -> String {
        context.parameters.get("job")?.removingPercentEncoding ?? ""
    }

    private func client(_ request: Request, _ context: ArchiveContext) -> JobClient {
        .anonymous(address: visitors.client(of: request, context))
    }

    private func isForPeople(_ request: Request) -> Bool {
        LinkFormat.preferred(accept: request.headers[.accept]) == .html
    }

    private func see(_ id: String) -> Response {
        Response(status: .seeOther, headers: [.location: documents.address(of: id)])
    }
}

extension Response {
    /// A document that is another in a moment.
    fileprivate init(fresh document: ByteBuffer) {
        self.init(
            status: .ok, headers: [.contentType: "text/xml; charset=UTF-8", .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: document))
    }

    fileprivate init(freshPage page: ByteBuffer) {
        self.init(page: page)
        headers[.cacheControl] = "no-cache"
        headers[.vary] = "Accept"
    }
}

extension JobRoutes<QueryJob> {
    /// Jobs of TAP: their parameters, and the tables that came with them, which are in the database by then.
    static func reading(_ uploads: UploadDesk) -> Reading {
        { request, _ in
            let incoming = uploads.newRequest()
            let (parameters, parts) = try await request.parameters(uploads: incoming, isLasting: true)
            let tables = try await incoming.receive(parameters.all("UPLOAD"), parts: parts, isLasting: true)
            return (parameters.pairs.map { JobParameter($0.name, $0.value) }, tables.isEmpty ? nil : QueryJob.Payload(uploads: tables))
        }
    }
}

extension JobRoutes<ProductJob> {
    /// Jobs of Cut & Merge: their parameters, and the rows that these stand for, which are written down by then.
    ///
    /// - Parameter limit: objects that a job may cut.
    static func reading(_ finder: RowFinder, uploads: UploadDesk, visitors: Visitors, limit: Int) -> Reading {
        { request, context in
            let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
            _ = try ProductRoutes.relations(parameters)
            var kept = parameters.pairs.map { JobParameter($0.name, $0.value) }
            guard finder.isAsked(parameters) else { return (kept, nil) }
            let token = try await finder.runsQuery(parameters) ? visitors.enter(request, context) : nil
            defer { withExtendedLifetime(token) {} }
            let marked = try await finder.rows(parameters, closing: true)
            guard marked.count <= limit else {
                throw Failure(
                    status: .contentTooLarge,
                    message:
                        "UsageFault: more objects were asked for than the \(limit) that a job may cut; ask for them in parts, or narrow the query down"
                )
            }
            // A job's document is read again and again; the rows stand elsewhere.
            if parameters.all("ID").count > mostListed {
                kept.removeAll { $0.name.uppercased() == "ID" }
                kept.append(JobParameter("ID", "\(parameters.all("ID").count) identifiers"))
            }
            return (
                kept,
                try await ProductJob.payload(
                    rows: marked.identifiers, unreadable: marked.unreadable, query: marked.query, uploads: uploads)
            )
        }
    }

    /// Has a selection know the job that makes its product, so that who asks for that is led to the job.
    static func noting(_ selections: Selections) -> @Sendable (Job) async -> Void {
        { job in
            let parameters = job.parameters.filter { !$0.value.isEmpty }
            guard !parameters.contains(where: { $0.name.uppercased() == "WITH" }),
                let selection = parameters.first(where: { $0.name.lowercased() == "selection" }).flatMap({ UUID(uuidString: $0.value) })
            else { return }
            await selections.note(job: job.id, of: selection)
        }
    }

    /// Identifiers that a job lists among its parameters.
    private static var mostListed: Int { 100 }
}
