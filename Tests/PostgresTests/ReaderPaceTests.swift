import Testing

@testable import Postgres

@Suite("The pace of a reader")
struct ReaderPaceTests {
    private func pace(after batches: [(bytes: Int, milliseconds: Int64)]) -> ReaderPace {
        var pace = ReaderPace()
        for batch in batches { pace.note(bytes: batch.bytes, nanoseconds: batch.milliseconds * 1_000_000) }
        return pace
    }

    @Test("is fast only once a megabyte has been taken quickly")
    func proof() {
        #expect(!pace(after: Array(repeating: (65_536, 1), count: 10)).isFast)
        #expect(pace(after: Array(repeating: (65_536, 1), count: 20)).isFast)
    }

    @Test("stays fast over a moment's pause, and not over a long one")
    func pause() {
        let quick = Array(repeating: (bytes: 65_536, milliseconds: Int64(1)), count: 100)
        #expect(pace(after: quick + [(65_536, 50)]).isFast)
        let away = pace(after: quick + [(65_536, 6000)])
        #expect(!away.isFast && away.isSlow)
        #expect(!pace(after: quick + [(65_536, 6000), (16_384, 1)]).isSlow)
    }

    @Test("of ten kilobytes a second is never fast, whatever the batch")
    func slow() {
        for bytes in [1000, 16_384, 65_536, 1_000_000] {
            #expect(!pace(after: Array(repeating: (bytes, Int64(bytes / 10)), count: 200)).isFast)
        }
    }
}
