/// Whether the reader of a stream keeps up with PostgreSQL, told from how long it is busy with each batch.
///
/// A budget of time: each byte adds what it takes at 8 MB/s, the time until the reader comes back is taken away. Who has a tenth of a
/// second in hand is fast, so the first megabyte proves nobody fast: that much fits into the sockets' buffers on the way to a slow one.
struct ReaderPace {
    private static let nanosecondsPerByte: Int64 = 125
    private static let proof: Int64 = 100_000_000
    private static let most: Int64 = 200_000_000
    private static let long: Int64 = 100_000_000

    private var inHand: Int64 = 0
    /// The stream may wait for more bytes and fetch them all at once.
    var isFast: Bool { inHand >= Self.proof }
    /// The reader was away for so long that large batches would only lie about in memory.
    private(set) var isSlow = false

    /// - Parameters:
    ///   - bytes: of the last batch.
    ///   - nanoseconds: until the reader came back for more.
    mutating func note(bytes: Int, nanoseconds: Int64) {
        inHand = min(Self.most, max(0, inHand + Int64(bytes) * Self.nanosecondsPerByte - nanoseconds))
        isSlow = nanoseconds > Self.long
    }
}
