import TAP
import Testing

@Suite("The rows of a result")
struct RowLimitTests {
    private let settings = QueryService.Settings(
        baseURL: "https://archive.example", defaultMAXREC: 10, hardMAXREC: 100, timeLimit: .seconds(1))

    @Test("are limited by whoever says the least, and the limit knows who that was")
    func origin() {
        let cases: [(asked: Int?, rows: Int, origin: RowLimit.Origin)] = [
            (nil, 10, .byDefault), (0, 0, .request), (5, 5, .request), (100, 100, .request), (101, 100, .hard), (.max, 100, .hard),
        ]
        for (asked, rows, origin) in cases {
            let limit = RowLimit(asked: asked, settings)
            #expect(limit.rows == rows && limit.origin == origin, "MAXREC \(asked.map(String.init) ?? "absent")")
        }
    }
}
