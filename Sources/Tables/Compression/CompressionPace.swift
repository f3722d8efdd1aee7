/// Decides by what was measured whether compressing a stream pays: on a slow network it does, on a fast one the compressor would be the brake.
///
/// It starts with compressing. Pure: whoever sends the parts tells how long each took.
package struct CompressionPace: Sendable {
    /// Bytes between two decisions.
    private static let window = 1 << 20
    /// Bytes a second below which a reader is slow.
    private static let slow = 20_000_000.0

    /// Whether bytes should pass as they are.
    package private(set) var isStoring = false
    private var bytes = 0
    private var compressing = Duration.zero
    private var waiting = Duration.zero
    private var working = Duration.zero

    package init() {}

    /// Takes what became of one part.
    ///
    /// - Parameters:
    ///   - bytes: its length before compression.
    ///   - working: how long it took to make it.
    ///   - compressing: how long it took to compress it.
    ///   - waiting: how long the reader let it wait.
    package mutating func note(bytes: Int, working: Duration, compressing: Duration, waiting: Duration) {
        self.bytes += bytes
        self.working += working
        self.compressing += compressing
        self.waiting += waiting
        guard self.bytes >= Self.window else { return }
        let all = self.working + self.compressing + self.waiting
        if isStoring {
            let seconds = Double(all.components.seconds) + Double(all.components.attoseconds) * 1e-18
            let isReaderSlow = self.waiting * 2 > all && Double(self.bytes) < Self.slow * seconds
            if isReaderSlow { isStoring = false }
        } else if self.waiting * 4 < self.compressing {
            isStoring = true
        }
        (self.bytes, self.working, self.compressing, self.waiting) = (0, .zero, .zero, .zero)
    }
}
