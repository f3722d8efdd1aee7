import TableModel

/// What to do with each cell of one column, decided once per result.
///
/// Plain data without references, so that the loop over cells counts none.
struct CellPlan {
    enum Kind {
        /// Bytes that PostgreSQL and VOTable write alike: `width` of them.
        case number
        case boolean
        /// Text of any length.
        case text
        /// Text of exactly `width` bytes.
        case fixedText
        case timestamp
        case bytes
        /// Numbers of `width` bytes each; exactly `count` of them, or any number when `count` is negative.
        case array
        case rowIdentifier
        case accessURL
    }

    let kind: Kind
    var width = 0
    var count = -1
    var isFloating = false
    var tag = TableTag(rawValue: 0)

    init(_ type: ValueType) {
        switch type {
        case .boolean: kind = .boolean
        case .smallint: (kind, width) = (.number, 2)
        case .integer: (kind, width) = (.number, 4)
        case .bigint: (kind, width) = (.number, 8)
        case .real: (kind, width, isFloating) = (.number, 4, true)
        case .double: (kind, width, isFloating) = (.number, 8, true)
        case .char(let length): (kind, width) = (.fixedText, length)
        case .varchar, .moc, .null: kind = .text
        case .timestamp: kind = .timestamp
        case .blob: kind = .bytes
        case .array(let element, let length):
            (kind, width, count, isFloating) = (.array, element.width, length ?? -1, element == .real || element == .double)
        case .point: (kind, width, count, isFloating) = (.array, 8, 2, true)
        case .circle: (kind, width, count, isFloating) = (.array, 8, 3, true)
        case .polygon: (kind, width, count, isFloating) = (.array, 8, -1, true)
        case .rowIdentifier(let tag): (kind, self.tag) = (.rowIdentifier, tag)
        case .accessURL(let tag): (kind, self.tag) = (.accessURL, tag)
        }
    }

    /// The most bytes that a cell takes in BINARY2 beyond the bytes of its field.
    func binaryOverhead(urlCount: Int) -> Int {
        switch kind {
        case .number: width
        case .boolean: 1
        case .text, .bytes: 4
        case .fixedText: width
        case .timestamp: 4 + Timestamp.maximumCount
        case .array: 4 + max(0, count) * width
        case .rowIdentifier: 36
        case .accessURL: 4 + urlCount
        }
    }
}

/// The text around a row's identifier in its access_url: `{base}/datalink?id=` and `&clientId=<uuid>`.
package struct AccessURLForm: Hashable, Sendable {
    package var prefix: String
    package var suffix: String

    package init(prefix: String, suffix: String) {
        self.prefix = prefix
        self.suffix = suffix
    }
}
