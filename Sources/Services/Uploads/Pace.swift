/// How slowly bytes may come while a thread waits for them: a client that drips must not hold one for long.
struct Pace: Sendable {
    /// Time that may pass before the rate counts.
    var grace: Duration
    /// The least average beyond it.
    var bytesPerSecond = 10_000.0

    /// - Parameters:
    ///   - bytes: that have come in all.
    ///   - waited: time that was spent waiting for them, and for nothing else.
    func isTooSlow(bytes: Int, waited: Duration) -> Bool {
        waited > grace && Double(bytes) < (waited - grace) / .seconds(1) * bytesPerSecond
    }
}
