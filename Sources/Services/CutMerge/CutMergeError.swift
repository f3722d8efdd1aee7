import HDF5

/// Why no product was made.
package struct CutMergeError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, Codable {
        /// Not one object could be cut.
        case nothingCut
        case cancelled
        /// The product could not be written.
        case notWritten
        case attributeTaken
        case nothingAsked
        case tooMany
        /// More bytes than a product may have.
        case tooLarge
        case unknownRelation
        /// Too many others wait for their products.
        case busy
        /// The time limit was reached.
        case tookTooLong
        /// The process that cuts can't be started.
        case noWorker
        /// The process that cuts dies, and no single file is at fault.
        case crashed
    }

    package let code: Code
    package let message: String
    package let hint: String?
    /// For the log, not for strangers.
    package let detail: String?

    private init(_ code: Code, _ message: String, hint: String? = nil, detail: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.detail = detail
    }

    /// Whether the cutting itself failed, rather than what was to be cut.
    var isOfTheWorker: Bool {
        switch code {
        case .tookTooLong, .noWorker, .crashed, .notWritten, .cancelled: true
        case .nothingCut, .attributeTaken, .nothingAsked, .tooMany, .tooLarge, .unknownRelation, .busy: false
        }
    }

    /// Safe for strangers.
    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}

// MARK: - All wording

extension CutMergeError {
    static func nothingCut(_ rows: [ManifestRow]) -> Self {
        guard let first = rows.first else { return Self(.nothingCut, "no row was asked for") }
        let reason = first.reason.isEmpty ? first.status.rawValue : first.reason
        return Self(
            .nothingCut, rows.count == 1 ? "the row could not be cut: \(reason)" : "none of the \(rows.count) rows could be cut: \(reason)")
    }

    static var nothingAsked: Self {
        Self(.nothingAsked, "no row was asked for", hint: "name a selection or the ids of rows")
    }

    static func tooMany(limit: Int) -> Self {
        Self(
            .tooMany, "more objects were asked for than the \(limit) that one product may hold",
            hint: "ask for them in parts, or narrow the query down")
    }

    static func tooLarge(limit: Int) -> Self {
        Self(
            .tooLarge, "the product would have more than the \(limit) bytes that one may have",
            hint: "ask for the objects in parts, or narrow the query down")
    }

    static func unknownRelation(_ name: String, known: [String]) -> Self {
        Self(
            .unknownRelation, "unknown relation \"\(name)\" of the rows asked for",
            hint: known.isEmpty ? "their tables have none" : "known are \(known.joined(separator: ", "))")
    }

    static func busy(waiting: Int) -> Self {
        Self(.busy, "\(waiting) products wait to be made already", hint: "try again in a minute")
    }

    static var cancelled: Self {
        Self(.cancelled, "the making of the product was cancelled")
    }

    static func notWritten(_ error: HDF5Error) -> Self {
        Self(.notWritten, error.message, hint: error.hint, detail: error.detail)
    }

    static func attributeTaken(_ name: String) -> Self {
        Self(.attributeTaken, "the product's attribute \"\(name)\" is given twice", hint: "name the credit differently")
    }

    /// The folder of products can't be written to.
    static func noFolder(_ reason: String) -> Self {
        Self(.notWritten, "the product can't be written: \(reason)", detail: "the folder of products can't be used: \(reason)")
    }

    static func tookTooLong(_ limit: Duration) -> Self {
        Self(
            .tookTooLong, "the product took longer than the \(limit.components.seconds) s that one may take",
            hint: "ask for the objects in parts")
    }

    static func noWorker(_ reason: String) -> Self {
        Self(
            .noWorker, "the product can't be made just now", hint: "try again later",
            detail: "no worker could be started: \(reason)")
    }

    static var crashed: Self {
        Self(
            .crashed, "the product could not be made: its making was broken off twice, and no single data file is at fault",
            hint: "try again later, or ask for the objects in parts")
    }
}
