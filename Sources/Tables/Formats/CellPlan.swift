import TableModel

/// What to do with each cell of one column, decided once per result.
///
/// Plain data without references, so that the loop over cells counts none.
struct CellPlan {
    enum Kind {
        case int2, int4, int8, float4, float8
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
    /// Whether texts are written as UTF-16.
    var isUnicode = false
    /// Bytes of a number, of an element, or of a fixed text.
    var width = 0
    var count = -1
    /// What an array holds.
    var element = Kind.float8
    var tag = TableTag(rawValue: 0)
    /// Whether the row that the cell names can be marked here.
    var isMarkable = false

    init(_ type: ValueType) {
        switch type {
        case .boolean: kind = .boolean
        case .smallint: (kind, width) = (.int2, 2)
        case .integer: (kind, width) = (.int4, 4)
        case .bigint: (kind, width) = (.int8, 8)
        case .real: (kind, width) = (.float4, 4)
        case .double: (kind, width) = (.float8, 8)
        case .char(let length): (kind, width) = (.fixedText, length)
        case .varchar, .moc, .null: kind = .text
        case .timestamp: kind = .timestamp
        case .blob: kind = .bytes
        case .array(let element, let length):
            (kind, width, count, self.element) = (.array, element.width, length ?? -1, Kind(element))
        case .point: (kind, width, count) = (.array, 8, 2)
        case .circle: (kind, width, count) = (.array, 8, 3)
        case .polygon: (kind, width) = (.array, 8)
        case .rowIdentifier(let tag): (kind, self.tag) = (.rowIdentifier, tag)
        case .accessURL(let tag): (kind, self.tag) = (.accessURL, tag)
        }
    }

    /// Whether the elements of the array are floating numbers.
    var isFloating: Bool { element == .float4 || element == .float8 }

    /// The most bytes that a cell takes in BINARY2 beyond the bytes of its field.
    func binaryOverhead(urlCount: Int) -> Int {
        switch kind {
        case .int2, .int4, .int8, .float4, .float8: width
        case .boolean: 1
        case .text, .bytes: 4
        case .fixedText: 2 * width
        case .timestamp: 4 + Timestamp.maximumCount
        case .array: 4 + max(0, count) * width
        case .rowIdentifier: 36
        case .accessURL: 4 + urlCount
        }
    }
}

extension CellPlan.Kind {
    init(_ element: ValueType.Element) {
        switch element {
        case .smallint: self = .int2
        case .integer: self = .int4
        case .bigint: self = .int8
        case .real: self = .float4
        case .double: self = .float8
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
