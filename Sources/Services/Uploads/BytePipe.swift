import Foundation
import NIOCore
import TableInput

/// Bytes on their way from a task that gets them to a thread that reads them, a bounded number at a time.
// @unchecked: all state is guarded by `condition`.
final class BytePipe: ByteSource, @unchecked Sendable {
    private let condition = NSCondition()
    private var chunks: [ByteBuffer] = []
    /// Index of the next chunk to read: taking from the front stays constant time.
    private var next = 0
    private var waitingBytes = 0
    private var received = 0
    /// Time that the reader has spent waiting for bytes.
    private var waited = Duration.zero
    private var stalled = false
    private var isEnded = false
    private var isClosed = false
    /// Why no more comes, when that is no good end.
    private var failure: (any Error)?
    private var writer: CheckedContinuation<Void, Never>?

    private let capacity: Int
    private let stall: Duration
    private let pace: Pace
    private let budget: ByteBudget

    /// - Parameters:
    ///   - capacity: bytes that may wait; the writer waits beyond.
    ///   - stall: how long the reader waits for the next byte, and in all before ``Pace`` is asked for.
    ///   - budget: how many bytes may come in all.
    init(capacity: Int, stall: Duration, budget: ByteBudget) {
        self.capacity = capacity
        self.stall = stall
        pace = Pace(grace: stall)
        self.budget = budget
    }

    /// Bytes that wait to be read.
    var waiting: Int { condition.withLock { waitingBytes } }

    /// Chunks in which they lie.
    var waitingChunks: Int { condition.withLock { chunks.count - next } }

    /// The reader has given up, since bytes came too slowly or not at all.
    var hasStalled: Bool { condition.withLock { stalled } }

    /// Nobody reads any more.
    var hasClosed: Bool { condition.withLock { isClosed } }

    /// Small pieces are put together up to so many bytes.
    private static let chunkSize = 64 * 1024

    // MARK: - The writing side

    /// Waits while enough bytes lie in the pipe.
    ///
    /// - Returns: false when nobody reads any more.
    func write(_ buffer: ByteBuffer, mayWait: Bool = true) async -> Bool {
        guard put(buffer) else { return false }
        if mayWait { await room() }
        return true
    }

    /// Takes bytes without waiting.
    func fill(_ buffer: ByteBuffer) {
        _ = put(buffer)
    }

    /// The same on a thread that may block.
    func writeBlocking(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard put(ByteBuffer(bytes: bytes)) else { return false }
        return condition.withLock {
            while waitingBytes > capacity, !isClosed { condition.wait() }
            return !isClosed
        }
    }

    /// Nothing more comes: all is well, or a failure that the reader gets.
    func end(_ failure: (any Error)? = nil) {
        condition.withLock {
            guard !isEnded else { return }
            isEnded = true
            self.failure = self.failure ?? failure
            condition.broadcast()
        }
    }

    private func put(_ buffer: ByteBuffer) -> Bool {
        condition.withLock {
            guard !isClosed, failure == nil else { return false }
            guard budget.spend(buffer.readableBytes) else {
                failure = UploadError.tooManyBytes(limit: budget.limit)
                isEnded = true
                condition.broadcast()
                return false
            }
            append(buffer)
            waitingBytes += buffer.readableBytes
            received += buffer.readableBytes
            condition.broadcast()
            return true
        }
    }

    /// Under the lock.
    private func append(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        let last = chunks.count - 1
        if last >= next, chunks[last].writerIndex + buffer.readableBytes <= Self.chunkSize {
            chunks[last].writeImmutableBuffer(buffer)
        } else {
            chunks.append(buffer)
        }
    }

    /// Under the lock.
    private func removeFirstChunk() {
        chunks[next] = ByteBuffer()
        next += 1
        guard next == chunks.count || next > 1024 && next * 2 > chunks.count else { return }
        chunks.removeFirst(next)
        next = 0
    }

    private func room() async {
        await withCheckedContinuation { continuation in
            let waits = condition.withLock {
                guard waitingBytes > capacity, !isClosed else { return false }
                writer = continuation
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    // MARK: - The reading side

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let (count, writer): (Int, CheckedContinuation<Void, Never>?) = try condition.withLock {
            try waitForBytes()
            if let failure { throw failure }
            // What was closed has lost its bytes: its end is no good one.
            guard !isClosed else { throw UploadError.brokenOff }
            guard next < chunks.count else { return (0, nil) }
            let count = min(buffer.count, chunks[next].readableBytes)
            chunks[next].readWithUnsafeReadableBytes { bytes in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
                return count
            }
            if chunks[next].readableBytes == 0 { removeFirstChunk() }
            waitingBytes -= count
            guard waitingBytes <= capacity / 2 else { return (count, nil) }
            defer { self.writer = nil }
            condition.broadcast()
            return (count, self.writer)
        }
        writer?.resume()
        return count
    }

    /// Under the lock.
    private func waitForBytes() throws {
        guard next == chunks.count, !isEnded, !isClosed else { return }
        let start = ContinuousClock.now
        let deadline = Date(timeIntervalSinceNow: stall / .seconds(1))
        var isInTime = true
        while next == chunks.count, !isEnded, !isClosed, isInTime { isInTime = condition.wait(until: deadline) }
        waited += ContinuousClock.now - start
        // Once all is here it no longer matters how long it took.
        guard !isEnded, !isClosed, next == chunks.count || pace.isTooSlow(bytes: received, waited: waited) else { return }
        stalled = true
        isEnded = true
        failure = UploadError.stalled
    }

    /// Nobody reads any more; writers are let go.
    func close() {
        let writer = condition.withLock {
            isClosed = true
            chunks.removeAll()
            next = 0
            waitingBytes = 0
            condition.broadcast()
            defer { self.writer = nil }
            return self.writer
        }
        writer?.resume()
    }
}

/// How many bytes may still come, over all tables of a request.
final class ByteBudget: @unchecked Sendable {
    // @unchecked: guarded by `lock`.
    private let lock = NSLock()
    private var spent = 0
    let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// False when that is more than there was.
    func spend(_ bytes: Int) -> Bool {
        lock.withLock {
            spent += bytes
            return spent <= limit
        }
    }
}

/// A source of which so much is read at most: what a small upload unpacks to can be of any size.
final class LimitedSource: ByteSource {
    private let source: any ByteSource
    private let budget: ByteBudget

    init(_ source: any ByteSource, budget: ByteBudget) {
        self.source = source
        self.budget = budget
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: buffer)
        guard budget.spend(count) else { throw UploadError.tooManyBytes(limit: budget.limit) }
        return count
    }
}
