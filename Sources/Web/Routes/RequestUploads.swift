import HTTPTypes
import Hummingbird
import NIOCore
import TAP
import Uploads

extension Request {
    /// The parameters of a request that may bring tables, and the parts of its form that may be such, read as they arrive.
    ///
    /// A part is a table when UPLOAD has named it before, or when it comes as a file; everything else is a parameter's value. The parts may
    /// come in any order.
    mutating func parameters(
        uploads: UploadRequest, isLasting: Bool, atMost limit: Int = mostParameters
    ) async throws -> (TAP.Parameters, [UploadPart]) {
        guard method == .post, let type = headers[.contentType],
            type.split(separator: ";").first?.trimmingPrefix(while: \.isWhitespace).lowercased() == "multipart/form-data"
        else {
            let parameters = try await parameters(atMost: limit)
            return (parameters, Self.valuesAsParts(parameters.pairs, [], parameters.all("UPLOAD"), uploads, isLasting: isLasting))
        }
        guard let boundary = MultipartReader.parameter("boundary", of: type[...]), (1...200).contains(boundary.utf8.count) else {
            throw Failure.badForm("the multipart body names no boundary")
        }
        var form = UploadForm(
            pairs: try Self.decode(form: uri.query ?? "", atMost: limit), uploads: uploads, isLasting: isLasting, limit: limit)
        var reader = MultipartReader(boundary: boundary)
        do {
            for try await buffer in body {
                for event in try reader.feed(buffer.readableBytesView) { try await form.take(event) }
            }
            guard reader.isComplete else { throw Failure.badForm("the multipart body ends before its last boundary") }
        } catch {
            form.breakOff()
            throw error
        }
        // The body is used up; whoever watches the connection from here on finds it so.
        body = RequestBody(buffer: ByteBuffer())
        let parameters = TAP.Parameters(form.pairs)
        return (parameters, Self.valuesAsParts(form.pairs, form.parts, parameters.all("UPLOAD"), uploads, isLasting: isLasting))
    }

    /// A table may also come as a plain value, ahead of the UPLOAD that names it.
    private static func valuesAsParts(
        _ pairs: [(String, String)], _ parts: [UploadPart], _ uploads: [String], _ request: UploadRequest, isLasting: Bool
    ) -> [UploadPart] {
        guard !uploads.isEmpty else { return parts }
        var parts = parts
        var names = Set(parts.map(\.name))
        for (name, value) in pairs where !UploadForm.isParameter(name) && names.insert(name).inserted {
            let intake = request.intake(isLasting: isLasting)
            intake.fill(ByteBuffer(string: value))
            parts.append(UploadPart(name: name, intake: intake))
        }
        return parts
    }
}

/// The parts of one form as they come.
private struct UploadForm {
    var pairs: [(String, String)]
    var parts: [UploadPart] = []
    private let uploads: UploadRequest
    private let isLasting: Bool
    /// Parameters that the form may have.
    private let limit: Int
    private var current = Current.none
    /// The parts that UPLOAD has named so far.
    private var named: Set<String>
    /// Bytes of all values of parameters.
    private var valueBytes = 0

    private static let mostTables = 100

    private static let largestValues = 32 * 1024 * 1024
    /// Bytes of refused tables so far, and how many of them are read for the sake of clients that hear an answer only at the end.
    private var refusedBytes = 0
    private static let mostRefused = 256 * 1024 * 1024

    private enum Current {
        case none
        case value(String, [UInt8])
        case table(UploadIntake)
    }

    init(pairs: [(String, String)], uploads: UploadRequest, isLasting: Bool, limit: Int) {
        self.limit = limit
        self.pairs = pairs
        self.uploads = uploads
        self.isLasting = isLasting
        named = Set(pairs.filter { $0.0.uppercased() == "UPLOAD" }.flatMap { UploadRequest.parts(namedIn: $0.1) })
    }

    mutating func take(_ event: MultipartReader.Event) async throws {
        switch event {
        case .begin(let part):
            guard isTable(part) else {
                current = .value(part.name, [])
                return
            }
            guard parts.count < Self.mostTables else { throw Failure.badForm("the form has more than \(Self.mostTables) tables") }
            let intake = uploads.intake(isLasting: isLasting)
            parts.append(UploadPart(name: part.name, intake: intake))
            current = .table(intake)
        case .content(let bytes):
            switch current {
            case .none: break
            case .value(let name, var value):
                current = .none
                valueBytes += bytes.count
                guard valueBytes <= Self.largestValues else { throw Failure.tooLarge(limit: Self.largestValues) }
                value.append(contentsOf: bytes)
                current = .value(name, value)
            // A table that is refused is read to its end all the same: many clients hear an answer only then.
            case .table(let intake):
                guard await !intake.write(ByteBuffer(bytes: bytes)) else { return }
                // Whoever sends so slowly is not heard to the end.
                guard !intake.hasStalled else { throw Failure.cameTooSlowly }
                refusedBytes += bytes.count
                guard refusedBytes <= Self.mostRefused else { throw Failure.tooLarge(limit: Self.mostRefused) }
            }
        case .end:
            switch current {
            case .none: break
            case .value(let name, let value): try add(name, String(decoding: value, as: UTF8.self))
            case .table(let intake):
                guard !intake.hasStalled else { throw Failure.cameTooSlowly }
                intake.end()
            }
            current = .none
        }
    }

    /// Drops what has come, also what is in the database already or on its way there, while the client has its answer.
    func breakOff() {
        for part in parts { part.intake.abandon() }
        Task { [uploads, parts] in await uploads.clear(parts) }
    }

    private mutating func add(_ name: String, _ value: String) throws {
        guard pairs.count < limit else { throw Failure.tooManyParameters(limit: limit) }
        pairs.append((name, value))
        if name.uppercased() == "UPLOAD" { named.formUnion(UploadRequest.parts(namedIn: value)) }
    }

    private func isTable(_ part: MultipartReader.Part) -> Bool {
        named.contains(part.name) || part.filename != nil && !Self.isParameter(part.name)
    }

    /// What a part of that name is, unless UPLOAD says otherwise.
    static func isParameter(_ name: String) -> Bool {
        [
            "REQUEST", "LANG", "QUERY", "FORMAT", "RESPONSEFORMAT", "MAXREC", "RUNID", "UPLOAD", "VERSION", "PHASE", "ACTION",
            "DESTRUCTION",
            "EXECUTIONDURATION",
        ].contains(name.uppercased())
    }
}

extension Failure {
    fileprivate static let cameTooSlowly = Self(
        status: .requestTimeout, message: "an uploaded table came too slowly, or nothing came for a while; send it again")
}
