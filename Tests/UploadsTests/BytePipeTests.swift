import Foundation
import NIOCore
import TableInput
import Testing

@testable import Uploads

@Suite("Bytes on their way to a thread")
struct BytePipeTests {
    private func pipe(stall: Duration = .seconds(30)) -> BytePipe {
        BytePipe(capacity: 1 << 20, stall: stall, budget: ByteBudget(limit: 1 << 30))
    }

    private func read(_ pipe: BytePipe, _ count: Int = 1000) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { try pipe.read(into: $0) }
        return Array(bytes[..<read])
    }

    @Test("that was closed after its good end has no good end")
    func closed() throws {
        let pipe = pipe()
        pipe.fill(ByteBuffer(string: "abcd"))
        pipe.end()
        #expect(try read(pipe, 2) == Array("ab".utf8))
        pipe.close()
        #expect(throws: UploadError.brokenOff) { try read(pipe) }
    }

    @Test("come out as they went in, and small pieces lie together")
    func pieces() throws {
        let pipe = pipe()
        let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var got: [UInt8] = []
        for (number, start) in stride(from: 0, to: sent.count, by: 3).enumerated() {
            pipe.fill(ByteBuffer(bytes: sent[start..<min(start + 3, sent.count)]))
            if number % 5 == 0 { got += try read(pipe, 7) }
        }
        #expect(pipe.waitingChunks <= 5 && pipe.waiting == sent.count - got.count)
        pipe.end()
        while true {
            let bytes = try read(pipe, 5000)
            if bytes.isEmpty { break }
            got += bytes
        }
        #expect(got == sent)
    }

    @Test("must come at a least rate after a while, and only waiting counts")
    func pace() {
        let pace = Pace(grace: .seconds(60))
        #expect(!pace.isTooSlow(bytes: 0, waited: .seconds(60)))
        #expect(pace.isTooSlow(bytes: 9_999, waited: .seconds(61)))
        #expect(!pace.isTooSlow(bytes: 10_000, waited: .seconds(61)))
        #expect(pace.isTooSlow(bytes: 1_000_000, waited: .seconds(161)))
    }

    @Test("that drip are given up although none is late")
    func drip() async {
        let pipe = pipe(stall: .milliseconds(300))
        let writer = Task {
            // Ends well in the end, so that a reader that waits for all is seen.
            for _ in 0..<200 {
                pipe.fill(ByteBuffer(string: " "))
                try? await Task.sleep(for: .milliseconds(10))
            }
            pipe.end()
        }
        let failure: (any Error)? = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do {
                    while try !read(pipe).isEmpty {}
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
        #expect(failure as? InputError == UploadError.stalled && pipe.hasStalled)
        #expect(await !pipe.write(ByteBuffer(string: "x")))
        await writer.value
    }
}
