import CutMerge
import DataLink
import Foundation
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import TAP
import TableModel

/// Cut & Merge now, and what it would come to: `/datalink/cutmerge`, `/datalink/cutmerge/quote`.
struct ProductRoutes: Sendable {
    let finder: RowFinder
    let selections: Selections
    let cutMerge: CutMergeService
    let addresses: LinkAddresses
    let visitors: Visitors
    let jobs: JobService<ProductJob>
    /// Objects that a job may cut.
    let jobLimit: Int

    func add(to router: some RouterMethods<ArchiveContext>) {
        router.get(use: product)
        router.post(use: product)
        router.on("", method: .head, use: product)
        router.get("quote", use: quote)
        router.post("quote", use: quote)
    }

    // MARK: - The product

    /// The product of a selection, of ids in the request, or of the whole result of a client's query.
    @Sendable private func product(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        let with = try Self.relations(parameters)
        let token = try await finder.runsQuery(parameters) ? visitors.enter(request, context) : nil
        defer { withExtendedLifetime(token) {} }
        let marked = try await finder.rows(parameters, closing: request.method != .head)
        let product: ProductStore.Product
        do {
            product = try await untilHangUp { [cutMerge] in
                try await cutMerge.product(of: marked.identifiers, unreadable: marked.unreadable, query: marked.query, with: with)
            }
        } catch let error as CutMergeError where error.code == .tooMany {
            if case .selection(_, _, let id?) = marked.origin, let job = await jobs.stillUsable(id) {
                // Made for one, it is there for all who have the selection.
                guard LinkFormat.preferred(accept: request.headers[.accept]) == .html else { throw madeByJob(job.id) }
                return Response(status: .seeOther, headers: [.location: "\(addresses.cutMergeJobs)/\(job.id)"])
            }
            throw tooManyForNow(parameters)
        }
        if with.isEmpty, product.isComplete { await note(product, marked) }
        return try await FileResponse(
            path: product.path, size: product.size, checksum: product.checksum, mediaType: LinkAddresses.productType, name: product.name,
            // The same rows are another product when the archive has more of what belongs to them; the tag tells.
            lasts: false
        ).response(to: request, context: context)
    }

    /// So that links to the same rows tell the size from now on.
    private func note(_ product: ProductStore.Product, _ marked: MarkedRows) async {
        let made = MadeProduct(name: product.name, size: product.size)
        switch marked.origin {
        case .selection(let id, let known, _) where known != made: await selections.note(made, of: id)
        case .ids(let client?) where marked.count == 1:
            guard let row = marked.identifiers.first else { return }
            await selections.note(made, of: row, client: client)
        case .selection, .ids, .result: break
        }
    }

    /// What WITH names: `transits`, or several with commas between. Cuts that SODA has and this service has not are refused, since their
    /// absence from the product would not be seen.
    static func relations(_ parameters: TAP.Parameters) throws -> Set<String> {
        for cut in ["POS", "CIRCLE", "POLYGON", "RANGE", "BAND", "TIME", "POL"] where !parameters.all(cut).allSatisfy(\.isEmpty) {
            throw Failure(
                status: .badRequest,
                message: "UsageFault: \(cut) is not offered: objects are cut out whole; choose them by a query, and leave \(cut) out")
        }
        return Set(parameters.all("WITH").flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) })
    }

    private func tooManyForNow(_ parameters: TAP.Parameters) -> Failure {
        let limit = cutMerge.settings.objectLimit
        var failure = Failure(
            status: .contentTooLarge,
            message:
                "UsageFault: more objects were asked for than the \(limit) that are cut at once; send the same parameters and PHASE=RUN by POST to \(addresses.cutMergeJobs), where a job may cut \(jobLimit), or narrow the query down"
        )
        let fields = parameters.pairs.filter { !$0.value.isEmpty }
        // A page is no place for thousands of fields.
        if fields.count <= 100 {
            failure.detour = .init(
                label: "Make it as a job", action: addresses.cutMergeJobs,
                fields: fields.map { ($0.name, $0.value) } + [("PHASE", "RUN")])
        }
        return failure
    }

    private func madeByJob(_ id: String) -> Failure {
        Failure(
            status: .contentTooLarge,
            message:
                "UsageFault: the selection has more objects than the \(cutMerge.settings.objectLimit) that are cut at once; its product is the result of the job \(addresses.cutMergeJobs)/\(id)"
        )
    }

    // MARK: - The quote

    /// What Cut & Merge of the same parameters would come to, as JSON. Nothing is made, and no selection is closed.
    @Sendable private func quote(request: Request, context: ArchiveContext) async throws -> Response {
        var request = request
        let parameters = try await request.parameters(atMost: Request.mostIdentifiers)
        let with = try Self.relations(parameters)
        let token = try await finder.runsQuery(parameters) ? visitors.enter(request, context) : nil
        defer { withExtendedLifetime(token) {} }
        let marked = try await finder.rows(parameters)
        let quote = try await untilHangUp { [cutMerge] in
            try await cutMerge.quote(of: marked.identifiers, unreadable: marked.unreadable, query: marked.query, with: with)
        }
        return Response(json: QuoteDocument(quote, now: cutMerge.settings.objectLimit, job: jobLimit, addresses: addresses))
    }
}

extension JobService<ProductJob> {
    /// A job that was noted, where it has not failed and is not gone.
    fileprivate func stillUsable(_ id: String) async -> Job? {
        let job = try? await job(id, for: .anonymous(address: ""))
        return job.flatMap { [.error, .aborted].contains($0.phase) ? nil : $0 }
    }
}

/// A quote for programs.
struct QuoteDocument: Encodable {
    /// Where the product can be had: at once, as a job, or not at all because it is too large.
    enum Way: String, Encodable {
        case now, job, none
    }

    /// Rows that were asked for and are there; those that WITH adds are among them.
    var rows: Int
    var notFound: Int
    /// Left out by the archive's rules, as transits whose source is not selected.
    var dropped: Int
    var files: Int
    /// About; exactly where the product is made already.
    var bytes: Int
    var isMade: Bool
    /// About how long the making takes.
    var seconds: Double
    var way: Way
    /// Objects that are cut at once, and by a job.
    var limit: Int
    var jobLimit: Int
    var jobs: String

    init(_ quote: CutQuote, now limit: Int, job jobLimit: Int, addresses: LinkAddresses) {
        rows = quote.found
        notFound = quote.notFound
        dropped = quote.dropped
        files = quote.files
        bytes = quote.bytes
        isMade = quote.product != nil
        seconds = (quote.seconds * 1000).rounded() / 1000
        let objects = quote.found + quote.notFound + quote.dropped
        way = objects <= limit ? .now : objects <= jobLimit ? .job : .none
        self.limit = limit
        self.jobLimit = jobLimit
        jobs = addresses.cutMergeJobs
    }
}

extension Response {
    /// A document for programs, which is another in a moment.
    init(json document: some Encodable, status: HTTPResponse.Status = .ok) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, whole dates and finite numbers always encode.
        let data = (try? encoder.encode(document)) ?? Data("{}".utf8)
        self.init(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store", .vary: "Accept"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
