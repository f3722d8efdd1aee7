/// Where a node stands in the query's text: byte offsets into its UTF-8, the end excluded.
///
/// Any two spans compare equal and add nothing to a hash. So two trees are equal when they say the same, wherever
/// their texts put it; to compare places, compare ``start`` and ``end``.
package struct TextSpan: Hashable, Sendable {
    // 32 bits hold any text within ``ParserLimits``; a tree has one span for each node, so size counts.
    private let lower: UInt32
    private let upper: UInt32

    package init(_ start: Int, _ end: Int) {
        lower = UInt32(clamping: start)
        upper = UInt32(clamping: max(start, end))
    }

    /// For nodes that were made without a text.
    package static let none = TextSpan(0, 0)

    package var start: Int { Int(lower) }
    package var end: Int { Int(upper) }

    /// From the start of this one to the end of the other.
    package func through(_ other: TextSpan) -> TextSpan { TextSpan(start, other.end) }

    package static func == (_: TextSpan, _: TextSpan) -> Bool { true }
    package func hash(into _: inout Hasher) {}
}
